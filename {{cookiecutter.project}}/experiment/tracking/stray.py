"""Runs that a model begins in MLflow by itself, past the program: nobody would find them beside its own."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import BadInput


@contextmanager
def caught(folder: Path) -> Iterator[Path]:
    """Have them in a store of this folder, which is there when there are any, and in none that counts."""
    known, stray = os.environ.get("MLFLOW_TRACKING_URI"), folder / "stray.db"
    os.environ["MLFLOW_TRACKING_URI"] = f"sqlite:///{stray}"
    try:
        yield stray
    finally:
        del os.environ["MLFLOW_TRACKING_URI"]
        if known is not None:
            os.environ["MLFLOW_TRACKING_URI"] = known


def refuse(stray: Path, file: str) -> None:
    """Raise BadInput when a model file's code has begun a run, in `stray` or in a store that it named itself."""
    mlflow = sys.modules.get("mlflow")
    if stray.exists() or (mlflow and mlflow.last_active_run()):
        fix = (
            "leave MLflow to the program: what evaluate returns, report(step, …) and figures are in the model's own run"
        )
        raise BadInput(f"{file}: it begins a run in MLflow by itself; {fix}")
