"""The cells of a CSV file: what separates them, and whether its first rows name and fill each column."""

import csv
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..errors import BadInput

csv.field_size_limit(sys.maxsize)  # a cell may hold a whole document


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
    if twins := [name for name, times in Counter(header).items() if times > 1 or not name]:
        raise BadInput(f"{where}: column {twins[0]!r} has no name of its own; give it one, or drop it")


def refuse_mark_at_end(header: list[str], first: list[tuple[int, list[str]]], mark: str, where: str) -> None:
    """Raise BadInput where the first row has an empty cell at its end that the header does not name."""
    for line, row in first:
        if not row[-1].strip() and (len(row) > len(header) or not header[-1]):
            raise BadInput(
                f"{where}, line {line}: ends with {mark!r}, as if a column came after it; take it away everywhere"
            )


def refuse_wide(numbered: Iterable[tuple[int, list[str]]], width: int, where: str) -> None:
    """Raise BadInput for a row with more cells than names: of a first one, pandas would take a cell for its name."""
    for line, row in numbered:
        if len(row) > width:
            raise BadInput(f"{where}, line {line}: {len(row)} cells, {width} of them named; name every column")


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
