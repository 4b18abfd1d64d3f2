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

    @property
    def public(self) -> str:
        """The address, without what may be secret in it."""
        return public(self.uri)

    @property
    def options(self) -> list[str]:
        """What a person types to get this data again."""
        given = {"--data": self.public, "--target": self.target}
        return [f"{flag}={value}" for flag, value in given.items() if value]

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
        columns: the features; default: all columns but the target and the group.
        group: the column that says which rows belong together; they are never split.
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
        wanted = pick.named(frame, self.target) or ([target] if isinstance(target, str) else list(target or []))
        y = pick.target(frame, wanted, name)
        groups = None if group is None else pick.group(frame, group, name)
        read = [name for name in frame if name != group] if columns is None else columns
        features = [name for name in read if name not in wanted]  # --target may name one of the model's features
        X = pick.usable(pick.features(frame, features, name), name, missing_ok=missing_ok, text_ok=text_ok)
        return Data(X, y, name, source, groups)
