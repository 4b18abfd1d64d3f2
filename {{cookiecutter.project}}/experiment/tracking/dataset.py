"""The data set of a run, as the store keeps it."""

import json
import warnings

import mlflow
from mlflow.data.code_dataset_source import CodeDatasetSource
from mlflow.entities import Dataset
from mlflow.utils.validation import MAX_DATASET_SCHEMA_SIZE
from pandas import DataFrame

from ..data import Data
from ..errors import tell

DATASET = "data set"  # what a person calls this piece of a run


def dataset(data: Data) -> Dataset:
    """Name, source, digest, row count and columns; without the columns where they are more than MLflow takes."""
    source = CodeDatasetSource({"mlflow.source.name": data.source}) if ".py:" in data.source else data.source
    target = data.targets[0] if len(data.targets) == 1 else None  # MLflow knows one
    frame = data.frame
    with warnings.catch_warnings(action="ignore"):  # two kinds of source claim a local path; either is right
        made = mlflow.data.from_pandas(telling(frame), source, targets=target, name=data.name, digest=data.digest)
        described = made.to_dict() | {"profile": json.dumps({"num_rows": len(frame), "num_elements": frame.size})}
    if len(described["schema"] or "") > MAX_DATASET_SCHEMA_SIZE:
        tell(f"{data.name}: its {frame.shape[1]:,} columns are more than MLflow lists; the run names none", "note")
        described["schema"] = None
    return Dataset(**described)


def telling(frame: DataFrame) -> DataFrame:
    """Rows that have each column's type, and whether it has gaps: MLflow asks every value of what it is given."""
    gaps = frame.isna()
    rows = {0, *gaps.to_numpy().argmax(axis=0), *gaps.to_numpy().argmin(axis=0)}
    return frame.iloc[sorted(rows)]
