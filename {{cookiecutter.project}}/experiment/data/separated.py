"""Reading a CSV file, and refusing what pandas would read as something else without a word."""

import csv
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

import pandas as pd

from ..errors import BadInput

MARKS = ",;\t|"
LOOKED_AT = 20  # rows, to find the separator by

csv.field_size_limit(sys.maxsize)  # a cell may hold a whole document


def read(path: Path, where: str) -> pd.DataFrame:
    """The table, its columns named as in its first row. Raises BadInput naming the line that is wrong."""
    try:
        mark = separator({mark: [row for _, row in islice(rows(path, mark), LOOKED_AT)] for mark in MARKS}, where)
        (line, header), *first = islice(rows(path, mark), 2)
        header = [cell.strip() for cell in header]
        refuse_wide(header, first, mark, where)
        refuse_header(header, f"{where}, line {line}")
        frame = parsed(path, mark)
        refuse_narrow(path, mark, frame, where)
        refuse_huge(path, mark, frame, where)
    except UnicodeDecodeError:
        line, byte = undecodable(path)
        raise BadInput(f"{where}, line {line}: byte {byte:#x} is not UTF-8; unpack it, or save it as UTF-8") from None
    return frame.set_axis(header, axis=1)


def rows(path: Path, mark: str) -> Iterator[tuple[int, list[str]]]:
    """The cells of each row but blank ones, with the number of the line where it ends."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.reader(file, delimiter=mark)
        for row in lines:
            if len(row) > 1 or "".join(row).strip():
                yield lines.line_num, row


def separator(first: dict[str, list[list[str]]], where: str) -> str:
    """What stands between the cells: the one mark that cuts the first rows into as many cells, more than one.

    first: by each mark, the first rows as it cuts them.
    Raises BadInput where two marks do, or where none does although the header holds some.
    """
    if not first[","]:
        raise BadInput(f"{where}: is empty")
    widths = {mark: {len(row) for row in rows} for mark, rows in first.items()}
    even = [mark for mark, cells in widths.items() if len(cells) == 1 and cells != {1}]
    if len(even) > 1:
        both = " as well as by ".join(map(repr, even))
        raise BadInput(f"{where}: can be read with its columns separated by {both}; save it with commas, and quotes")
    if not even and max(widths[","]) == 1 and (marks := re.findall(r"[;\t|]", first[","][0][0])):
        cells = " and ".join(map(str, sorted(widths[marks[0]])))
        raise BadInput(f"{where}: separated by {marks[0]!r}, rows have {cells} cells; give all as many, or save as CSV")
    return even[0] if even else ","


def refuse_header(header: list[str], where: str) -> None:
    """Raise BadInput for a first row that does not name each column."""
    if all(is_number(cell) for cell in header):
        raise BadInput(f"{where}: {header[0]}, … are values; put a line with the columns' names before it")
    if twins := [name for name in header if header.count(name) > 1 or not name]:
        raise BadInput(f"{where}: column {twins[0]!r} has no name of its own; give it one, or drop it")


def refuse_wide(header: list[str], first: list[tuple[int, list[str]]], mark: str, where: str) -> None:
    """Raise BadInput where the first row has more cells than there are names: pandas would take one for its name."""
    for line, row in first:
        if not row[-1].strip() and (len(row) > len(header) or not header[-1]):
            raise BadInput(
                f"{where}, line {line}: ends with {mark!r}, as if a column came after it; take it away everywhere"
            )
        if len(row) > len(header):
            raise BadInput(f"{where}, line {line}: {len(row)} cells, {len(header)} of them named; name every column")


def parsed(path: Path, mark: str) -> pd.DataFrame:
    """What pandas reads. Each column has one type, whichever way the file is cut into pieces."""
    with warnings.catch_warnings(action="error", category=pd.errors.DtypeWarning):
        try:
            return pd.read_csv(path, sep=mark)
        except pd.errors.DtypeWarning:  # 1 in one piece and "1" in the next would be two classes
            return pd.read_csv(path, sep=mark, low_memory=False)


def refuse_narrow(path: Path, mark: str, frame: pd.DataFrame, where: str) -> None:
    """Raise BadInput for a row with fewer cells than the header: pandas fills them up at their end with empty ones."""
    if not frame.iloc[:, -1].isna().any():
        return
    width, cells = frame.shape[1], rows(path, mark)
    for line, row in cells:
        if len(row) < width:
            fix = "the file is cut off, copy it again" if next(cells, None) is None else "give each row as many"
            raise BadInput(f"{where}, line {line}: {len(row)} cells of {width}; {fix}")


def refuse_huge(path: Path, mark: str, frame: pd.DataFrame, where: str) -> None:
    """Raise BadInput for whole numbers that are more than 64 bits hold: pandas makes texts of them, of gaps as well."""
    for place, kind in enumerate(frame.dtypes):
        texts = frame.iloc[:, place].replace("", None).dropna()
        if kind != "str" or texts.empty or not is_number(texts.iloc[0]):
            continue
        with suppress(ValueError):  # other texts too
            pd.read_csv(path, sep=mark, usecols=[place], dtype="float64")
            problem = f"column {frame.columns[place]} holds {max(texts, key=len)}, a number too large to be exact"
            raise BadInput(f"{where}: {problem}; drop it, or put a letter before each to make texts of them")


def undecodable(path: Path) -> tuple[int, int]:
    """The first line that is not UTF-8, and the byte there that is wrong."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                line.decode()
            except UnicodeDecodeError as error:
                return number, line[error.start]
    raise ValueError(f"{path}: all of it is UTF-8")


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
