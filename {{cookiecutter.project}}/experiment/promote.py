"""Make the best run the champion, if it is better on the same rows and good enough."""

import json
import math
import shlex
from argparse import ArgumentTypeError, Namespace
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from . import best, cli
from .declaration import Model
from .errors import BadInput, Exit, aside, tell

EQUALS = 100  # best runs of the same METRIC, among which one with a stored model is looked for

if TYPE_CHECKING:
    from .tracking import comparison, registry, store


def parse(argv: list[str]) -> Callable[[], Exit]:
    model = cli.model(argv, "promote")
    parser = cli.Parser(f"promote {model.name}", f"{__doc__} {model.name} is judged by {model.metric}.")
    add = parser.add_argument
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--run", default="", metavar="ID", help="default: the best run on the newest run's data")
    which.add_argument("--where", default="", metavar="FILTER", help="the best of some: metrics.f1 > 0.9")
    table = parser.add_mutually_exclusive_group()
    table.add_argument("--data", default="", metavar="URI", help="where the run's table is now, if it has moved")
    table.add_argument("--on", default="", metavar="URI", help="judge on all rows of a table that neither has seen")
    add("--min-gain", type=gain, default=0.0, metavar="N", help=f"in {model.metric}, over the champion's (default: 0)")
    add("--force", action="store_true", help="also where the champion knows the rows, or cannot be judged at all")
    add("--allow-pickle", action="store_true", help="load models that may run code and that no run of ours made")
    add("--dry-run", action="store_true", help="only say what would happen, and why")
    add("--json", action="store_true", help="print JSON, for scripts")
    return partial(answer, model, parser.read(argv[1:]))


def gain(word: str) -> float:
    if not 0 <= (number := float(word)) < math.inf:
        raise ArgumentTypeError(f"{word} must be 0 or more")
    return number


def answer(model: Model, args: Namespace) -> Exit:
    with aside():  # what a model prints is no answer
        made, said = promote(model, args)
    told = made.record() | {"promoted": bool(made.version), "version": made.version or None, "said": said}
    print(json.dumps(told, indent=2) if args.json else f"{made.text()}\n\n{said}")
    return Exit.NEGATIVE if made.against else Exit.OK


def promote(model: Model, args: Namespace) -> tuple["comparison.Comparison", str]:
    """Judge a run and the champion on the same rows, and give the alias to the run if it is better; what came of it.

    Each comparison is with the champion of now, also where another became that meanwhile.
    """
    from .tracking import store

    opened = store.connect(loading_models=True)

    from .tracking import comparison, judging, registry, rows, scratch

    registered = registry.Registry(opened, model.name)
    run = candidate(model, opened, registered, args)
    judged, on = rows.whole(model, run, args.on) if args.on else rows.held_back(model, run, args.data)
    with scratch.folder("promote-") as folder:
        judge = judging.Judge(model, judged, bool(args.on), registered, folder, args.allow_pickle, args.force)
        measured = judge.challenger(run)
        made = comparison.Comparison(model, run, on, measured, model.unmet(measured), args.min_gain)
        while True:
            made.champion, made.best, made.forced = (champion := registered.champion()), None, ""
            place = f"{registered.name}, {f'in place of version {champion.version}' if champion else 'which had none'}"
            if champion and champion.run_id == run.info.run_id:
                known = f"the run is version {champion.version} of {registered.name}, the champion"
                return made, f"nothing to do: {'; '.join([known, *made.unmet])}"
            if champion:
                made.best, made.forced = judge.champion(champion, run)
            if made.against:
                return made, f"not promoted: {made.against}"
            if args.dry_run:
                return made, f"would be promoted: a new version is the champion of {place}"
            registered.leave(run, made.text(), made.figure())
            version = registered.register(run, made.tags())
            if registered.crown(version, champion):
                made.version = str(version.version)
                return made, f"promoted: version {version.version} is the champion of {place}"
            tell(f"{registered.name} has got another champion meanwhile; the run is compared with that", "note")


def candidate(model: Model, opened: "store.Store", registered: "registry.Registry", args: Namespace):
    """The run to promote, whose model is stored. Raises BadInput where there is none."""
    from .tracking import candidates, rows

    if args.run:
        run = candidates.named(registered, args.run, partial(candidates.unfit, model))
    else:
        found, _ = best.best(opened, model, "", args.where, EQUALS)
        if not found:
            which = f"finished run where {args.where}" if args.where else "finished run"
            raise BadInput(f"{model.name}: no {which}; train one: make train-{model.name}")
        left = candidates.standing(model, found, registered)
        leading = [run for run in left if run.data.metrics[model.metric] == left[0].data.metrics[model.metric]]
        run = next((run for run in leading if run.outputs.model_outputs), leading[0])
    if not run.outputs.model_outputs:
        words = [f"{name}={value}" for name, value in best.hyperparameters(model, run).items()]
        words += [option.removeprefix("--") for option in rows.source(run).options]
        fix = f"make one that is: make train-{model.name} {shlex.join(words)}"
        raise BadInput(f"run {run.info.run_id}: its model was not stored; {fix}")
    return run
