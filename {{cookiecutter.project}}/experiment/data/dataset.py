"""The rows that a model learns from or is judged on, and their fingerprint."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from ..errors import BadInput

if TYPE_CHECKING:
    from pandas import DataFrame, Series


class Digest:
    """SHA-256 over every value, column name and type of a table that may come in pieces."""

    def __init__(self):
        self._sum = None

    def add(self, frame: DataFrame) -> None:
        from pandas.util import hash_pandas_object

        if self._sum is None:
            columns = repr([(str(name), str(kind)) for name, kind in frame.dtypes.items()])
            self._sum = hashlib.sha256(columns.encode())
        self._sum.update(hash_pandas_object(frame, index=False).to_numpy().tobytes())

    @property
    def text(self) -> str:
        """Cut to the 36 characters that MLflow keeps."""
        return self._sum.hexdigest()[:36]


@dataclass(frozen=True)
class Data:
    """Rows to learn from or to be judged on.

    X: features, one row a sample. y: what to predict, aligned with X; a table where that is several columns, None
    where nothing is. groups: which rows belong together, aligned with X; None where each stands for itself.
    name, source: what the data set is called and where it came from, as the tracking store shows them.
    missing_ok, text_ok, raw: what `Source.read` was told, and some of the rows as it returned them; None where `load`
    makes the table otherwise.
    """

    X: DataFrame
    y: Series | DataFrame | None
    name: str
    source: str
    groups: Series | None = None
    missing_ok: bool | None = None
    text_ok: bool | None = None
    raw: DataFrame | None = None

    def __post_init__(self):
        """Raise BadInput where an answer or a group is among the features, or belongs to other rows than they do."""
        answers = [] if self.y is None else [self.y.name] if self.y.ndim == 1 else list(self.y)
        group = getattr(self.groups, "name", None)
        for name, what in [*((name, "predicted") for name in answers), (group, "grouped by")]:
            if name is not None and name in self.X:
                raise BadInput(f"{self.name}: column {name} is {what}, and among the features; take it out of them")
        if group is not None and group in answers:
            raise BadInput(f"{self.name}: column {group} is predicted, and grouped by; keep one")
        for part, what in ((self.y, "the target"), (self.groups, "the group")):
            if part is not None and not part.index.equals(self.X.index):
                raise BadInput(f"{self.name}: {what} has other rows than the features; give both the same index")

    @property
    def targets(self) -> list[str]:
        """The names of the columns to predict."""
        import pandas as pd

        return [] if self.y is None else [str(name) for name in pd.DataFrame(self.y)]

    @property
    def frame(self) -> DataFrame:
        """Features, targets and groups in one table."""
        import pandas as pd

        return pd.concat([part for part in (self.X, self.y, self.groups) if part is not None], axis=1)

    @cached_property
    def digest(self) -> str:
        """The fingerprint of all the rows, with the names and types of their columns."""
        digest = Digest()
        digest.add(self.frame)
        return digest.text

    def at_least(self, rows: int, flag: str) -> None:
        """Raise BadInput when there are fewer rows than the hyperparameter behind `flag` asks for."""
        if len(self.X) < rows:
            raise BadInput(f"{flag} {rows}: {self.name} has {len(self.X)} rows to fit on; lower it or give more rows")

    def rows(self, which) -> Data:
        """Some of the rows: `which` is a column of True and False, or row numbers as in `X.index`."""
        some = {part: getattr(self, part) for part in ("X", "y", "groups")}
        return replace(self, **{part: None if all_ is None else all_.loc[which] for part, all_ in some.items()})
