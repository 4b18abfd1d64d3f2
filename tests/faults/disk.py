"""What happens to files and disks: a store in other hands, a disk that is small and full."""

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .training import Place


@contextmanager
def locked(place: Place) -> Iterator[sqlite3.Connection]:
    """The store in the hands of another process."""
    other = sqlite3.connect(place.store.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False)
    other.execute("begin exclusive")
    try:
        yield other
    finally:
        if other.in_transaction:
            other.execute("rollback")
        other.close()


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of eight megabytes; needs root."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder: Path, leaving: int = 0) -> Path:
    """Take all space but some bytes; returns the file to remove."""
    (filler := folder / "filler").touch()
    with filler.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    os.truncate(filler, filler.stat().st_size - leaving)
    return filler
