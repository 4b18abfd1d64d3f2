"""Where a table comes from: the model's bundled set, a CSV or a Parquet file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import BadInput
from .dataset import Data
from .uris import public, stem

if TYPE_CHECKING:
    from pandas import DataFrame

SOME = 1_000_000  # cells by which it is seen whether `load` changes what it read


@dataclass(frozen=True)
class Source:
    """What --data and --target ask for; both empty: the model's bundled set. flag: by which the address was given."""

    uri: str = ""
    target: str = ""
    flag: str = "--data"

    @property
    def public(self) -> str:
        """The address, without what may be secret in it."""
        return public(self.uri)

    @property
    def options(self) -> list[str]:
        """What a person types to get this data again."""
        given = {"--data": self.public, "--target": self.target}
        return [f"{flag}={value}" for flag, value in given.items() if value]

    def refuse_missing(self) -> None:
        """Raise BadInput where --data is a local path and nothing is there; for who has to wait for something else."""
        if self.uri and "://" not in self.uri and not Path(self.uri).exists():
            raise BadInput(f"{self.flag} {self.uri}: cannot be read: there is no such file")

    def read(
        self,
        bundled: Callable[[], DataFrame],
        target: str | Sequence[str] | None = None,
        *,
        columns: Sequence[str] | None = None,
        group: str | None = None,
        missing_ok: bool = False,
        text_ok: bool = False,
    ) -> Data:
        """Read --data, or else call `bundled`, and hold the table to what the model can use.

        target: the column to predict, or several, unless --target names others; None: nothing is predicted.
        columns: the features; default: all columns but the group and the targets, this one as well as --target's.
        group: the column that says which rows belong together; they are never split.
        missing_ok, text_ok: the model copes with empty cells, with texts and dates.
        Raises BadInput for a table that cannot be read or does not fit.
        """
        from . import columns as pick
        from . import kinds

        frame, name, source = self.table(bundled)
        pick.refuse_twins(frame, name)
        own = [target] if isinstance(target, str) else list(target or [])
        wanted = pick.named(frame, self.target) or own
        y = pick.target(frame, wanted, name)
        groups = None if group is None else pick.group(frame, group, name)
        if columns is None:
            columns = [column for column in frame if column not in {*own, *wanted, group}]
        features = [column for column in columns if column not in wanted]  # --target may name one of the model's own
        X = kinds.usable(pick.features(frame, features, name), name, missing_ok=missing_ok, text_ok=text_ok)
        raw = X.iloc[:: 1 + X.size // SOME].copy()
        return Data(X, y, name, source, groups, missing_ok, text_ok, raw)

    def table(self, bundled: Callable[[], DataFrame]) -> tuple[DataFrame, str, str]:
        """What --data names, or what `bundled` returns; its name, and where it came from."""
        from . import tables
        from .columns import flat

        if self.uri:
            return tables.read(self.uri, self.flag), stem(self.uri), self.public
        # Rows are found again by their number, so a row number may stand once only. The copy lies in memory as any
        # table of a stranger's does: then the stored model predicts the same to the last digit.
        frame = bundled().reset_index(drop=True).copy()
        if frame.columns.nlevels > 1:
            frame.columns = [flat(*levels) for levels in frame.columns]
        return frame, bundled.__name__, f"{bundled.__module__.replace('.', '/')}.py:{bundled.__name__}"
