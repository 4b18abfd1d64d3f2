"""Reading a table from a path or an address, and refusing what is no table."""

import csv
import io
import re
from pathlib import Path

import pandas as pd

from ..errors import BadInput
from .uris import public

LOOKED_AT = 20  # lines, to find the separator by


def fetch(uri: str) -> bytes:
    """All bytes of a local path or any address that fsspec knows. Raises BadInput when it cannot be had."""
    try:
        if "://" not in uri:
            return Path(uri).read_bytes()
        import fsspec

        with fsspec.open(uri, "rb") as file:
            return file.read()
    except Exception as error:  # each file system raises its own kinds; all mean: no data
        cause = error.__cause__ or error  # fsspec says "not found" of a certificate that is not trusted
        reason = str(cause).replace(uri, public(uri)) or type(cause).__name__
        raise BadInput(f"--data {public(uri)}: cannot be read: {reason}") from None


def read(uri: str) -> pd.DataFrame:
    """A CSV or, by its first bytes, a Parquet file as a table. Raises BadInput naming what is wrong with it."""
    raw, where = fetch(uri), f"--data {public(uri)}"
    try:
        if raw[:4] == b"PAR1":
            from fastparquet import ParquetFile

            frame = ParquetFile(io.BytesIO(raw)).to_pandas(index=False)
        else:
            content = raw.decode("utf-8-sig").strip("\r\n")
            mark = separator(content, where)
            refuse_what_pandas_would_guess(content, mark, where)
            frame = pd.read_csv(io.BytesIO(raw), sep=mark)
    except BadInput:
        raise
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        byte = f"{raw[error.start]:#x}"
        raise BadInput(f"{where}, line {line}: byte {byte} is not UTF-8; unpack it, or save it as UTF-8") from None
    except Exception as error:  # pandas and fastparquet raise many kinds; all mean: damaged
        raise BadInput(f"{where}: no CSV or Parquet table, or a damaged one: {error or type(error).__name__}") from None
    if frame.empty:
        raise BadInput(f"{where}: has no rows")
    if not isinstance(frame.index, pd.RangeIndex):  # pandas takes a cell too many for the row's name
        raise BadInput(f"{where}: its rows have more cells than its header has names; name every column")
    # Row names that pandas wrote for itself are nothing to learn from.
    return frame.filter(regex=r"^(?!__index_level_\d+__$)").rename(columns=lambda name: str(name).strip())


def separator(content: str, where: str) -> str:
    """What stands between the cells: the one mark that cuts the first rows into as many cells, more than one.

    Raises BadInput where two marks do, or where none does although the header holds some.
    """
    first = content.split("\n", LOOKED_AT)[:LOOKED_AT]
    widths = {mark: {len(row) for row in csv.reader(first, delimiter=mark) if row} for mark in ",;\t|"}
    even = [mark for mark, cells in widths.items() if len(cells) == 1 and cells != {1}]
    if len(even) > 1:
        both = " as well as by ".join(map(repr, even))
        raise BadInput(f"{where}: can be read with its columns separated by {both}; save it with commas, and quotes")
    if not even and max(widths[","], default=1) == 1 and (marks := re.findall(r"[;\t|]", first[0])):
        cells = " and ".join(map(str, sorted(widths[marks[0]])))
        raise BadInput(f"{where}: separated by {marks[0]!r}, rows have {cells} cells; give all as many, or save as CSV")
    return even[0] if even else ","


def refuse_what_pandas_would_guess(content: str, mark: str, where: str) -> None:
    """Raise BadInput for what pandas would read without a word: no header, twins in it, a last line cut off."""
    first, last = content.split("\n", 1)[0], content.rsplit("\n", 1)[-1]
    if not first.strip():
        raise BadInput(f"{where}: is empty")
    header, end = ([cell.strip() for cell in next(csv.reader([line], delimiter=mark))] for line in (first, last))
    if all(is_number(cell) for cell in header):
        raise BadInput(f"{where}, line 1: {header[0]}, … are values; put a line with the columns' names before it")
    if twins := [name for name in header if header.count(name) > 1 or not name]:
        raise BadInput(f"{where}, line 1: column {twins[0]!r} has no name of its own; give it one, or drop it")
    # A quoted cell may span lines, so a last line with quotes is no proof of a cut.
    if len(end) < len(header) and '"' not in last:
        line = content.count("\n") + 1
        raise BadInput(f"{where}, line {line}: {len(end)} cells of {len(header)}; the file is cut off, copy it again")


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
