"""The rows that a model learns from or is judged on: their fingerprint and their split."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from ..errors import BadInput

if TYPE_CHECKING:
    from pandas import DataFrame, Series


@dataclass(frozen=True)
class Data:
    """Rows to learn from or to be judged on.

    X: features, one row a sample. y: what to predict, aligned with X; None where nothing is.
    name, source: what the data set is called and where it came from, as the tracking store shows them.
    """

    X: DataFrame
    y: Series | None
    name: str
    source: str

    @property
    def frame(self) -> DataFrame:
        """Features and target in one table."""
        return self.X if self.y is None else self.X.assign(**{self.y.name: self.y})

    @cached_property
    def digest(self) -> str:
        """SHA-256 over every value, column name and type, cut to the 36 characters that MLflow keeps."""
        from pandas.util import hash_pandas_object

        frame = self.frame
        columns = repr([(str(name), str(kind)) for name, kind in frame.dtypes.items()])
        rows = hash_pandas_object(frame, index=False).to_numpy()
        return hashlib.sha256(columns.encode() + rows.tobytes()).hexdigest()[:36]

    def at_least(self, rows: int, flag: str) -> None:
        """Raise BadInput when there are fewer rows than the hyperparameter behind `flag` asks for."""
        if len(self.X) < rows:
            raise BadInput(f"{flag} {rows}: {self.name} has {len(self.X)} rows to fit on; lower it or give more rows")

    def split(self, seed: int, *, stratify: bool, test_size: float = 0.2) -> tuple[Data, Data]:
        """Split into rows to fit on and rows to judge on; `stratify` keeps each class's share in both.

        test_size: the share, or the number, of rows to judge on.
        Raises BadInput when there are too few rows, or too few of a class.
        """
        from sklearn.model_selection import train_test_split

        if stratify:
            self._refuse_few_of_a_class()
        try:
            index, classes = self.X.index, self.y if stratify else None
            train, test = train_test_split(index, test_size=test_size, random_state=seed, stratify=classes)
        except ValueError as error:
            raise BadInput(f"{self.name}: {len(self.X)} rows are too few to fit and to judge on: {error}") from None
        return self._rows(train), self._rows(test)

    def _refuse_few_of_a_class(self) -> None:
        counts, target = self.y.value_counts(), f"{self.name}: column {self.y.name}"
        if len(counts) < 2:
            raise BadInput(f"{target} is {counts.index[0]} in all rows; a classifier needs two classes")
        if counts.iloc[-1] < 2:
            raise BadInput(f"{target} is {counts.index[-1]} in one row only; give each class two rows or more")

    def _rows(self, index) -> Data:
        return replace(self, X=self.X.loc[index], y=None if self.y is None else self.y.loc[index])
