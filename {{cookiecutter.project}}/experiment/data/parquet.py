"""Reading a Parquet file, by DuckDB: it knows every encoding, and refuses what it does not know."""

import ast
import glob
import json
import re
from pathlib import Path

import duckdb
import pandas as pd

from .columns import flat

# One thread is as fast, as decoding waits for memory; nothing is fetched from the network.
SETTINGS = {"threads": 1, "autoinstall_known_extensions": False, "autoload_known_extensions": False}
CELLS = 4_000_000  # that are read at once: DuckDB holds them twice
# Types that pandas has not, or that a stored model cannot be given; by DuckDB's name, and read as what
CASTS = {"decimal": "DOUBLE", "uuid": "VARCHAR", "timestamp with time zone": "TIMESTAMP"}
UNNAMED = r"__index_level_\d+__"  # row numbers that pandas wrote for itself: nothing to learn from


def read(path: Path) -> pd.DataFrame:
    """All columns, named as in the file; those that pandas named on several levels as `level_level`.

    Whole numbers keep their type, decimals become float64 and UUIDs text; a category is what it stands for. Moments
    are datetime64, in UTC where they have a zone. Lists, structures and bytes come as objects, for others to refuse.
    Raises duckdb.Error for a file that is damaged, or uses what DuckDB cannot read.
    """
    file = glob.escape(str(path.absolute()))
    with duckdb.connect(config=SETTINGS) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        table = connection.read_parquet(file, hive_partitioning=False)
        columns = [expression(*column) for column in zip(table.columns, table.types, strict=True)]
        step = max(1, CELLS // max(1, len(table)))
        asked = [", ".join(columns[start : start + step]) for start in range(0, len(columns), step)]
        # In SQL, as expressions of DuckDB's Python take the square of the number of columns.
        query = "SELECT {} FROM read_parquet(?, hive_partitioning=false)"
        frame = pd.concat([connection.execute(query.format(some), [file]).df() for some in asked], axis=1)
        # DuckDB renames a column whose name differs from another's in case alone, so its names are its own affair.
        schema = connection.execute("SELECT name, num_children FROM parquet_schema(?)", [file]).fetchall()
        noted = "SELECT decode(value) FROM parquet_kv_metadata(?) WHERE key = 'pandas'::BLOB"
        frame.columns = names(schema, connection.execute(noted, [file]).fetchone())
    return frame.drop(columns=[name for name in frame if re.fullmatch(UNNAMED, name)])


def expression(name: str, kind: duckdb.sqltypes.DuckDBPyType) -> str:
    """How a column is asked for: as it is, or as what `CASTS` says."""
    quoted = '"' + name.replace('"', '""') + '"'
    return f"CAST({quoted} AS {CASTS[kind.id]})" if kind.id in CASTS else quoted


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
