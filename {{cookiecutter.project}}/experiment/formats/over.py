"""A fitted model over a table of any length: which columns are read, and what is written of each piece."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pandas as pd
from tqdm import tqdm

from ..data import known, output, pieces
from ..declaration import evaluation
from ..errors import BadInput, tell
from .predicting import Predicting

SECONDS = 10  # between two plain lines


class Over:
    """keep: columns of the table that go along. left_out: those that nobody asked for. rows: how many are predicted."""

    def __init__(
        self, predicting: Predicting, knows: known.Known, keep: list[str], judge: evaluation.Evaluation | None
    ):
        """Raises BadInput for a column to keep that has the name of what is predicted."""
        self._predicting, self._knows, self._keep, self._judge = predicting, knows, keep, judge
        # What the model reads is kept as it reads it, anything else as it stands in the table.
        self._exact = [name for name in keep if name not in knows.columns]
        targets = list(knows.targets) if judge else []
        self._wanted = list(dict.fromkeys([*knows.columns, *targets, *self._exact]))
        self.rows, self.left_out, self._pieces = 0, [], 0
        if both := {name.lower() for name in keep} & {name.lower() for name in predicting.names}:
            raise BadInput(
                f"--keep {', '.join(both)}: what is predicted has this name; rename the column, or leave it out"
            )

    def go(self, table: pieces.Parts, written: output.Output) -> None:
        """Predict piece by piece. Raises BadInput naming column and row for what cannot be predicted."""
        with progress(table) as advance:
            for part in table:
                self._knows.refuse_lacking(part.file.names, self._wanted, part.where)
                self.left_out += [name for name in part.file.names if name not in {*self._wanted, *self.left_out}]
                types = {name: part.file.type_of(name) for name in self._exact}
                texts = self._knows.texts(self._wanted)
                for frame in part.pieces(self._wanted, texts, self._exact):
                    if len(frame):
                        written.add(self._predicted(frame, part.where), types)
                        advance(self.rows)
        if self.left_out:
            said = ", ".join(self.left_out)[:200]
            tell(f"{table.where}: left out what nobody asked for: {said}; --keep takes columns along", "note")
        if not self.rows:
            raise BadInput(f"{table.where}: has no rows")

    def _predicted(self, frame: pd.DataFrame, where: str) -> pd.DataFrame:
        X = self._knows.held(frame, where)
        kept = pd.concat([frame[self._exact], X[[name for name in self._keep if name in X]]], axis=1)[self._keep]
        rows = X.copy()  # a model may change what it is asked
        made = self._predicting.of(X, where)
        self._pieces += 1
        if self._pieces == 2:  # so that there are several
            self._predicting.refuse_other_alone(rows, made, where)
        if self._judge:
            self._judge.add(rows, frame, made, where)
        self.rows += len(X)
        return pd.concat([kept, made], axis=1)


@contextmanager
def progress(table: pieces.Parts) -> Iterator[Any]:
    """What a person sees meanwhile, on stderr: a bar on a terminal, plain lines elsewhere."""
    shape = "{desc}: {bar} {percentage:.0f} %{postfix}, {remaining} left"
    bar, told = tqdm(desc=table.name, total=1.0, bar_format=shape, ncols=100, disable=None), [time.monotonic()]

    def advance(rows: int) -> None:
        if not bar.disable:
            bar.set_postfix_str(f"{rows:,} rows", refresh=False)
            bar.update(table.share - bar.n)
        elif time.monotonic() - told[0] > SECONDS:
            told[0] = time.monotonic()
            print(f"{table.name}: {table.share:.0%}, {rows:,} rows", file=sys.stderr, flush=True)

    with bar:
        yield advance
