"""Any table that a frame can hold, written by others in every way they know, comes back as it was, or is refused."""

import csv
import io

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from ..properties import tried

many = tried(60)
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8)
VALUES = {
    pa.bool_(): st.booleans(),
    pa.float32(): st.floats(width=32),
    pa.float64(): st.floats(),
    pa.string(): WORDS,
    pa.int8(): st.integers(-(2**7), 2**7 - 1),
    pa.int32(): st.integers(-(2**31), 2**31 - 1),
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.uint8(): st.integers(0, 2**8 - 1),
    pa.uint64(): st.integers(0, 2**64 - 1),
}
# Why a table of this kind may be refused
REASONS = (
    "is empty in every row",
    "has no name of its own",
    "are values; put a line with the columns' names",
    "can be read with its columns separated by",
    "a number too large to be exact",
)


def encodings(kind: pa.DataType) -> list[str]:
    """How a page of Parquet may have such values, besides by a dictionary."""
    if pa.types.is_boolean(kind):
        return ["PLAIN", "RLE"]
    if pa.types.is_string(kind):
        return ["PLAIN", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"]
    return ["PLAIN", "BYTE_STREAM_SPLIT", *(["DELTA_BINARY_PACKED"] if pa.types.is_integer(kind) else [])]


def told_in_csv(text: str) -> bool:
    """Is it told from a number, a truth and a gap? A CSV has them all as text."""
    quoted = text.replace('"', '""')
    read = pd.read_csv(io.StringIO(f'a,b\n"{quoted}",1\n'))
    return read.a.dtype == "str" and read.a[0] == text


CSV_WORDS = WORDS.filter(told_in_csv)


@st.composite
def tables(draw, words=WORDS) -> pa.Table:
    """A table of two to six columns and one to sixty rows; some columns have gaps."""
    rows, columns = draw(st.integers(1, 60)), {}
    for name in draw(
        st.lists(words.filter(str.strip), min_size=2, max_size=6, unique_by=lambda name: name.strip().lower())
    ):
        kind = draw(st.sampled_from(list(VALUES)))
        value = words if pa.types.is_string(kind) else VALUES[kind]
        value = value | st.none() if draw(st.booleans()) else value
        columns[name] = pa.array(draw(st.lists(value, min_size=rows, max_size=rows)), kind)
    return pa.table(columns)


def expected(column: pa.ChunkedArray) -> pd.Series:
    """As a model is to have it: numbers as float64, infinite ones as missing."""
    if pa.types.is_string(column.type):
        return pd.Series(column.to_pylist(), dtype="str")
    numbers = pd.Series([np.nan if value is None else float(value) for value in column.to_pylist()])
    return numbers.mask(np.isinf(numbers))


def comes_back(path, table: pa.Table) -> None:
    from experiment import BadInput, Source
    from experiment.data import tables

    try:
        read = Source(str(path)).read(None, missing_ok=True, text_ok=True).X
    except BadInput as error:
        told = [reason for reason in REASONS if reason in str(error)]
        assert told, error
        event(f"refused: {told[0]}")  # --hypothesis-show-statistics counts them
        return
    event("read")
    frame = tables.read(str(path))
    assert list(read) == [name.strip() for name in table.column_names]
    for number, column in enumerate(table.columns):
        found, right = read.iloc[:, number], expected(column)
        if column.type == pa.float32():
            found = found.astype("float32").astype("float64")  # a CSV has as many digits as it takes
        pd.testing.assert_series_equal(found, right, check_names=False, check_exact=True)
        if not (column.null_count or pa.types.is_floating(column.type)):  # a target keeps its type, and all its digits
            assert frame.iloc[:, number].tolist() == column.to_pylist()


@many
@given(st.data())
def test_parquet_by_pyarrow(tmp_path, data):
    table, encoded = data.draw(tables()), data.draw(st.booleans())
    named = {name: data.draw(st.sampled_from(encodings(table[name].type))) for name in table.column_names}
    settings = {
        "use_dictionary": not encoded,
        "column_encoding": named if encoded else None,
        "data_page_version": data.draw(st.sampled_from(["1.0", "2.0"])),
        "version": data.draw(st.sampled_from(["1.0", "2.4", "2.6"])),
        "compression": data.draw(st.sampled_from(["NONE", "SNAPPY", "GZIP", "ZSTD", "LZ4", "BROTLI"])),
        "row_group_size": data.draw(st.sampled_from([7, 1000])),
        "data_page_size": data.draw(st.sampled_from([16, 1_000_000])),
    }
    pyarrow.parquet.write_table(table, tmp_path / "t.parquet", **settings)
    comes_back(tmp_path / "t.parquet", table)


@many
@given(st.data())
def test_parquet_by_duckdb(tmp_path, data):
    table = data.draw(tables())
    settings = {
        "FORMAT": "parquet",
        "PARQUET_VERSION": data.draw(st.sampled_from(["V1", "V2"])),
        "CODEC": data.draw(st.sampled_from(["uncompressed", "snappy", "gzip", "zstd", "lz4_raw", "brotli"])),
        "DICTIONARY_SIZE_LIMIT": data.draw(st.sampled_from([1, 1_000_000])),
    }
    written_by_duckdb(table, tmp_path / "t.parquet", settings)
    comes_back(tmp_path / "t.parquet", table)


@many
@given(st.data())
@pytest.mark.parametrize("writer", ["pandas", "csv", "pyarrow", "duckdb"])
def test_csv(tmp_path, writer, data):
    table, mark, path = data.draw(tables(CSV_WORDS)), data.draw(st.sampled_from(",;\t|")), tmp_path / "t.csv"
    if writer == "pandas":  # which leaves a text with a bare \r without quotes, unless all texts have them
        table.to_pandas().to_csv(path, index=False, sep=mark, quoting=csv.QUOTE_NONNUMERIC)
    elif writer == "csv":
        settings = {
            "quoting": data.draw(st.sampled_from([csv.QUOTE_NONNUMERIC, csv.QUOTE_ALL])),
            "lineterminator": data.draw(st.sampled_from(["\n", "\r\n", "\r"])),
        }
        with path.open("w", newline="", encoding=data.draw(st.sampled_from(["utf-8", "utf-8-sig"]))) as file:
            rows = csv.writer(file, delimiter=mark, **settings)
            rows.writerow(table.column_names)
            rows.writerows(zip(*(column.to_pylist() for column in table.columns), strict=True))
    elif writer == "pyarrow":
        pyarrow.csv.write_csv(table, path, pyarrow.csv.WriteOptions(delimiter=mark))
    else:
        written_by_duckdb(table, path, {"FORMAT": "csv", "DELIMITER": f"'{mark}'"})
    comes_back(path, table)


def written_by_duckdb(table: pa.Table, path, settings: dict) -> None:
    words = ", ".join(f"{name} {value}" for name, value in settings.items())
    with duckdb.connect() as connection:
        connection.register("rows", table)
        connection.execute(f"COPY (FROM rows) TO '{path}' ({words})")
