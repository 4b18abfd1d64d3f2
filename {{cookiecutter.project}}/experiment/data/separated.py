"""Reading a CSV file, and refusing what pandas would read as something else without a word."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import pandas as pd

from ..errors import BadInput
from .cells import refuse_header, refuse_mark_at_end, refuse_wide, rows, separator, undecodable
from .lines import has_bare_returns, refuse_huge, refuse_narrow, rewritten
from .pieces import rows_at_once

MARKS = ",;\t|"
LOOKED_AT = 20  # rows, to find the separator by


def read(path: Path, where: str) -> pd.DataFrame:
    """The table, its columns named as in its first row. Raises BadInput naming the line that is wrong."""
    with opened(path, where) as file:
        frame = parsed(file.path, file.mark, len(file.names), where)
        if frame.iloc[:, -1].isna().any():
            refuse_narrow(file.path, file.mark, len(file.names), len(frame), where)
        refuse_huge(file.path, file.mark, frame, where)
    return frame.set_axis(file.names, axis=1)


class File:
    """A CSV file whose first rows are as they should be.

    path: of the file, or of a copy that pandas can read. mark: between its cells. names: of its columns. share: how
    much of it was handed on in pieces.
    """

    def __init__(self, path: Path, where: str):
        """Raise BadInput naming the line that is wrong."""
        looked = {mark: list(islice(rows(path, mark), LOOKED_AT)) for mark in MARKS}
        self.mark = separator({mark: [row for _, row in first] for mark, first in looked.items()}, where)
        (line, header), *first = looked[self.mark]
        self.names, self.share, self._where = [cell.strip() for cell in header], 0.0, where
        refuse_mark_at_end(self.names, first[:1], self.mark, where)
        refuse_wide(first[:1], len(self.names), where)
        refuse_header(self.names, f"{where}, line {line}")
        self.path = rewritten(path, self.mark) if has_bare_returns(path) else path
        self._size = sum(len(cell) + 1 for _, row in first for cell in row) / max(1, len(first))  # of a row, in bytes

    def type_of(self, name: str) -> str:
        """DuckDB's name of a column's type, as it stands in the file."""
        return "VARCHAR"

    def pieces(self, columns: list[str], texts: list[str], exact: list[str]) -> Iterator[pd.DataFrame]:
        """Some columns in pieces, as `Part.pieces` says. Raises BadInput naming the line that is wrong."""
        gaps, length, total, width = False, 0, self.path.stat().st_size, len(self.names)
        as_text = {"dtype": dict.fromkeys(texts, "str"), "converters": dict.fromkeys(exact, "={}".format)}
        settings = {"sep": self.mark, "header": 0, "names": self.names, "low_memory": False, **as_text}
        try:
            with decoding(self.path, self._where), self.path.open("rb") as source:
                for frame in pd.read_csv(source, chunksize=rows_at_once(width, self._size), **settings):
                    for name in exact:  # without the = there, pandas would take NA for an empty cell
                        frame[name] = frame[name].str[1:].replace("", None)
                    gaps, length = gaps or frame.iloc[:, -1].isna().any(), length + len(frame)
                    self.share = source.tell() / total
                    yield frame[columns]
        except pd.errors.ParserError:
            refuse_wide(rows(self.path, self.mark), width, self._where)
            raise
        if gaps:
            refuse_narrow(self.path, self.mark, width, length, self._where)


@contextmanager
def opened(path: Path, where: str) -> Iterator[File]:
    with decoding(path, where):
        yield File(path, where)


@contextmanager
def decoding(path: Path, where: str) -> Iterator[None]:
    """Raise BadInput for a line that is not UTF-8."""
    try:
        yield
    except UnicodeDecodeError:
        line, byte = undecodable(path)
        raise BadInput(f"{where}, line {line}: byte {byte:#x} is not UTF-8; unpack it, or save it as UTF-8") from None


def parsed(path: Path, mark: str, width: int, where: str) -> pd.DataFrame:
    """What pandas reads, each column as one type. Raises BadInput for a row with more cells than the header."""
    with warnings.catch_warnings(action="error", category=pd.errors.DtypeWarning):
        try:
            return pd.read_csv(path, sep=mark)
        except pd.errors.DtypeWarning:  # 1 in one piece and "1" in the next would be two classes
            return pd.read_csv(path, sep=mark, low_memory=False)
        except pd.errors.ParserError:
            refuse_wide(rows(path, mark), width, where)
            raise
