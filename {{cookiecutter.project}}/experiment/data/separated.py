"""Reading a CSV file, and refusing what pandas would read as something else without a word."""

import csv
import warnings
from contextlib import suppress
from itertools import islice
from pathlib import Path

import pandas as pd

from ..errors import BadInput
from .cells import is_number, refuse_header, refuse_mark_at_end, refuse_wide, rows, separator, undecodable

MARKS = ",;\t|"
LOOKED_AT = 20  # rows, to find the separator by


def read(path: Path, where: str) -> pd.DataFrame:
    """The table, its columns named as in its first row. Raises BadInput naming the line that is wrong."""
    try:
        looked = {mark: list(islice(rows(path, mark), LOOKED_AT)) for mark in MARKS}
        mark = separator({mark: [row for _, row in first] for mark, first in looked.items()}, where)
        (line, header), *first = looked[mark][:2]
        header = [cell.strip() for cell in header]
        refuse_mark_at_end(header, first, mark, where)
        refuse_wide(first, len(header), where)
        refuse_header(header, f"{where}, line {line}")
        if has_bare_returns(path):
            path = rewritten(path, mark)
        frame = parsed(path, mark, len(header), where)
        refuse_narrow(path, mark, frame, where)
        refuse_huge(path, mark, frame, where)
    except UnicodeDecodeError:
        line, byte = undecodable(path)
        raise BadInput(f"{where}, line {line}: byte {byte:#x} is not UTF-8; unpack it, or save it as UTF-8") from None
    return frame.set_axis(header, axis=1)


def has_bare_returns(path: Path) -> bool:
    """Has a file an end of line, or a cell, with a carriage return alone? Then pandas loses cells after blank lines."""
    with path.open("rb") as file:
        blocks = iter(lambda: file.read(1 << 20), b"")
        return any(b"\r" in block and block.count(b"\r") != block.count(b"\r\n") for block in blocks)


def rewritten(path: Path, mark: str) -> Path:
    """The same rows beside the file, each cell in quotes and each line ended as pandas knows it."""
    copy = path.with_name("rows")
    with copy.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=mark, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerows(row for _, row in rows(path, mark))
    return copy


def parsed(path: Path, mark: str, width: int, where: str) -> pd.DataFrame:
    """What pandas reads. Each column has one type, whichever way the file is cut into pieces.

    Raises BadInput for a row with more cells than the header.
    """
    with warnings.catch_warnings(action="error", category=pd.errors.DtypeWarning):
        try:
            return pd.read_csv(path, sep=mark)
        except pd.errors.DtypeWarning:  # 1 in one piece and "1" in the next would be two classes
            return pd.read_csv(path, sep=mark, low_memory=False)
        except pd.errors.ParserError:
            refuse_wide(rows(path, mark), width, where)
            raise


def refuse_narrow(path: Path, mark: str, frame: pd.DataFrame, where: str) -> None:
    """Raise BadInput for a row with fewer cells than the header: pandas fills them up at their end with empty ones.

    Rows with more cells are refused by now, so where the file has the right number of marks each row has.
    """
    width = frame.shape[1]
    if not frame.iloc[:, -1].isna().any() or marks(path, mark) == (len(frame) + 1) * (width - 1):
        return
    cells = rows(path, mark)
    for line, row in cells:
        if len(row) < width:
            fix = "the file is cut off, copy it again" if next(cells, None) is None else "give each row as many"
            raise BadInput(f"{where}, line {line}: {len(row)} cells of {width}; {fix}")


def marks(path: Path, mark: str) -> int | None:
    """How many of these marks a file has; None where some may be part of a quoted cell."""
    found = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            if b'"' in block:
                return None
            found += block.count(mark.encode())
    return found


def refuse_huge(path: Path, mark: str, frame: pd.DataFrame, where: str) -> None:
    """Raise BadInput for whole numbers that are more than 64 bits hold: pandas makes texts of them, of gaps as well."""
    for place in [place for place, kind in enumerate(frame.dtypes) if kind == "str"]:
        texts = frame.iloc[:, place].replace("", None).dropna()
        if texts.empty or not is_number(texts.iloc[0]):
            continue
        with suppress(ValueError):  # other texts too
            pd.read_csv(path, sep=mark, usecols=[place], dtype="float64")
            problem = f"column {frame.columns[place]} holds {max(texts, key=len)}, a number too large to be exact"
            raise BadInput(f"{where}: {problem}; drop it, or put a letter before each to make texts of them")
