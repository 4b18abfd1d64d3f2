"""Where a table comes from: the model's bundled set, a CSV or a Parquet file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .dataset import Data
from .uris import public, stem

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True)
class Source:
    """What --data and --target ask for; both empty: the model's bundled set."""

    uri: str = ""
    target: str = ""

    def read(
        self,
        bundled: Callable[[], DataFrame],
        target: str | None = None,
        *,
        columns: Sequence[str] | None = None,
        missing_ok: bool = False,
        text_ok: bool = False,
    ) -> Data:
        """Read --data, or else call `bundled`, and hold the table to what the model can use.

        target: the column to predict unless --target names another; None: nothing is predicted.
        columns: the features; default: all columns but the target.
        missing_ok, text_ok: the model copes with empty cells, with text.
        Raises BadInput for a table that cannot be read or does not fit.
        """
        from . import columns as pick
        from . import tables

        if self.uri:
            frame, name, source = tables.read(self.uri), stem(self.uri), public(self.uri)
        else:
            # Rows are found again by their number, so a row number may stand once only.
            frame, name = bundled().reset_index(drop=True), bundled.__name__
            source = f"{bundled.__module__.replace('.', '/')}.py:{name}"
        pick.refuse_twins(frame, name)
        target = self.target or target
        y = None if target is None else pick.target(frame, target, name)
        X = frame.drop(columns=[target] if target else []) if columns is None else pick.features(frame, columns, name)
        return Data(pick.usable(X, name, missing_ok=missing_ok, text_ok=text_ok), y, name, source)
