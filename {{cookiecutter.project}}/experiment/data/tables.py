"""A table from a path or an address, CSV or Parquet; what is no table is refused."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import BinaryIO

import pandas as pd

from ..errors import BadInput
from .folders import is_folder
from .uris import public


def read(uri: str, flag: str = "--data") -> pd.DataFrame:
    """A CSV or, by its first bytes, a Parquet file as a table. Raises BadInput naming what is wrong with it."""
    where = f"{flag} {public(uri)}"
    with tempfile.TemporaryDirectory(prefix="table-") as folder:
        path = Path(folder) / "table"
        fetch(uri, path, where)
        with damage(path, uri, where):
            frame = kind(path).read(path, where)
    if frame.empty:
        raise BadInput(f"{where}: has no rows")
    return frame


@contextmanager
def damage(path: Path, uri: str, where: str) -> Iterator[None]:
    """Raise BadInput for what reading a table stumbles over."""
    try:
        yield
    except BadInput:
        raise
    except Exception as error:  # pandas and DuckDB raise many kinds; all mean: damaged
        reason = str(error).replace(str(path), public(uri)) or type(error).__name__
        raise BadInput(f"{where}: no CSV or Parquet table, or a damaged one: {reason}") from None


def kind(path: Path) -> ModuleType:
    """The module that reads it."""
    with path.open("rb") as file:
        first = file.read(5)
    parquet = first == b"PAR1\x15"  # its mark, and how its first field begins: a CSV may have a column PAR1
    return import_module(f"{__package__}.{'parquet' if parquet else 'separated'}")


def fetch(uri: str, place: Path, where: str) -> None:
    """Have what a local path, or any address that fsspec knows, holds at `place`: a copy, or a link to a file.

    A file is linked since DuckDB would take some letters of its own name for a pattern.
    Raises BadInput when it cannot be had.
    """
    try:
        if is_folder(uri):
            raise IsADirectoryError("it is a folder; name one file that holds all rows")
        with opened(uri) as source:
            if Path(uri).is_file():
                place.symlink_to(Path(uri).absolute())
            else:  # also a pipe, which can be read once only
                with place.open("wb") as file:
                    shutil.copyfileobj(source, file)
    except Exception as error:  # each file system raises its own kinds; all mean: no data
        cause = error.__cause__ or error  # fsspec says "not found" of a certificate that is not trusted
        reason = str(cause).replace(uri, public(uri)) or type(cause).__name__
        raise BadInput(f"{where}: cannot be read: {reason}") from None


def opened(uri: str) -> AbstractContextManager[BinaryIO]:
    if "://" not in uri:
        return Path(uri).open("rb")
    import fsspec

    return fsspec.open(uri, "rb")
