"""A table of any length in pieces, so that memory does not grow with it."""

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any, BinaryIO

import pandas as pd

from ..errors import BadInput
from . import tables
from .folders import parts
from .uris import public, stem

CELLS, BYTES = 2_000_000, 64 << 20  # of a piece: a table may be wide, and a cell may hold a document


def rows_at_once(columns: int, size: float) -> int:
    """How many rows make a piece. size: of a row, in bytes."""
    return max(1, min(CELLS // max(1, columns), int(BYTES // max(1, size))))


@dataclass(frozen=True)
class Part:
    """One file of a table, while it is open; file: as its kind knows it. where: its address, for messages."""

    where: str
    file: Any
    _path: Path
    _uri: str

    def pieces(self, columns: list[str], texts: list[str], exact: list[str]) -> Iterator[pd.DataFrame]:
        """Some columns, as a model reads them: those of `texts` as such, whatever they look like; those of `exact`,
        which it does not read, as texts that lose nothing. The rows have their numbers in the file, from 0.

        Raises BadInput for what is damaged.
        """
        with tables.damage(self._path, self._uri, self.where):
            yield from self.file.pieces(columns, texts, exact)


class Parts:
    """The files of a table, each of which is read once: one, or the Parquet parts of a folder by their names.

    name, where: what it is called, in a word and in messages. share: how much of it was read.
    """

    def __init__(self, uri: str, flag: str = "--data"):
        """Raise BadInput where there is nothing to read."""
        self.name, self.where, self._flag = stem(uri), f"{flag} {public(uri)}", flag
        self._uris, self._open, self._done = parts(uri, self.where), None, 0
        self._sum, self._bytes = hashlib.sha256(), 0  # of all files; of the one that is open

    @property
    def share(self) -> float:
        now = self._open.file.share if self._open else 0.0
        return (self._done + now) / len(self._uris)

    @property
    def sha256(self) -> str:
        """Of the bytes of all files that were read, one after another."""
        return self._sum.hexdigest()

    def __iter__(self) -> Iterator[Part]:
        """Raises BadInput for a file that cannot be had, or was written to meanwhile."""
        for uri in self._uris:
            where = f"{self._flag} {public(uri)}"
            with tempfile.TemporaryDirectory(prefix="table-") as folder:
                path = Path(folder) / "table"
                tables.fetch(uri, path, where)
                before = path.stat()
                # Beside the reading, as there are two cores; it is open before anybody can refuse it and take it away.
                summing = Thread(target=self._add, args=[path.open("rb")], daemon=True)
                summing.start()
                with tables.damage(path, uri, where), tables.kind(path).opened(path, where) as file:
                    self._open = Part(where, file, path, uri)
                    yield self._open
                summing.join()
                now, self._bytes = (self._bytes, path.stat().st_mtime_ns), 0
                if now != (before.st_size, before.st_mtime_ns):
                    raise BadInput(f"{where}: was written to while it was read; read it again")
            self._open, self._done = None, self._done + 1

    def _add(self, file: BinaryIO) -> None:
        with file:
            while block := file.read(1 << 20):
                self._sum.update(block)
                self._bytes += len(block)
