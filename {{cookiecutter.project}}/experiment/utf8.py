"""Files of text, and the screen: UTF-8, whatever the machine's locale says."""

import os
import secrets
import shutil
import sys
from pathlib import Path

from .errors import BadInput


def read(path: Path) -> str:
    """What a file holds. Raises BadInput for one that cannot be read, or is no UTF-8, naming the line."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise BadInput(f"{path}, line {line}: is no UTF-8; save the file as UTF-8") from None


def write(path: Path, text: str) -> None:
    """Have a file hold this text: whatever happens meanwhile, all of it or what it held before. Raises OSError."""
    path = Path(os.path.realpath(path))  # a link stays one
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    file = beside.open("x", encoding="utf-8")
    try:
        with file:
            file.write(text)
        if path.exists():
            shutil.copymode(path, beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def screen() -> None:
    """Have a `?` for what stdout cannot show, also in processes that begin later; stderr has one by itself.

    One that is closed leads nowhere: else the next file that is opened would have its number, and get what is printed.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)
    os.close(number)
    sys.stdout = sys.stdout or os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", encoding="utf-8", closefd=False)
    sys.stdout.reconfigure(errors="replace")
    os.environ["PYTHONIOENCODING"] = f"{sys.stdout.encoding}:replace"
