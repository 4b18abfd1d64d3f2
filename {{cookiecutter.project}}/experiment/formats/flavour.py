"""Storing a fitted model so that anybody can load it: which format takes it, and what travels with it."""

import importlib
import logging
import shutil
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

# Before MLflow: it looks through all modules there are, which takes a second longer among MLflow's thousands.
import skops.io

# isort: split
import mlflow
from mlflow.models import Model, infer_signature

from ..data import Data, known
from ..errors import BadInput, tell
from . import code
from .foreign import difference
from .predictor import Predictor

# Libraries whose flavour in MLflow predicts from a table as the object itself does. Others are wrapped as any object
# is: PyTorch's would call the network in place of `predict`, and Keras's takes no table.
FLAVOURS = {"catboost", "lightgbm", "sklearn", "statsmodels", "xgboost"}
LAST = "pyfunc by cloudpickle"
TABLE = "table.json"  # beside MLmodel, as YAML takes seconds for thousands of columns, and sorts them


def save_model(path: Path, fitted: Any, data: Data, file: str, requirements: Sequence[str] = ()) -> str:
    """Save the fitted model, in the first format that takes it and predicts the same when it is loaded again.

    path: the folder to write. data: rows that the model was not fitted on, of which a hundred are tried; what is known
    of their table goes with it. file: the model file, for messages. requirements: as pip takes them, for loading.
    The last format is taken as it is, since hours of fitting may lie behind the model; a line says why it was needed.
    Returns the format's name. Raises BadInput when not even that one can hold it.
    """
    sample, model, refusals = data.X.head(100), Model(), []
    with quiet():
        predicted, signature = signed(fitted, sample)
        for name, stored, save in formats(fitted):
            shutil.rmtree(path, ignore_errors=True)
            model.flavors, needed = {}, code.needed(stored)
            label = f"{name} with code" if needed else name
            settings = {"signature": signature, "metadata": {"format": label}, "code_paths": needed}
            try:
                # Requirements are given, so that MLflow need not start a second Python to find them out.
                save(path=str(path), mlflow_model=model, pip_requirements=list(requirements), **settings)
                problem = "" if name == LAST else difference(path, sample, predicted)
            except Exception as error:  # each library has its own ways to fail
                cause = error.__cause__ or error  # MLflow tells at length what a library said in a line
                problem = f"{type(cause).__name__}: {cause}"
            if not problem:
                break
            refusals.append(f"{name} refused it: {' '.join(problem.split())[:200]}")
    if problem:
        fix = "let fit return an object without open files, locks or generators"
        raise BadInput(f"{file}: the fitted model cannot be stored: {refusals[-1]}; {fix}")
    if refusals:
        tell(f"{file}: stored as {label}; {'; '.join(refusals)}", "note")
    for compiled in path.rglob("__pycache__"):  # left by loading it
        shutil.rmtree(compiled)
    code.restore(path / "code")
    (path / TABLE).write_bytes(known.Known.of(data).record.encode())
    return label


def formats(fitted: Any) -> Iterator[tuple[str, Any, Callable]]:
    """The ways to store an object, best first: a name, what is stored, a function that saves it into a folder.

    scikit-learn's by skops, which loads no code, then by pickle; another library's as its own flavour does; at last
    MLflow's wrapping of any object, by pickle.
    """
    packages = [kind.__module__.partition(".")[0] for kind in type(fitted).__mro__]
    if library := next((name for name in packages if name in FLAVOURS), None):
        save = partial(importlib.import_module(f"mlflow.{library}").save_model, fitted)
        if "sklearn" in packages and library in ("lightgbm", "sklearn"):
            yield f"{library} by skops", fitted, lambda **settings: save(**settings, **trust(fitted))
            yield f"{library} by cloudpickle", fitted, partial(save, serialization_format="cloudpickle")
        else:
            yield library, fitted, save
    wrapper = Predictor(fitted)
    yield LAST, wrapper, partial(mlflow.pyfunc.save_model, python_model=wrapper)


def trust(fitted: Any) -> dict[str, Any]:
    """The settings that store by skops, with the types that this model needs beyond those that are always trusted.

    It was fitted here a moment ago, so its own types can be trusted; whoever loads it sees them listed.
    """
    types = skops.io.get_untrusted_types(data=skops.io.dumps(fitted))
    return {"serialization_format": "skops", "skops_trusted_types": types}


def signed(fitted: Any, sample: Any) -> tuple[Any, Any]:
    """What the model predicts from the sample, and the signature; None for what cannot be had."""
    predicted = None
    try:
        predicted = fitted.predict(sample)
        return predicted, infer_signature(sample, predicted)
    except Exception:  # MLflow knows no type for it, or `evaluate` asks the model otherwise than by predict(table)
        return predicted, None


@contextmanager
def quiet() -> Iterator[None]:
    """Without MLflow's advice: what matters of it is said in the end."""
    logger = logging.getLogger("mlflow")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    with warnings.catch_warnings(record=True):  # a filter would not do: MLflow sets its own
        try:
            yield
        finally:
            logger.setLevel(level)
