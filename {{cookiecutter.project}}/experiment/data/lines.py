"""Lines of a CSV file that pandas would read as something else: by their ends, too few cells, too large numbers."""

import csv
from contextlib import suppress
from pathlib import Path

import pandas as pd

from ..errors import BadInput
from .cells import is_number, rows


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


def refuse_narrow(path: Path, mark: str, width: int, length: int, where: str) -> None:
    """Raise BadInput for a row with fewer cells than the header: pandas fills them up at their end with empty ones.

    Rows with more cells are refused by now, so where the file has the right number of marks each row has.
    """
    if marks(path, mark) == (length + 1) * (width - 1):
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
