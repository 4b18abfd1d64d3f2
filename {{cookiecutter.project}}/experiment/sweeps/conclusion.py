"""What a sweep leaves when all its sets have been tried: in the store, and on the screen."""

import json
import shlex
import sys
from typing import Any

from ..data import Data
from ..errors import BadInput
from ..formats import metrics
from ..tracking import run
from .begun import Begun
from .plan import texts
from .results import chosen
from .work import Outcome


def conclude(sweep: Begun, parent: run.Tracked) -> None:
    """Leave in the sweep's own run which set was the best, all of them as a table and as a figure.

    Raises BadInput when none could be fitted.
    """
    model, results = sweep.model, sweep.results
    if not (best := results.best_run):
        said = next(outcome.problem for outcome in results.rows.values())
        raise BadInput(f"{model.file}: none of {results.failed} sets could be fitted; the first said: {said}")
    parent.tags({"best_run": best, "best": " ".join(results.options(best))})
    parent.judge([(f"best_{model.metric}", results.value(best), metrics.milliseconds(), 0)])
    parent.keep("sets.csv", results.table())
    parent.figures({"sets": results.figure()})


def fitted(sweep: Begun, tried: Outcome) -> tuple[Any, Data, str]:
    """The fitted model of a set, the rows that it is judged on, and its file; a model that was not kept, as by an
    earlier process, is fitted again.
    """
    model = sweep.model
    fitting, judging = model.split(sweep.data, tried.params.seed)
    if tried.kept:
        made = tried.left()
        tried.kept.unlink()
    else:
        again = " ".join(chosen(model, tried.params).values())
        print(f"{model.name}: fitting the set {again} again, to store its model", file=sys.stderr)
        made = model.fit(fitting, tried.params)
    return made, judging, model.file


def show(sweep: Begun, parent: run.Tracked, as_json: bool, top: int = 5) -> None:
    """Print the best sets as a table, and what to do next; or all that a script needs."""
    model, results = sweep.model, sweep.results
    if as_json:
        print(json.dumps(summary(sweep, parent), indent=2))
        return
    print(f"\n{model.metric}, {'lowest' if model.minimised else 'highest'} first:")
    for run_id in results.ranked()[:top]:
        print(f"  {results.value(run_id):<10.5g} {' '.join(results.options(run_id))}")
    if results.failed:
        print(f"{results.failed} sets failed; their runs say why")
    print(parent.whereabouts)
    again = [*results.options(results.best_run), *sweep.source.options]
    print(f"next: python -m experiment train {model.name} {shlex.join(again)}")


def summary(sweep: Begun, parent: run.Tracked) -> dict:
    """A sweep as JSON holds it."""
    results, best = sweep.results, sweep.results.rows[sweep.results.best_run]
    return {
        "run_id": parent.id,
        "model": sweep.model.name,
        "strategy": sweep.plan.strategy,
        "finished": len(results.rows) - results.failed,
        "failed": results.failed,
        "best": {"run_id": results.best_run, "metrics": best.metrics, "params": texts(best.params)},
    }
