"""Loading a stored model as a stranger does. As a program, it runs where neither `models` nor `experiment` can be
imported, so it imports neither: `python -P foreign.py ROOT` reads a model's folder a line, and answers each with what
is wrong with it, as a JSON text; an empty one is praise.
"""

import gc
import importlib
import json
import os
import pickle
import sys
from pathlib import Path

import numpy as np

QUESTION = ".question"  # beside the folder `knn`, `knn.question` holds a table, and what knn predicted from it


def difference(folder: Path, table, predicted) -> str:
    """What is different when the stored model predicts; empty when nothing is. Raises whatever loading raises."""
    import mlflow

    path = list(sys.path)
    try:
        again = np.asarray(mlflow.pyfunc.load_model(str(folder), suppress_warnings=True).predict(table))
    finally:
        sys.path[:] = path  # MLflow puts the code that travels with a model in front
    predicted = np.asarray(predicted)
    if again.shape != predicted.shape:
        return f"it predicts an array of {again.shape}, not of {predicted.shape}"
    numeric = all(np.issubdtype(values.dtype, np.number) for values in (again, predicted))
    same = np.isclose(again, predicted) if numeric else again == predicted
    same |= (again != again) & (predicted != predicted)  # both missing, which equals nothing
    if np.all(same):
        return ""
    place = np.unravel_index(np.argmin(same), same.shape)
    return f"it predicts {again[place]} where {predicted[place]} was predicted, in row {place[0] + 1}"


def answer(folder: Path) -> str:
    """What is wrong with the model in this folder, which knows no module of the models asked about before."""
    known = set(sys.modules)
    try:
        table, predicted = pickle.loads(folder.with_suffix(QUESTION).read_bytes())  # noqa: S301 (written by `check`)
        return difference(folder, table, predicted)
    except Exception as error:  # a model may stumble over anything
        return f"{type(error).__name__}: {error}"
    finally:
        for name in set(sys.modules) - known:
            if str(getattr(sys.modules[name], "__file__", "")).startswith(str(folder)):
                del sys.modules[name]


if __name__ == "__main__":
    gc.disable()  # importing makes a million objects that live to the end
    sys.path[:] = [place for place in sys.path if Path(place).resolve() != Path(sys.argv[1])]
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    sys.stdin.reconfigure(encoding="utf-8")
    os.dup2(2, 1)  # what libraries print is no answer
    for library in ("skops.io", "mlflow.pyfunc"):  # in this order: skops looks through all modules that there are
        importlib.import_module(library)
    for line in sys.stdin:
        print(json.dumps(answer(Path(line.rstrip("\n")))), file=answers, flush=True)
