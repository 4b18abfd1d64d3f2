"""What a fitted model predicts, as columns of a table: of each target, and of each class if that is asked for."""

from typing import Any

import numpy as np
import pandas as pd

from ..errors import BadInput

ALONE = 20  # rows that are predicted once more, without those beside them


class Predicting:
    """names: of what is predicted, as the targets are called; `prediction` where there are none.

    proba: a column for each class too. Raises BadInput where the model has no such.
    """

    def __init__(self, fitted: Any, names: list[str], proba: bool):
        self._fitted, self.names, self._classes, self._kinds = fitted, names or ["prediction"], None, None
        if proba:
            self._classes = getattr(fitted, "classes_", None)
            if not hasattr(fitted, "predict_proba") or np.ndim(self._classes) != 1:
                raise BadInput("--proba: the model has no predict_proba, or no one list of classes; leave it out")

    def of(self, X: pd.DataFrame, where: str) -> pd.DataFrame:
        """What is predicted of some rows. Raises BadInput naming them for what the model, or a table, cannot take."""
        try:
            made = self._columns(X)
        except BadInput as error:
            raise BadInput(f"{where}: {error}") from None
        except (Exception, SystemExit) as error:  # what its library stumbles over
            rows = f"rows {X.index[0] + 1} to {X.index[-1] + 1}"
            raise BadInput(
                f"{where}, {rows}: the model cannot predict them: {type(error).__name__}: {error}"
            ) from error
        kinds = {name: str(column.dtype) for name, column in made.items()}
        self._kinds = self._kinds or kinds
        if kinds != self._kinds:
            raise BadInput(
                f"{where}: the model predicts {kinds} from row {X.index[0] + 1} on, and {self._kinds} before"
            )
        return made

    def refuse_other_alone(self, X: pd.DataFrame, made: pd.DataFrame, where: str) -> None:
        """Raise BadInput where some rows are predicted otherwise than beside more: in pieces, all would be wrong."""
        few = self.of(X.head(ALONE), where)
        for name, column in few.items():
            beside = made[name].head(ALONE)
            same = (
                np.isclose(column, beside, equal_nan=True)
                if column.dtype.kind in "fiu"
                else (column == beside).to_numpy()
            )
            if np.mean(same) < 0.9:  # of two classes that are as near, sums of other lengths may choose the other
                place = int(np.argmin(same))
                said = f"the model predicts {column.iloc[place]} by itself, and {beside.iloc[place]} beside other rows"
                raise BadInput(f"{where}, row {X.index[place] + 1}: {said}; so no table can be predicted in pieces")

    def _columns(self, X: pd.DataFrame) -> pd.DataFrame:
        predicted = self._fitted.predict(X)
        values = np.asarray(predicted)
        if values.shape[:1] != (len(X),) or values.ndim > 2:
            raise BadInput(f"the model predicts an array of {values.shape} for {len(X)} rows")
        values = values.reshape(len(X), -1)
        names = self.names
        if len(names) != values.shape[1]:
            names = [f"{names[0]}_{number}" for number in range(1, values.shape[1] + 1)]
        columns = {name: plain(column) for name, column in zip(names, values.T, strict=True)}
        if self._classes is not None:
            chances = np.asarray(self._fitted.predict_proba(X))
            columns |= {f"{names[0]}_{each}": chance for each, chance in zip(self._classes, chances.T, strict=True)}
        return pd.DataFrame(columns).set_axis(X.index)


def plain(values: np.ndarray) -> pd.Series:
    """A column that a file can hold: numbers, times, true and false, texts. Raises BadInput for anything else."""
    column = pd.Series(values).infer_objects()
    if column.dtype.kind in "US" or pd.api.types.infer_dtype(column, skipna=True) in ("string", "empty"):
        return column.astype("str")
    if column.dtype.kind not in "biufM":
        raise BadInput(f"the model predicts {column.iloc[0]!r}, which no file can hold")
    return column
