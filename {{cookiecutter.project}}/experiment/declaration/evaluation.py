"""A model file's `evaluate` over a table that comes in pieces."""

from typing import Any

import pandas as pd

from ..data import Data, Digest, known
from ..errors import tell
from .model import Model

JUDGED_BY_PREDICTIONS = ("classification", "regression")  # tasks whose own `evaluate` asks for nothing else


class Evaluation:
    """whole: the table is held in memory, as `evaluate` is the file's own, or the task's asks for it; else predictions
    and targets are.
    """

    def __init__(self, model: Model, knows: known.Known, name: str, source: str):
        self.whole = hasattr(model.module, "evaluate") or model.task not in JUDGED_BY_PREDICTIONS
        if self.whole:
            tell(f"{model.file}: evaluate asks for the features, so the whole table is held in memory", "note")
        self._model, self._knows, self._name, self._source = model, knows, name, source
        self._X, self._y, self._predicted, self._digest = [], [], [], Digest()

    def add(self, X, targets, predicted, where: str) -> None:
        """Some rows, with their targets and what is predicted of them. Raises BadInput for a target that is none."""
        y = self._knows.targets_of(targets, where)
        self._digest.add(pd.concat([X, y], axis=1))
        for kept, part in ((self._X, X if self.whole else X[[]]), (self._y, y), (self._predicted, predicted)):
            kept.append(part)

    @property
    def digest(self) -> str:
        """Of features and targets, as `Data` has it."""
        return self._digest.text

    def metrics(self, fitted: Any) -> dict[str, float]:
        """What `evaluate` says of all the rows."""
        X, y, predicted = (pd.concat(parts, ignore_index=True) for parts in (self._X, self._y, self._predicted))
        names = list(self._knows.targets)
        y = None if not names else y[names[0]] if len(names) == 1 else y
        told = Told(predicted.to_numpy() if len(names) > 1 else predicted.iloc[:, 0].to_numpy())
        return self._model.evaluate(fitted if self.whole else told, Data(X, y, self._name, self._source))


class Told:
    """A model that has predicted already."""

    def __init__(self, predicted: Any):
        self._predicted = predicted

    def predict(self, table: Any) -> Any:
        return self._predicted
