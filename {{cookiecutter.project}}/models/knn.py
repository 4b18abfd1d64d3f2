"""k-nearest neighbours: which digit is written here?"""

from typing import Literal

from experiment import Data, Field, Params, Source

TASK = "classification"
METRIC = "f1_macro"
SPACE = {"n_neighbors": [1, 3, 4, 5, 6, 9], "weights": ["uniform", "distance"]}


class Hyperparameters(Params):
    n_neighbors: int = Field(5, ge=1, le=100, description="neighbours that vote")
    weights: Literal["uniform", "distance"] = Field("uniform", description="how a neighbour's vote counts")


def digits():
    """1,797 handwritten digits as 8 x 8 grey values from 0 to 16; the digit is in column `target`."""
    from sklearn.datasets import load_digits

    return load_digits(as_frame=True).frame


def load(source: Source) -> Data:
    return source.read(digits, target="target")


def fit(train: Data, params: Hyperparameters):
    from sklearn.neighbors import KNeighborsClassifier

    train.at_least(params.n_neighbors, "--n-neighbors")
    return KNeighborsClassifier(n_neighbors=params.n_neighbors, weights=params.weights).fit(train.X, train.y)
