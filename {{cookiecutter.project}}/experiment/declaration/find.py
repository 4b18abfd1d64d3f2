"""Finding model files: nothing is imported to list them, and one alone when its name is asked for."""

import ast
import importlib
import sys

from ..errors import BadInput, blame, nearest
from . import contract
from .model import ROOT, Model


def names() -> list[str]:
    """The models there are, by file name."""
    return sorted(path.stem for path in (ROOT / "models").glob("*.py") if not path.stem.startswith("_"))


def parse(file: str) -> ast.Module:
    """A model file's syntax tree. Raises BadInput naming the line of a syntax error."""
    with blame(file, "import"):
        return ast.parse((ROOT / file).read_bytes(), file)


def described() -> dict[str, str]:
    """Name -> first docstring line of every model, read without importing any."""
    return {name: description(f"models/{name}.py") for name in names()}


def description(file: str) -> str:
    """The first line of a model file's docstring, or what is wrong with the file."""
    try:
        return (ast.get_docstring(parse(file)) or "").partition("\n")[0]
    except BadInput as error:
        return str(error)


def refuse_unknown(name: str) -> None:
    """Raise BadInput for what names no model."""
    if name not in names():
        raise BadInput(f"{name}: no such model in models/; {nearest(name, names())}")


def load(name: str) -> Model:
    """Import one model file. Raises BadInput for an unknown name or a file that breaks the contract."""
    refuse_unknown(name)
    if not contract.NAME.fullmatch(name) or name in contract.RESERVED:
        raise BadInput(f"models/{name}.py: {name} cannot name a model; use a-z, 0-9 and _, and no word of the program")
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    file = f"models/{name}.py"
    tree = parse(file)
    with blame(file, "import"):
        module = importlib.import_module(f"models.{name}")
        contract.check(module, tree, file)
    return Model(name, module)
