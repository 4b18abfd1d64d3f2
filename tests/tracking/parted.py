"""Parted: holds rows back by a rule of its own."""

from experiment import Data, Field, Params, Source

TASK = "regression"
METRIC = "-mae"
SPACE = {"alpha": [0.1, 1.0]}


class Hyperparameters(Params):
    alpha: float = Field(1.0, gt=0, description="strength of the penalty")


def numbers():
    import pandas as pd

    return pd.DataFrame({"x": range(50), "y": [float(row % 5) for row in range(50)]})


def load(source: Source) -> Data:
    return source.read(numbers, target="y")


def split(data: Data, seed: int):
    return data.rows(data.X.index < 40), data.rows(data.X.index >= 40)


def fit(train: Data, params: Hyperparameters):
    from sklearn.linear_model import Ridge

    return Ridge(alpha=params.alpha).fit(train.X, train.y)
