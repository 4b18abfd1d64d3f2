"""Loading a stored model as `fit` returned it, by the code that it was stored with."""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import mlflow
from mlflow.models import Model

from ..declaration import ROOT
from .flavour import FLAVOURS

AT_HOME = {"manifests", "sync.py"}  # of the code: an image has no such, and no model needs them


@contextmanager
def loaded(folder: Path) -> Iterator[tuple[Any, list[str]]]:
    """The fitted object: as its library's flavour loads it, or what our wrapper holds. Raises whatever loading raises.

    It runs what the model brings, unless that is `harmless`. Where the code that travels with it is other than today's,
    it is imported in its place as long as the object is used, which may import more; the files that differ come second.
    """
    flavors = Model.load(str(folder)).flavors
    library = next((name for name in sorted(FLAVOURS) if name in flavors), None)
    code = folder / (flavors["python_function"].get("code") or "")
    files = [file.relative_to(code) for file in code.rglob("*.py")] if code != folder else []
    others = [str(file) for file in files if not same(code / file, ROOT / file) and AT_HOME.isdisjoint(file.parts)]
    with travelled(code) if others else nullcontext():
        if library:
            fitted = importlib.import_module(f"mlflow.{library}").load_model(str(folder))
        else:
            wrapper = mlflow.pyfunc.load_model(str(folder), suppress_warnings=True).unwrap_python_model()
            fitted = wrapper.fitted
        yield fitted, sorted(others)


def same(file: Path, other: Path) -> bool:
    return other.exists() and file.read_bytes() == other.read_bytes()


def harmless(folder: Path) -> bool:
    """Whether loading it runs no code that it brings: it is kept by skops, and names no types that it wants trusted."""
    flavors = Model.load(str(folder)).flavors
    own = flavors.pop("sklearn", {})
    brings = flavors.pop("python_function", {}).get("code") or own.get("code") or own.get("skops_trusted_types")
    return own.get("serialization_format") == "skops" and not brings and not flavors


def columns(folder: Path) -> list[str] | None:
    """The columns of the table that it was fitted on; None where that is not known."""
    signature = Model.load(str(folder)).signature
    named = signature and signature.inputs and signature.inputs.has_input_names()
    return list(map(str, signature.inputs.input_names())) if named else None


@contextmanager
def travelled(code: Path) -> Iterator[None]:
    """Import from the code that travels with a model, in place of today's files of the same names."""
    names, path = {file.stem for file in code.glob("*")}, list(sys.path)
    todays = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in names}
    for name in todays:
        del sys.modules[name]
    sys.path.insert(0, str(code))
    try:
        yield
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] in names]:
            del sys.modules[name]
        sys.modules.update(todays)
        sys.path[:] = path  # MLflow puts the code in front too
