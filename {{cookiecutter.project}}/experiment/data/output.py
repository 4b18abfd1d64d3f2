"""A table that is written in pieces, and is at its place once it is whole."""

import json
from contextlib import suppress
from pathlib import Path

import duckdb
import pandas as pd

from ..errors import BadInput, Ending
from .parquet import SETTINGS, quoted
from .places import beside, failing, refuse_input, refuse_unwritable, remote
from .uris import public

FORMATS = {".parquet": "FORMAT parquet", ".csv": "FORMAT csv, HEADER"}


class Output:
    """Rows on their way to a path or to s3://…; the ending says whether that is CSV or Parquet.

    They wait in a database, which is of a folder, as only the last one says that all of them can be had.
    """

    def __init__(self, uri: str, taken: str, folder: Path):
        """taken: the address that is read. Raises BadInput where nothing can be written, and Away where S3 is."""
        self._uri, self._where, self._copy = uri, f"--out {public(uri)}", folder / "copy"
        if (ending := Path(uri).suffix.lower()) not in FORMATS:
            raise BadInput(f"{self._where}: is neither CSV nor Parquet; end it in .csv or .parquet")
        self._format, self._json = FORMATS[ending], f"{uri}.json" if ending == ".csv" else ""
        with failing(self._where):
            refuse_input(uri, taken, self._where)
            self._remote = remote(uri) if "://" in uri else None
            if not self._remote:
                refuse_unwritable(Path(uri))
            settings = SETTINGS | {"memory_limit": "200MB", "temp_directory": str(folder / "more")}
            self._rows = duckdb.connect(str(folder / "rows"), config=settings)
        self._begun = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._rows.close()

    def add(self, frame: pd.DataFrame, types: dict[str, str]) -> None:
        """More rows. types: in DuckDB's words, of the columns that are handed over as texts."""
        columns = [f"{quoted(name)}::{types[name]} {quoted(name)}" if name in types else quoted(name) for name in frame]
        with failing(self._where):
            self._rows.register("piece", frame)
            begin = "INSERT INTO rows" if self._begun else "CREATE TABLE rows AS"
            self._rows.execute(f"{begin} SELECT {', '.join(columns)} FROM piece")  # noqa: S608 (quoted names)
            self._rows.unregister("piece")
        self._begun = True

    def finish(self, notes: dict[str, str]) -> None:
        """Have the rows at their place: all of them, or, if that fails, none. notes: what the file says of itself."""
        with failing(self._where):
            (self._send if self._remote else self._replace)(notes)

    def _replace(self, notes: dict[str, str]) -> None:
        with beside(self._uri) as (file, take):
            self._write(file, notes)
            if not self._json:
                take()
                return
            with beside(self._json) as (other, take_other):
                describe(other, notes)
                with Ending():  # notes that are there are always those of the rows beside them
                    Path(self._json).unlink(missing_ok=True)
                    take()
                    take_other()

    def _send(self, notes: dict[str, str]) -> None:
        system, path = self._remote
        self._write(str(self._copy), notes)
        if self._json:
            with suppress(FileNotFoundError):
                system.rm_file(f"{path}.json")
        system.put_file(str(self._copy), path)  # S3 shows an upload when it is complete
        if self._json:
            describe(str(self._copy), notes)
            system.put_file(str(self._copy), f"{path}.json")

    def _write(self, file: str, notes: dict[str, str]) -> None:
        inside = ", ".join(f"{literal(name)}: {literal(value)}" for name, value in notes.items())
        told = "" if self._json else f", KV_METADATA {{{inside}}}"
        self._rows.execute(f"COPY rows TO {literal(file)} ({self._format}, USE_TMP_FILE false{told})")


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def describe(file: str, notes: dict[str, str]) -> None:
    Path(file).write_bytes(json.dumps(notes, indent=2).encode() + b"\n")
