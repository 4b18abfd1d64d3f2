"""Steady: a fit that takes as long as it is told."""

import os
import time
from pathlib import Path

from experiment import Data, Field, Params, Source

TASK = "regression"
METRIC = "-rmse"
SPACE = {"steps": [5, 10, 20]}


class Hyperparameters(Params):
    steps: int = Field(10, ge=1, description="reports of the fit")
    pause: float = Field(0.02, ge=0, description="seconds between two of them")


def diabetes():
    from sklearn.datasets import load_diabetes

    return load_diabetes(as_frame=True).frame


def load(source: Source) -> Data:
    return source.read(diabetes, target="target")


def fit(train: Data, params: Hyperparameters, report):
    from sklearn.linear_model import LinearRegression

    for step in range(params.steps):
        if step == params.steps // 2:
            print("fitting", flush=True)
            wait("HOLD")
        report(step, loss=1 / (step + 1), speed=float(step), mae=0.0)  # far better than what is judged
        time.sleep(params.pause)
    wait("LAST")
    return LinearRegression().fit(train.X, train.y)


def wait(name):
    """As long as the file is there that the environment names."""
    while Path(os.environ.get(name, "nowhere")).exists():
        time.sleep(0.05)


def figures(model, train: Data, test: Data):
    from matplotlib.figure import Figure

    figure = Figure()
    figure.subplots().plot(model.coef_)
    return {"coefficients": figure}
