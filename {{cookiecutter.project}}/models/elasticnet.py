"""Elastic net: how far will diabetes have progressed in a year?"""

from experiment import Data, Field, Params, Range, Source

TASK = "regression"
METRIC = "-rmse"
SPACE = {"alpha": Range(1e-3, 10, log=True), "l1_ratio": Range(0, 1)}


class Hyperparameters(Params):
    alpha: float = Field(0.1, ge=1e-6, le=1e3, description="strength of the penalty")
    l1_ratio: float = Field(0.5, ge=0, le=1, description="share of the l1 penalty: 0 is ridge, 1 is lasso")


def diabetes():
    """442 patients: ten measurements, and in column `target` how far the disease went in the year after."""
    from sklearn.datasets import load_diabetes

    return load_diabetes(as_frame=True, scaled=False).frame


def load(source: Source) -> Data:
    return source.read(diabetes, target="target")


def fit(train: Data, params: Hyperparameters):
    from sklearn.linear_model import ElasticNet
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    net = ElasticNet(alpha=params.alpha, l1_ratio=params.l1_ratio, max_iter=10_000, random_state=params.seed)
    return make_pipeline(StandardScaler(), net).fit(train.X, train.y)
