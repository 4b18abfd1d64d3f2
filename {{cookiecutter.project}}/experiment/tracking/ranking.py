"""The best of many runs, by queries that stay quick as the store grows."""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from .store import Store

if TYPE_CHECKING:
    from mlflow.entities import Run

PAGE = 200  # runs that one query brings, unless more are wanted: each takes MLflow half a millisecond


@dataclass
class Ranking:
    """The runs that pass, by their `metric`, of equals the newest first.

    On sqlite MLflow's own order by a metric compares each run with each, where a filter takes little. So the best are
    asked for by a bar, which is raised to one of the best that the query before brought.
    own, where: filters, the program's and a person's. passing: drops runs that have not finished, as a condition on the
    status is dear, and others that no filter can name.
    """

    store: Store
    own: str
    where: str
    metric: str
    minimised: bool
    passing: Callable[[Iterable["Run"]], Iterable["Run"]]

    def best(self, top: int, some: list["Run"]) -> list["Run"]:
        """The `top` best, best first. some: runs that pass; as many as wanted make the first bar.

        Raises BadInput for a filter that MLflow cannot parse.
        """
        better = "<" if self.minimised else ">"
        found, more = (some, True) if len(some) >= top else self._ask(">=", -sys.float_info.max, top)
        while more:
            leading = [run.data.metrics[self.metric] for run in self._ranked(found, top)]
            for bar in dict.fromkeys((leading[top // 3], leading[-1])):  # the high one is most often low enough
                found, more = self._ask(better, bar, top)
                if len(found) >= top:
                    break
            else:  # the bar is the value of the last one wanted
                found += self._ask("=", bar, top)[0]
        return self._ranked(found, top)

    def _ask(self, comparison: str, bar: float, top: int) -> tuple[list["Run"], bool]:
        """Runs by their metric, newest first, and whether there may be more."""
        size, number = max(PAGE, 2 * top), repr(bar).replace("+", "")  # MLflow reads no 1e+300
        asked = f"{self.own} and metrics.`{self.metric}` {comparison} {number}"
        runs = list(islice(self.store.search(asked, self.where, size), size))
        found = list(self.passing(runs))
        if len(runs) == size and len(found) < top:  # so many do not pass that the store must leave out what it can
            finished = self.store.search(f"{asked} and attributes.status = 'FINISHED'", self.where, size)
            runs = found = list(islice(self.passing(finished), size))
        return found, len(runs) == size

    def _ranked(self, runs: list["Run"], top: int) -> list["Run"]:
        return sorted(runs, key=lambda run: run.data.metrics[self.metric], reverse=not self.minimised)[:top]
