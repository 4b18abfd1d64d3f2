"""Storing a fitted model in the flavour of its library, so that `mlflow.pyfunc.load_model` gives it back."""

import importlib
import re
import warnings
from typing import Any

import mlflow
from mlflow.models import infer_signature

from ..data import Data
from ..declaration import ROOT

# Where MLflow calls a library by another name than its package.
RENAMED = {"torch": "pytorch", "keras": "tensorflow"}
LIBRARIES = {"catboost", "keras", "lightgbm", "sklearn", "spacy", "statsmodels", "tensorflow", "torch", "xgboost"}


def log_model(fitted: Any, data: Data) -> None:
    """Log the fitted model into the active run, with signature and locked requirements.

    data: rows that the model was not fitted on; the signature is taken from the first hundred.
    """
    sample = data.X.head(100)
    packages = [kind.__module__.partition(".")[0] for kind in type(fitted).__mro__]
    settings = {
        "name": "model",
        "signature": infer_signature(sample, fitted.predict(sample)),
        # Given, so that MLflow need not start a second Python to find them out.
        "pip_requirements": locked(),
    }
    library = next((name for name in packages if name in LIBRARIES), None)
    if library is None or "models" in packages:  # the repository's own classes travel with the model
        settings["code_paths"] = [str(ROOT / "models"), str(ROOT / "experiment")]
    with warnings.catch_warnings(action="ignore"):
        if library is None:
            from .predictor import Predictor  # MLflow warns of a missing type hint as soon as it is defined

            mlflow.pyfunc.log_model(python_model=Predictor(fitted), **settings)
        else:
            flavour = importlib.import_module(f"mlflow.{RENAMED.get(library, library)}")
            trusted = trust(fitted) if library == "sklearn" else {}
            flavour.log_model(fitted, **settings, **trusted)


def trust(fitted: Any) -> dict[str, Any]:
    """How to store a scikit-learn model: by skops, which loads no code, naming the types that this model needs.

    It was fitted here a moment ago, so its own types can be trusted; whoever loads it sees them listed.
    What skops cannot hold is pickled.
    """
    import skops.io

    try:
        return {"skops_trusted_types": skops.io.get_untrusted_types(data=skops.io.dumps(fitted))}
    except Exception:  # skops raises whatever an unsupported object makes it stumble over
        return {"serialization_format": "cloudpickle"}


def locked() -> list[str]:
    """Every pinned package of requirements.txt, without the hashes."""
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    return [re.sub(r"\s*\\$", "", line) for line in lines if re.match(r"[A-Za-z0-9]", line)]
