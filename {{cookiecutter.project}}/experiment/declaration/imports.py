"""What a model file is made of: itself, and what it imports from this repository, wherever it does so."""

import ast
import hashlib
import importlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ..errors import BadInput
from .model import ROOT

PROGRAM = "experiment"  # needs no editing
SOURCES: dict[str, bytes] = {}  # what this process has imported, file -> content: no module knows its own


def settle(file: str) -> dict[str, str]:
    """Import all that a model file is made of, so that no later edit changes what this process fits, and remember it.

    What cannot be imported is left to the model, which may do without. Returns file -> SHA-256, the model file first.
    Raises BadInput when a file is edited meanwhile.
    """
    found, left = {}, [file]
    while left:
        if (file := left.pop(0)) not in found:
            found[file] = (ROOT / file).read_bytes()
            left += imported(file, found[file])
    for file in found:
        with suppress(Exception, SystemExit):
            importlib.import_module(file.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
    for file, content in found.items():
        if (ROOT / file).read_bytes() != content:
            raise BadInput(f"{file}: was edited as it was imported; run the command again")
    SOURCES.update(found)
    return {file: hashlib.sha256(content).hexdigest() for file, content in found.items()}


def imported(file: str, content: bytes) -> Iterator[str]:
    """The files of this repository that a file imports, as paths in it."""
    package, nodes = Path(file).parent.parts, []
    with suppress(SyntaxError, ValueError):  # told by whoever needs it
        nodes = ast.walk(ast.parse(content, file))
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from places(alias.name.split("."))
        elif isinstance(node, ast.ImportFrom):
            around = package[: len(package) - node.level + 1] if node.level else ()
            for alias in node.names:  # a module, or what is in one
                yield from places([*around, *(node.module or "").split("."), alias.name])
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            for name in node.args[:1]:
                yield from places(str(getattr(name, "value", "")).split("."))


def places(names: list[str]) -> Iterator[str]:
    """The files of a module, and of the packages that it is in, where this repository has them."""
    names = [name for name in names if name]
    for depth in range(1, len(names) + 1 if names[:1] != [PROGRAM] else 0):
        place = "/".join(names[:depth])
        yield from (file for file in (f"{place}.py", f"{place}/__init__.py") if (ROOT / file).is_file())
