"""What a model knows of the table that it was trained on, and a later table held against it."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import pandas_dtype

from ..errors import BadInput
from .columns import refuse_twins
from .dataset import Data
from .misfits import refuse_gaps, refuse_other


@dataclass(frozen=True)
class Known:
    """columns: the features, each with pandas' name of its type. targets: what is predicted, likewise.

    missing_ok, text_ok: whether empty cells, and texts, were expected; None where nobody knows. derived: features that
    the model file's `load` makes or changes, so that no table has them as they are.
    """

    columns: dict[str, str]
    targets: dict[str, str]
    missing_ok: bool | None = None
    text_ok: bool | None = None
    derived: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, data: Data) -> "Known":
        targets = {} if data.y is None else pd.DataFrame(data.y)
        derived = [str(name) for name in data.X if is_derived(name, data)]
        return cls(types(data.X), types(targets), data.missing_ok, data.text_ok, derived)

    @classmethod
    def recorded(cls, record: bytes) -> "Known":
        return cls(**json.loads(record))

    @property
    def record(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self))

    @property
    def made(self) -> str:
        """The derived ones, in words; empty where there are none."""
        return ", ".join(self.derived)[:200]

    def texts(self, names: Iterable[str]) -> list[str]:
        """Those of these columns that hold texts: all of one can look like numbers, as 0012 does."""
        known = self.columns | self.targets
        return [name for name in names if name in known and is_text(known[name])]

    def refuse_lacking(self, names: list[str], wanted: list[str], where: str) -> None:
        """Raise BadInput unless a table has all of these columns, once."""
        refuse_twins(pd.DataFrame(columns=[name for name in names if name in wanted]), where)
        lacking = [name for name in wanted if name not in names]
        if made := [name for name in lacking if name in self.derived]:
            fix = "predict reads tables as they are; let the model do it, as a Pipeline of scikit-learn can"
            raise BadInput(f"{where}: lacks {', '.join(made)}, which the model file's load makes; {fix}")
        if lacking:
            raise BadInput(f"{where}: lacks the columns {', '.join(lacking)} that the model was trained on")

    def held(self, frame: pd.DataFrame, where: str) -> pd.DataFrame:
        """The features of some rows, as the model knows them. Raises BadInput naming a row that it cannot take."""
        X = frame[list(self.columns)]
        for name, kind in self.columns.items():
            refuse_other(X[name], pandas_dtype(kind), where)
        X = X.astype({name: kind for name, kind in self.columns.items() if str(X[name].dtype) != kind})
        floats = X.select_dtypes("float")
        if (infinite := np.isinf(floats).any()).any():  # as they were when it was trained
            X = X.replace({name: [np.inf, -np.inf] for name in infinite.index[infinite]}, np.nan)
        if self.missing_ok is False:
            for name in X.columns[X.isna().any()]:
                refuse_gaps(X[name], where)
        return X

    def targets_of(self, frame: pd.DataFrame, where: str) -> pd.DataFrame:
        """What is to be predicted of some rows, known. Raises BadInput naming column and row for what it cannot be."""
        for name, kind in self.targets.items():
            refuse_gaps(frame[name], where)
            if kind:
                refuse_other(frame[name], pandas_dtype(kind), where)
        return frame[list(self.targets)]


def types(frame: Any) -> dict[str, str]:
    return {str(name): str(column.dtype) for name, column in frame.items()}


def is_text(kind: str) -> bool:
    return pandas_dtype(kind).kind == "O"


def is_derived(name: Any, data: Data) -> bool:
    """Whether a feature is other than the table's column of this name, going by some rows."""
    if data.raw is None or name not in data.raw or not data.X.columns.is_unique:
        return True
    rows = data.raw.index.intersection(data.X.index)
    was, now = (table.loc[rows, name].astype(object) for table in (data.raw, data.X))  # `load` may have made any type
    return not (len(rows) and ((was == now) | (was.isna() & now.isna())).all())
