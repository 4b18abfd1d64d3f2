"""Streams: what its fit reports seems better than what is judged."""

from typing import Literal

from experiment import Data, Field, Params, Source

TASK = "regression"
METRIC = "-rmse"
SPACE = {"way": ["same", "first", "below", "late"]}


class Hyperparameters(Params):
    way: Literal["same", "first", "below", "late", "metric"] = Field(
        "same", description="under which name, at which steps"
    )


def diabetes():
    from sklearn.datasets import load_diabetes

    return load_diabetes(as_frame=True).frame


def load(source: Source) -> Data:
    return source.read(diabetes, target="target")


def fit(train: Data, params: Hyperparameters, report):
    from sklearn.linear_model import Ridge

    match params.way:
        case "same":  # another metric that is judged too
            for epoch in range(1, 6):
                report(epoch, mae=0.1 / epoch, loss=1.0)
        case "first":  # at the step of what is judged without a stream
            report(0, mae=0.1)
        case "below":
            report(-3, mae=0.1)
        case "late":  # the METRIC, when a fit would be lost by a refusal
            report(1, loss=1.0)
            report(2, rmse=0.1, mae=0.1)
        case "metric":
            report(1, rmse=0.1)
    return Ridge().fit(train.X, train.y)
