"""Files of text, and the screen: UTF-8, whatever the machine's locale says."""

import os
import shutil
import sys
from pathlib import Path

from .errors import BadInput


def read(path: Path) -> str:
    """What a file holds. Raises BadInput for one that is no UTF-8, naming the line."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise BadInput(f"{path}, line {line}: is no UTF-8; save the file as UTF-8") from None


def write(path: Path, text: str) -> None:
    """Have a file hold this text: whatever happens meanwhile, all of it or what it held before."""
    path = path.resolve()  # a link stays one
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("x", encoding="utf-8") as file:
            file.write(text)
        if path.exists():
            shutil.copymode(path, beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def screen() -> None:
    """Have a `?` for what stdout cannot show, also in processes that begin later; stderr has one by itself."""
    sys.stdout.reconfigure(errors="replace")
    os.environ["PYTHONIOENCODING"] = f"{sys.stdout.encoding}:replace"
