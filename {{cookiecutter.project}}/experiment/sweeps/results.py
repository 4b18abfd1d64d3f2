"""What became of a sweep's sets: the best, the failed, a table and a figure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ..declaration import Model, Params, Range, flag, text
from ..errors import BadInput
from .plan import texts
from .work import WORST, Outcome, Score

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Results:
    """Outcomes by the id of their runs, those of an earlier process among them."""

    def __init__(self, model: Model):
        self.model, self.rows = model, {}
        self.failed, self.best_run = 0, ""

    def add(self, run_id: str, outcome: Outcome) -> None:
        self.rows[run_id] = outcome
        self.failed += outcome.score is None
        if outcome.score and outcome.score > self.best_score:
            self.best_run = run_id

    def refuse_more_failures(self, bound: int | None) -> None:
        """Raise BadInput when more sets failed than may."""
        if bound is not None and self.failed > bound:
            *_, last = (outcome.problem for outcome in self.rows.values() if outcome.problem)
            raise BadInput(f"{self.model.file}: {self.failed} sets failed, where {bound} may; the last said: {last}")

    @property
    def best_score(self) -> Score:
        return self.rows[self.best_run].score if self.best_run else WORST

    @property
    def so_far(self) -> str:
        """How it goes, in words."""
        best = f", best {self.model.metric} {self.value(self.best_run):.5g}" if self.best_run else ""
        return f"{self.failed} failed{best}"

    def value(self, run_id: str) -> float:
        """The METRIC of a set."""
        return self.rows[run_id].metrics[self.model.metric]

    def options(self, run_id: str) -> list[str]:
        """What a person types to get a set again."""
        return [f"{flag(name)}={value}" for name, value in chosen(self.model, self.rows[run_id].params).items()]

    def ranked(self) -> list[str]:
        """The runs of sets that did not fail, best first."""
        finished = [run_id for run_id, outcome in self.rows.items() if outcome.score]
        return sorted(finished, key=lambda run_id: self.rows[run_id].score, reverse=True)

    def table(self) -> str:
        """A line a set as CSV, best first, the failed ones last."""
        import pandas as pd

        failed = [run_id for run_id, outcome in self.rows.items() if not outcome.score]
        return pd.DataFrame([self.row(run_id) for run_id in [*self.ranked(), *failed]]).to_csv(index=False)

    def row(self, run_id: str) -> dict[str, Any]:
        tried = self.rows[run_id]
        own = {"run_id": run_id, "status": tried.status, "problem": tried.problem} | texts(tried.params)
        return own | {f"metric {name}" if name in own else name: value for name, value in tried.metrics.items()}

    def figure(self) -> Figure:
        """The METRIC against each hyperparameter that was searched; the best set is marked."""
        from matplotlib.figure import Figure

        model, ranked = self.model, self.ranked()
        tried = [name for name in model.space if len({getattr(self.rows[run].params, name) for run in ranked}) > 1]
        figure = Figure(figsize=(4 * max(1, len(tried)), 4), layout="constrained")
        panels = figure.subplots(1, max(1, len(tried)), sharey=True, squeeze=False)[0]
        for name, axes in zip(tried, panels, strict=False):
            values = [getattr(self.rows[run].params, name) for run in ranked]
            if isinstance(choices := model.space[name], Range):
                axes.set_xscale("log" if choices.log else "linear")
            else:  # one choice beside the other, whatever their size
                choices = list(dict.fromkeys([*choices, *values]))
                values = [choices.index(value) for value in values]
                named = range(0, len(choices), math.ceil(len(choices) / 10))  # of many choices some
                axes.set_xticks(named, [text(choices[place]) for place in named])
            axes.scatter(values, [self.value(run) for run in ranked], alpha=0.6)
            axes.scatter(values[:1], [self.value(ranked[0])], marker="*", s=200, color="tab:red")
            axes.set(xlabel=name)
        panels[0].set(ylabel=model.metric)
        figure.suptitle(f"{len(ranked)} sets of {model.name}; the star is the best")
        return figure


def chosen(model: Model, params: Params) -> dict[str, str]:
    """What makes this set what it is, name -> text: the SPACE, and what else is no default."""
    defaults = model.hyperparameters()
    return {name: text(value) for name, value in params if name in model.space or value != getattr(defaults, name)}
