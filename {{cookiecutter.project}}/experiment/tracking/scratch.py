"""Folders for what a process needs while it lives; those of processes that were killed go with the next one."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

HELD = ".held"  # the file in a folder that its process has locked; the kernel gives it back, however that ends


@contextmanager
def folder(prefix: str) -> Iterator[Path]:
    """An empty folder, which goes with the context, or, after a `kill -9`, when this user begins the next."""
    remove_abandoned(prefix)
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as made:
        held = os.open(Path(made) / f"{HELD}.new", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
            Path(made, f"{HELD}.new").rename(Path(made, HELD))  # only now: nobody finds it without its lock
            yield Path(made)
        finally:
            os.close(held)


def remove_abandoned(prefix: str) -> None:
    """Remove what nobody holds any more; nothing but what `folder` made."""
    for file in Path(tempfile.gettempdir()).glob(f"{prefix}*/{HELD}"):
        with suppress(OSError):  # held, another user's, or gone
            held = os.open(file, os.O_RDWR)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(file.parent)
            finally:
                os.close(held)
