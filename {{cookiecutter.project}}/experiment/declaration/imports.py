"""What a model file is made of: itself, and what it imports from this repository, wherever it does so."""

import ast
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

from ..errors import BadInput
from .find import parse
from .model import ROOT

PROGRAM = "experiment"  # needs no editing


class Edited(BadInput):
    """A file is another one than it was."""


def digests(file: str) -> dict[str, str]:
    """File -> SHA-256, the model file first."""
    found, left = {}, [file]
    while left:
        if (file := left.pop(0)) not in found:
            found[file] = digest(file)
            left += imported(file)
    return found


def refuse_edited(known: dict[str, str]) -> None:
    """Raise Edited where this process has imported a file that is not as `known`, which loses what is."""
    for file in [file for file in known if module(file) in sys.modules]:
        if digest(file) != known[file]:
            raise Edited(f"{file} has been edited")
        del known[file]


def digest(file: str) -> str:
    return hashlib.sha256((ROOT / file).read_bytes()).hexdigest()


def imported(file: str) -> Iterator[str]:
    """The files of this repository that a file imports, as paths in it."""
    package = Path(file).parent.parts
    for node in ast.walk(parse(file)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from places(alias.name.split("."))
        elif isinstance(node, ast.ImportFrom):
            around = package[: len(package) - node.level + 1] if node.level else ()
            for alias in node.names:  # a module, or what is in one
                yield from places([*around, *(node.module or "").split("."), alias.name])


def places(names: list[str]) -> Iterator[str]:
    """The files of a module, and of the packages that it is in, where this repository has them."""
    names = [name for name in names if name]
    for depth in range(1, len(names) + 1 if names[0] != PROGRAM else 0):
        place = "/".join(names[:depth])
        yield from (file for file in (f"{place}.py", f"{place}/__init__.py") if (ROOT / file).is_file())


def module(file: str) -> str:
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
