"""What a stored model needs to be loaded elsewhere: of this repository's code, and of libraries."""

import pickle
import re
import sys
from pathlib import Path
from typing import Any

from .. import utf8
from ..declaration import ROOT, imports


def requirements() -> tuple[str, ...]:
    """Every pinned package of requirements.txt, without the hashes. Raises BadInput when it cannot be read."""
    lines = utf8.read(ROOT / "requirements.txt").splitlines()
    return tuple(re.sub(r"\s*\\$", "", line) for line in lines if re.match("[A-Za-z0-9]", line))


class Reached(pickle.Pickler):
    """Pickles into nowhere, and remembers in which packages what it meets was defined."""

    def __init__(self):
        super().__init__(self)
        self.packages: set[str] = set()

    def write(self, data: bytes) -> int:
        return len(data)

    def persistent_id(self, thing: Any) -> None:
        self.packages.add(str(getattr(thing, "__module__", "")).partition(".")[0])


def needed(stored: Any) -> list[str] | None:
    """The repository's packages and modules that are imported, if the object reaches any of them; None if it does not.

    One may need the other: all of them travel, `models` and `experiment` among them.
    """
    pickler = Reached()
    try:
        pickler.dump(stored)
        reached = pickler.packages
    except Exception:  # a lambda, or a library that stores its objects by means of its own
        reached = set(sys.modules)
    if not any(home(name) for name in reached):
        return None
    imported = list(sys.modules)  # at once: other threads import
    return sorted({place for name in imported if "." not in name and (place := home(name))})


def restore(folder: Path) -> None:
    """Make the code that was copied into a folder what this process has imported: the files may be others by now."""
    for file, content in imports.SOURCES.items():
        if (folder / file).exists():
            (folder / file).write_bytes(content)


def home(name: str) -> str | None:
    """The folder or file of a module at the top of this repository; None for any other, as for a library's."""
    module = sys.modules.get(name)
    file = getattr(module, "__file__", None)
    if not file or name == "__main__":
        return None
    path = Path(file).resolve()
    path = path.parent if hasattr(module, "__path__") else path
    return str(path) if path.parent == ROOT else None
