"""Reading a table and refusing what is no table: the part of `data` that needs pandas and fsspec."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import numpy as np
import pandas as pd

from .errors import BadInput, nearest


def public(uri: str) -> str:
    """The address without user, password and query, which may hold secrets."""
    parts = urlsplit(uri)
    if not parts.netloc:
        return uri
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def stem(uri: str) -> str:
    """A data set's name: the file's, without folder and ending."""
    return PurePosixPath(urlsplit(uri).path or uri).name.split(".")[0] or "data"


def fetch(uri: str) -> bytes:
    """All bytes of a local path or any address that fsspec knows. Raises BadInput when it cannot be had."""
    try:
        if "://" not in uri:
            return Path(uri).read_bytes()
        import fsspec

        with fsspec.open(uri, "rb") as file:
            return file.read()
    except Exception as error:  # each file system raises its own kinds; all mean: no data
        reason = str(error).replace(uri, public(uri)) or type(error).__name__
        raise BadInput(f"--data {public(uri)}: cannot be read: {reason}") from None


def read(uri: str) -> pd.DataFrame:
    """A CSV or, by its first bytes, a Parquet file as a table. Raises BadInput naming what is wrong with it."""
    raw, where = fetch(uri), f"--data {public(uri)}"
    try:
        if raw[:4] == b"PAR1":
            from fastparquet import ParquetFile

            frame = ParquetFile(io.BytesIO(raw)).to_pandas()
        else:
            refuse_headerless_or_cut(raw, where)
            frame = pd.read_csv(io.BytesIO(raw))
    except BadInput:
        raise
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        byte = f"{raw[error.start]:#x}"
        raise BadInput(f"{where}, line {line}: byte {byte} is not UTF-8; save the file as UTF-8") from None
    except Exception as error:  # pandas and fastparquet raise many kinds; all mean: damaged
        raise BadInput(f"{where}: no CSV or Parquet table, or a damaged one: {error or type(error).__name__}") from None
    if frame.empty:
        raise BadInput(f"{where}: has no rows")
    return frame


def refuse_headerless_or_cut(raw: bytes, where: str) -> None:
    """Raise BadInput for what pandas would read without a word: no header, or a last line cut off."""
    content = raw.decode("utf-8-sig").strip("\r\n")
    first, last = content.split("\n", 1)[0], content.rsplit("\n", 1)[-1]
    if not first.strip():
        raise BadInput(f"{where}: is empty")
    header, end = next(csv.reader([first])), next(csv.reader([last]))
    if all(is_number(cell) for cell in header):
        raise BadInput(f"{where}, line 1: {header[0]}, … are values; put a line with the columns' names before it")
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


def column(frame: pd.DataFrame, name: str, table: str) -> pd.Series:
    """The target column, with a value in each row. Raises BadInput otherwise."""
    if name not in frame:
        hint = nearest(name, [str(column) for column in frame])
        raise BadInput(f"{table}: has no column {name} to predict; name another with --target; {hint}")
    refuse_missing(frame[[name]], table)
    return frame[name]


def pick(frame: pd.DataFrame, columns: Sequence[str], table: str) -> pd.DataFrame:
    """Just these columns. Raises BadInput naming those that are not there."""
    if lacking := [name for name in columns if name not in frame]:
        raise BadInput(f"{table}: lacks the columns {', '.join(lacking)} that the model reads")
    return frame[list(columns)]


def usable(X: pd.DataFrame, table: str, *, missing_ok: bool, text_ok: bool) -> pd.DataFrame:
    """Features as a model can take them: numbers as float64, infinite ones as missing.

    Whole numbers become floats because a later table may have gaps, which integer columns cannot hold,
    and MLflow refuses floats where it once saw integers. Raises BadInput naming the column.
    """
    if X.shape[1] == 0:
        raise BadInput(f"{table}: has no column to learn from")
    X = X.astype({name: "float64" for name in X if pd.api.types.is_numeric_dtype(X[name])})
    X = X.replace([np.inf, -np.inf], np.nan)
    texts = [str(name) for name in X if X[name].dtype != "float64"]
    if empty := [str(name) for name in X if X[name].isna().all()]:
        raise BadInput(f"{table}: column {', '.join(empty)} is empty in every row; drop it")
    if texts and not text_ok:
        value = X[texts[0]].dropna().iloc[0]
        raise BadInput(f"{table}: column {texts[0]} holds {value!r}, not numbers; drop or encode it")
    if not missing_ok:
        refuse_missing(X, table)
    return X


def refuse_missing(frame: pd.DataFrame, table: str) -> None:
    """Raise BadInput naming the first column with an empty cell, and its first such row."""
    for name in frame:
        if (gaps := frame[name].isna()).any():
            row = int(gaps.to_numpy().argmax()) + 1
            raise BadInput(f"{table}: column {name} is empty in {gaps.sum()} rows, first in row {row}; fill or drop it")
