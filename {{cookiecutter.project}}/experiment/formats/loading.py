"""Loading a stored model as `fit` returned it, by the code that it was stored with."""

import builtins
import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import ModuleType
from typing import Any

import mlflow
from mlflow.models import Model

from ..data import known
from ..declaration import ROOT
from .flavour import FLAVOURS, TABLE

AT_HOME = {"manifests", "sync.py"}  # of the code: an image has no such, and no model needs them


@contextmanager
def loaded(folder: Path) -> Iterator[tuple[Any, list[str]]]:
    """The fitted object: as its library's flavour loads it, or what our wrapper holds. Raises whatever loading raises.

    It runs what the model brings, unless that is `harmless`. Where the code that travels with it is other than today's,
    the object is made of it, and imports more of it while it is used; the files that differ come second.
    """
    flavors = Model.load(str(folder)).flavors
    library = next((name for name in sorted(FLAVOURS) if name in flavors), None)
    code = folder / (flavors["python_function"].get("code") or "")
    files = [file.relative_to(code) for file in code.rglob("*.py")] if code != folder else []
    others = [str(file) for file in files if not same(code / file, ROOT / file) and AT_HOME.isdisjoint(file.parts)]
    travelled = Travelled(code, bool(others))
    with travelled.in_place():
        if library:
            fitted = importlib.import_module(f"mlflow.{library}").load_model(str(folder))
        else:
            fitted = mlflow.pyfunc.load_model(str(folder), suppress_warnings=True).unwrap_python_model().fitted
    with travelled.for_itself():
        yield fitted, sorted(others)


def same(file: Path, other: Path) -> bool:
    return other.exists() and file.read_bytes() == other.read_bytes()


def harmless(folder: Path) -> bool:
    """Whether loading it runs no code that it brings: it is kept by skops, and names no types that it wants trusted."""
    flavors = Model.load(str(folder)).flavors
    own = flavors.pop("sklearn", {})
    brings = flavors.pop("python_function", {}).get("code") or own.get("code") or own.get("skops_trusted_types")
    return own.get("serialization_format") == "skops" and not brings and not flavors


def table(folder: Path) -> tuple[known.Known | None, bool]:
    """What it knows of the table that it was trained on, and whether it was told that itself: of a model from before
    that, its signature says some. None where nothing does.
    """
    if (folder / TABLE).exists():
        return known.Known.recorded((folder / TABLE).read_bytes()), True
    inputs = (signature := Model.load(str(folder)).signature) and signature.inputs
    if not (inputs and inputs.has_input_names()):
        return None, False
    kinds = ["str" if kind.name == "string" else str(kind.to_numpy()) for kind in inputs.input_types()]
    return known.Known(dict(zip(map(str, inputs.input_names()), kinds, strict=True)), {}), False


class Travelled:
    """The code that travels with a model, if it is other than today's files of the same names; else nothing is done."""

    def __init__(self, code: Path, other: bool):
        self._code, self._names = code, {file.stem for file in code.glob("*")} if other else set()
        self._modules, self._inside = {}, False  # those of it that are imported, and whether they are in place

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Whoever imports such a name gets it from here."""
        todays, path, self._inside = self._exchange(self._modules), list(sys.path), True
        sys.path[:0] = [str(self._code)] if self._names else []
        try:
            yield
        finally:
            sys.path[:], self._inside = path, False  # MLflow puts the code in front too
            self._modules = self._exchange(todays)

    @contextmanager
    def for_itself(self) -> Iterator[None]:
        """What it imports itself, as functions may at last, comes from here; others, as `evaluate`, get today's."""
        todays, own = builtins.__import__, f"{self._code}{os.sep}"

        def chosen(name, importing=None, *rest, **named):
            ours = str((importing or {}).get("__file__", "")).startswith(own)
            with self.in_place() if ours and not self._inside else nullcontext():
                return todays(name, importing, *rest, **named)

        builtins.__import__ = chosen if self._names else todays
        try:
            yield
        finally:
            builtins.__import__ = todays

    def _exchange(self, modules: dict[str, ModuleType]) -> dict[str, ModuleType]:
        """Have these in place of those of such names that are imported; returns those."""
        found = {name: sys.modules.pop(name) for name in [*sys.modules] if name.partition(".")[0] in self._names}
        sys.modules.update(modules)
        return found
