"""Places that a table is written to: a file that takes one's place when it is whole, an address in S3."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from ..errors import Away, BadInput


@contextmanager
def beside(uri: str) -> Iterator[tuple[str, Callable[[], None]]]:
    """A new file in the folder of a path, and what has it take that place.

    It has no name until then, where the file system knows such: however the process ends, nothing is left of it.
    """
    path = Path(os.path.realpath(uri))
    new, mode = path.with_name(f".{path.name}.new"), os.O_WRONLY | os.O_CLOEXEC
    try:
        held, name = os.open(path.parent, os.O_TMPFILE | mode, 0o666), None
    except (AttributeError, OSError):  # another system, or a file system that knows none
        held, name = os.open(new, os.O_CREAT | mode, 0o666), str(new)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)  # nobody else writes to it
        os.truncate(held, 0)
        try:
            yield name or f"/proc/self/fd/{held}", partial(place, held, name, new, path)
        finally:
            if name:
                new.unlink(missing_ok=True)
    finally:
        os.close(held)


def place(held: int, name: str | None, new: Path, path: Path) -> None:
    """Give a file its name, in place of what has it."""
    os.fsync(held)
    if not name:
        new.unlink(missing_ok=True)
        os.link(f"/proc/self/fd/{held}", new, src_dir_fd=held)  # with a folder, Python follows the link
    new.replace(path)


def refuse_unwritable(path: Path) -> None:
    """Raise OSError where no file can be at a path."""
    if path.is_dir() or (path.exists() and not path.is_file()):
        raise OSError("it is no file")
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError("it is write-protected")
    with beside(str(path)):
        pass


def refuse_input(uri: str, taken: str, where: str) -> None:
    """Raise BadInput where the place is the table that is read, or in the folder that is."""
    if "://" in uri:
        same = uri == taken or uri.startswith(taken.rstrip("/") + "/")
    else:
        own, other = Path(os.path.realpath(uri)), Path(os.path.realpath(taken))
        same = "://" not in taken and (own == other or other in own.parents or (own.exists() and own.samefile(other)))
    if same:
        raise BadInput(f"{where}: is what --data reads; name another place")


def remote(uri: str) -> tuple[Any, str]:
    """The file system of an address, and the path there. Raises whatever a bucket that cannot be reached does."""
    import fsspec

    if not uri.startswith("s3://"):
        raise OSError("only a path or s3:// can be written to")
    system, path = fsspec.core.url_to_fs(uri)
    with suppress(PermissionError):  # who may write need not be allowed to look
        system.call_s3("head_bucket", Bucket=path.partition("/")[0])
    return system, path


@contextmanager
def failing(where: str) -> Iterator[None]:
    """Raise BadInput for what cannot be written there, Away where S3 does not answer."""
    try:
        yield
    except (BadInput, Away):
        raise
    except (OSError, duckdb.Error) as error:
        raise BadInput(f"{where}: cannot be written: {getattr(error, 'strerror', None) or error}") from error
    except Exception as error:  # of botocore
        raise Away(f"{where}: cannot be written now: {type(error).__name__}: {error}") from error
