"""The lines of a CSV file: how they end, and whether each has as many cells."""

import csv
from pathlib import Path

from ..errors import BadInput
from .cells import rows


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
