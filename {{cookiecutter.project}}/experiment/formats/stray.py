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
    if begun(stray):
        fix = "leave that to the program, which tracks what evaluate returns, report(step, …) and figures"
        raise BadInput(f"{file}: it begins a run in MLflow by itself; {fix}")


def begun(stray: Path) -> bool:
    if not (mlflow := sys.modules.get("mlflow")):
        return False
    try:
        if mlflow.last_active_run():
            return True
    except mlflow.MlflowException:  # it is in a store that is another one by now
        return True
    if not stray.exists():  # as it does when a client asks for anything
        return False
    client = mlflow.MlflowClient(f"sqlite:///{stray}")
    return bool(client.search_runs([each.experiment_id for each in client.search_experiments()], max_results=1))
