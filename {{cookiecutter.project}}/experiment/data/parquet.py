"""Reading a Parquet file, by DuckDB: it knows every encoding, and refuses what it does not know."""

import ast
import glob
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pandas as pd

from ..errors import BadInput
from .columns import flat
from .pieces import rows_at_once

# One thread is as fast, as decoding waits for memory; nothing is fetched from the network.
SETTINGS = {"threads": 1, "autoinstall_known_extensions": False, "autoload_known_extensions": False}
CELLS = 4_000_000  # that are read at once: DuckDB holds them twice
VECTOR = 2048  # rows: what DuckDB hands on is a multiple
# Of a table in pieces: else DuckDB would read whole row groups at once, and on while nobody takes what it has
SPARING = "SET disable_parquet_prefetching = true; SET streaming_buffer_size = '1MB'"
# Types that pandas has not, or that a stored model cannot be given; by DuckDB's name, and read as what
CASTS = {"decimal": "DOUBLE", "uuid": "VARCHAR", "timestamp with time zone": "TIMESTAMP"}
UNNAMED = r"__index_level_\d+__"  # row numbers that pandas wrote for itself: nothing to learn from


def read(path: Path, where: str) -> pd.DataFrame:
    """All columns, named as in the file; those that pandas named on several levels as `level_level`.

    Whole numbers keep their type, decimals become float64 and UUIDs text; a category is what it stands for. Moments
    are datetime64, in UTC where they have a zone. Lists, structures and bytes come as objects, for others to refuse.
    Raises duckdb.Error for a file that is damaged, or uses what DuckDB cannot read.
    """
    with opened(path, where) as file:
        columns = [expression(*column) for column in zip(file.own, file.types, strict=True)]
        step = max(1, CELLS // max(1, file.rows))
        asked = [file.ask(columns[start : start + step]).df() for start in range(0, len(columns), step)]
    return pd.concat(asked, axis=1).set_axis(file.names, axis=1)


class File:
    """An open Parquet file.

    names: its columns' names. own, types: those that DuckDB knows them by, which renames a column whose name differs
    from another's in case alone, and their types. rows: how many. share: of them, how many were handed on in pieces.
    """

    def __init__(self, path: Path, where: str, connection: duckdb.DuckDBPyConnection):
        self._where = where
        self._file, self._connection, self.share = glob.escape(str(path.absolute())), connection, 0.0
        table = connection.read_parquet(self._file, hive_partitioning=False)
        self.rows = len(table)
        schema = connection.execute("SELECT name, num_children FROM parquet_schema(?)", [self._file]).fetchall()
        noted = "SELECT decode(value) FROM parquet_kv_metadata(?) WHERE key = 'pandas'::BLOB"
        found = names(schema, connection.execute(noted, [self._file]).fetchone())
        columns = zip(found, table.columns, table.types, strict=True)
        kept = [each for each in columns if not re.fullmatch(UNNAMED, each[0])]
        self.names, self.own, self.types = ([each[part] for each in kept] for part in range(3))

    def ask(self, columns: list[str], option: str = "", where: str = "") -> duckdb.DuckDBPyConnection:
        # In SQL, as expressions of DuckDB's Python take the square of the number of columns.
        query = f"SELECT {', '.join(columns)} FROM read_parquet(?, hive_partitioning=false{option}) {where}"  # noqa: S608
        return self._connection.execute(query, [self._file])

    def type_of(self, name: str) -> str:
        """DuckDB's name of a column's type."""
        return str(self.types[self.names.index(name)])

    def pieces(self, columns: list[str], texts: list[str], exact: list[str]) -> Iterator[pd.DataFrame]:
        """Some columns in pieces, their rows numbered from 0; `exact` ones as texts that lose nothing.

        A row group is asked for at a time, as DuckDB would keep those before.
        """
        if "file_row_number" in map(str.lower, self.own):
            raise BadInput(f"{self._where}: has a column file_row_number, which DuckDB calls its own; rename it")
        self._connection.execute(SPARING)
        own = {name: pair for name, *pair in zip(self.names, self.own, self.types, strict=True)}
        asked = [
            f"CAST({quoted(own[name][0])} AS VARCHAR)" if name in exact else expression(*own[name]) for name in columns
        ]
        sizes = "SELECT first(row_group_num_rows), sum(total_uncompressed_size) FROM parquet_metadata(?)"
        groups = self._connection.execute(
            f"{sizes} GROUP BY row_group_id ORDER BY row_group_id", [self._file]
        ).fetchall()
        start = 0
        for rows, size in groups:
            vectors = max(1, rows_at_once(len(columns), size / max(1, rows)) // VECTOR)
            only = f"WHERE file_row_number BETWEEN {start} AND {start + rows - 1}"
            found = self.ask(asked, ", file_row_number=true", only)
            while len(frame := found.fetch_df_chunk(vectors)):
                numbered = pd.RangeIndex(start, start + len(frame))
                start, self.share = numbered.stop, numbered.stop / self.rows
                yield frame.set_axis(columns, axis=1).set_axis(numbered)


@contextmanager
def opened(path: Path, where: str) -> Iterator[File]:
    with duckdb.connect(config=SETTINGS) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield File(path, where, connection)


def expression(name: str, kind: duckdb.sqltypes.DuckDBPyType) -> str:
    """How a column is asked for: as it is, or as what `CASTS` says."""
    return f"CAST({quoted(name)} AS {CASTS[kind.id]})" if kind.id in CASTS else quoted(name)


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def names(schema: list[tuple[str, int | None]], pandas: tuple[str] | None) -> list[str]:
    """The columns' names from the file's schema, a tree in the order of its text, and from what pandas noted."""
    found, inside = [], 0
    for name, children in schema[1:]:
        if inside == 0:
            found.append(name.strip())
        inside += (children or 0) - (inside > 0)
    if pandas and len(json.loads(pandas[0]).get("column_indexes", [])) > 1:
        return [joined(name) for name in found]
    return found


def joined(name: str) -> str:
    """One name for several levels, which pandas writes as a tuple; any other as it is."""
    try:
        levels = ast.literal_eval(name)
    except (SyntaxError, ValueError):
        return name
    return flat(*levels) if isinstance(levels, tuple) else name
