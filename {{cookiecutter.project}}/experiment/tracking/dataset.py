"""The data set of a run, as the store keeps it."""

import warnings

import mlflow
from mlflow.data.code_dataset_source import CodeDatasetSource
from mlflow.entities import Dataset

from ..data import Data


def dataset(data: Data) -> Dataset:
    """Name, source, digest, row count and columns."""
    source = CodeDatasetSource({"mlflow.source.name": data.source}) if ".py:" in data.source else data.source
    target = data.targets[0] if len(data.targets) == 1 else None  # MLflow knows one
    with warnings.catch_warnings(action="ignore"):  # two kinds of source claim a local path; either is right
        made = mlflow.data.from_pandas(data.frame, source, targets=target, name=data.name, digest=data.digest)
        return Dataset(**made.to_dict())
