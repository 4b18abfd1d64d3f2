"""Try many sets of hyperparameters on all cores: one parent run, a child run for each set."""

import os
import sys
from argparse import Namespace
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from . import cli, upload
from .data import Source
from .declaration import BrokenRule, Model, Params, flag, validate
from .errors import BadInput, aside, tell
from .sweeps import extent

if TYPE_CHECKING:
    from .sweeps import begun
    from .tracking import run


def parse(argv: list[str]) -> Callable[[], None]:
    model = cli.model(argv, "sweep")
    args = parser(model).read(argv[1:])
    fixed = cli.given(model, args)
    with suppress(BrokenRule):  # with defaults that the sets do not have
        validate(model.hyperparameters, fixed, model.file)
    if args.resume:
        refuse_another_sweep(args, fixed)
    elif args.force:
        raise BadInput("--force: is for a sweep that is gone on with; name it, --resume ID, or leave that out")
    else:
        args.strategy = extent.strategy(model, fixed, args.strategy, args.limit)
    return partial(sweep, model, args, fixed)


def sweep(model: Model, args: Namespace, fixed: dict[str, tuple[str, str]]) -> None:
    """Begin a sweep, or go on with one; fixed: the hyperparameters that leave its space, name -> (text, place)."""
    from .sweeps import begun, conclusion

    source, models = Source(args.data, args.target), args.log_models != "none"
    with aside():  # what a fit prints would be in the middle of the JSON
        upload.earlier()
        if args.resume:
            known = begun.again(model, args.resume, source, args.force, models)
        else:
            known = begun.new(model, fixed, args.strategy, args.limit, source, models)
        parent = track(known, args)
    conclusion.show(known, parent, args.json)


def parser(model: Model) -> cli.Parser:
    made = cli.Parser(f"sweep {model.name}", f"Try the SPACE of {model.file}: {model.description}")
    add = made.add_argument
    add("--strategy", choices=("grid", "random", "tpe"), help="default: grid of lists alone, else random; tpe learns")
    add("--limit", type=cli.count, default=None, help="most sets to try (default: a whole grid, 12 of a Range)")
    add("--jobs", type=cli.count, default=None, help="processes to use (default: all cores)")
    add("--resume", metavar="ID", default="", help="go on with a sweep: try the sets that it has not finished")
    add("--force", action="store_true", help="go on although model file, space or data have changed")
    failing = made.add_mutually_exclusive_group()
    failing.add_argument("--max-failures", type=cli.natural, metavar="N", help="stop when more fail (default: never)")
    failing.add_argument(
        "--fail-fast", action="store_const", const=0, dest="max_failures", help="stop at the first set that fails"
    )
    add("--log-models", choices=("all", "best", "none"), default="best", help="fitted models to store (default: best)")
    add("--json", action="store_true", help="print JSON, for scripts")
    made.add_hyperparameters(model)
    made.add_data()
    return made


def refuse_another_sweep(args: Namespace, fixed: dict[str, tuple[str, str]]) -> None:
    """Raise BadInput when a sweep that is resumed would become another one."""
    given = [place for _, place in fixed.values()] + ["MLFLOW_RUN_ID"] * ("MLFLOW_RUN_ID" in os.environ)
    given += [flag(name) for name in ("strategy", "limit") if getattr(args, name)]
    if given:
        raise BadInput(f"{given[0]}: a sweep is resumed as it began; leave it out, or begin a new one without --resume")


def track(sweep: "begun.Begun", args: Namespace) -> "run.Tracked":
    """Fit the sets that are left, and track them; returns the sweep's own run.

    Raises BadInput when no set could be fitted, or more failed than may.
    """
    from .sweeps import plan
    from .tracking import family, provenance, run

    model, known = sweep.model, sweep.plan
    tags = provenance.tags(model, sweep.data, sweep.held_back)
    own = tags | {"sweep": f"{known.strategy}, {known.limit} sets"}
    with run.start(sweep.store, f"{model.name} sweep", model.description, own, sweep.resumed) as parent:
        print(f"{model.name}: sweep {parent.id}, {sweep.left} of {known.limit} sets to try", file=sys.stderr)
        if not sweep.resumed:
            family.hold(parent.id)
            parent.keep(plan.FILE, known.written())
        parent.dataset(sweep.data)
        parent.confirm()  # or nobody could go on with it
        try:
            fit(sweep, parent, tags, args)
        except BaseException:
            print(f"to go on: python -m experiment sweep {model.name} --resume {parent.id}", file=sys.stderr)
            raise
    return parent


def fit(sweep: "begun.Begun", parent: "run.Tracked", tags: dict[str, str], args: Namespace) -> None:
    """Fit all that is left; a set that fails is a failed child and stops no other."""
    from .sweeps import conclusion, engine, progress
    from .tracking import children

    results, written = sweep.results, children.Children(sweep.store, parent, tags)
    jobs = min(args.jobs or engine.cores(), sweep.left)

    def start(params: Params) -> str:
        return written.open(*sweep.named(params))

    def end(run_id: str, outcome) -> None:
        storing = args.log_models == "all" and outcome.status == "FINISHED"
        written.close(run_id, outcome, partial(conclusion.fitted, sweep, outcome) if storing else None)

    if args.log_models == "all" and (bare := len(results.ranked()) - len(sweep.stored)):
        tell(f"{bare} sets were finished before without their models being stored, and stay so", "note")
    working = engine.Engine(sweep, jobs, args.log_models)
    with working, written:
        with progress.Progress(results, sweep.plan.limit) as shown:
            for run_id, outcome in working.outcomes(sweep.search, start, end):
                if outcome.status == "KILLED":
                    fix = f"undo that, or go on by the new files: --resume {parent.id} --force"
                    raise BadInput(f"{outcome.problem}, and a process that takes another's place would fit that; {fix}")
                results.add(run_id, outcome)
                shown.advance()
                results.refuse_more_failures(args.max_failures)
        conclusion.conclude(sweep, parent)
        if args.log_models == "best" and (best := results.best_run) not in sweep.stored:
            tried = results.rows[best]
            written.model(best, tried, partial(conclusion.fitted, sweep, tried))
