"""Show the best runs in the store, among those that were judged on the same rows."""

import json
import re
import sys
from argparse import Namespace
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice

from . import cli
from .data import stem
from .declaration import Model
from .errors import BadInput
from .formats import metrics

RECENT = 100  # newest runs, among which those to compare and those to leave out are looked for
DIGEST = re.compile("[0-9a-f]{8,36}")  # the beginning of a fingerprint
MOST = 25_000  # runs to show: MLflow brings twice as many at once


def parse(argv: list[str]) -> Callable[[], None]:
    model = cli.model(argv, "best")
    about = f"Show the runs of {model.name} with the best {model.metric}, among those judged on the same rows."
    parser = cli.Parser(f"best {model.name}", about)
    parser.add_argument("--data", default="", metavar="NAME", help="name or fingerprint (default: the newest run's)")
    parser.add_argument("--where", default="", metavar="FILTER", help="in MLflow's filter language: metrics.f1 > 0.9")
    parser.add_argument("--top", type=cli.count, default=5, metavar="N", help="most runs to show (default: 5)")
    parser.add_argument("--json", action="store_true", help="print JSON, for scripts")
    return partial(answer, model, parser.read(argv[1:]))


def answer(model: Model, args: Namespace) -> None:
    from .tracking import store

    runs, others = best(store.connect(waiting=False), model, args.data and stem(args.data), args.where, args.top)
    if args.json:
        print(json.dumps([summary(model, run) for run in runs], indent=2))
    elif runs:
        show(model, runs)
    sys.stderr.writelines(f"{line}\n" for line in others)
    if not (runs or args.json):
        narrowed = (f" on {args.data}" if args.data else "") + (f" where {args.where}" if args.where else "")
        raise BadInput(f"{model.name}: no finished run{narrowed}; train one: make train-{model.name}")


def best(opened, model: Model, data: str, where: str, top: int) -> tuple[list, Iterator[str]]:
    """The finished runs of a model in an open store with the best METRIC, best first; and what is left out, in words.

    Runs compare when data set, target, split and seed are those of the newest run, or of the newest on the data set
    `data`. `where` narrows them. Raises BadInput for a filter that MLflow cannot parse.
    """
    from .tracking import ranking

    reported = set()

    def judged(runs: Iterable) -> Iterator:
        """Those of the model that were judged; of others that have a METRIC, `reported` gets the ids."""
        for run in filter(partial(is_comparable, model), runs):
            if metrics.judged(run, model.metric):
                yield run
            else:
                reported.add(run.info.run_id)

    recent = list(judged(islice(opened.search("", where, RECENT), RECENT)))  # found in no time, and mostly enough
    if not any(of(run, data) for run in recent):
        asked = f"tags.model = '{model.name}' and tags.comparable LIKE '%' and metrics.`{model.metric}` > -1e308"
        recent = list(islice(judged(opened.search(f"{asked} and {on(data)}", where, RECENT)), RECENT))
    first = next((rows(run) for run in recent if of(run, data)), ("", ""))
    some = [run for run in recent if rows(run) == first]
    own, passing = f"tags.comparable = '{first[0]}'", lambda runs: (run for run in judged(runs) if rows(run) == first)
    ranked = ranking.Ranking(opened, own, where, model.metric, model.minimised, passing)
    found = ranked.best(min(top, MOST), some) if some else []
    return found, left_out(model, [run for run in recent if run not in some], len(reported))


def left_out(model: Model, others: list, reported: int) -> Iterator[str]:
    """What `best` does not rank, in words: runs that other rows judged, and how many that nothing did."""
    for one, count in Counter(map(judged_on, others)).items():
        yield f"left out of the newest {RECENT} runs, not comparable: {count} on {one}"
    if reported:
        among = f"left out of the newest {RECENT} runs and of those that seemed better"
        yield f"{among}, as their newest {model.metric} was reported by fit, and is not what was judged: {reported}"


def is_comparable(model: Model, run) -> bool:
    """Has the run finished, and what runs are compared by? The parents of sweeps do not have it."""
    own = run.data.tags.get("model") == model.name and "comparable" in run.data.tags
    return own and run.info.status == "FINISHED" and model.metric in run.data.metrics


def rows(run) -> tuple[str, str]:
    """What a run was judged on, and by: two that have the same compare."""
    return run.data.tags["comparable"], run.data.tags.get("target", "")


def of(run, data: str) -> bool:
    """Was the run judged on this data set, given by name or by the beginning of its fingerprint?"""
    told = run.inputs.dataset_inputs[0].dataset
    return data in ("", told.name) or (DIGEST.fullmatch(data) and told.digest.startswith(data))


def on(data: str) -> str:
    """MLflow's filter for the runs on a data set: its name, the beginning of its fingerprint, or empty for any."""
    if DIGEST.fullmatch(data):
        return f"dataset.digest LIKE '{data}%'"
    return f'dataset.name = "{data}"' if data else "dataset.name LIKE '%'"


def judged_on(run) -> str:
    """The data of a run, in words: name and fingerprint, what was predicted, which rows were held back."""
    data, tags = run.inputs.dataset_inputs[0].dataset, run.data.tags
    target = f" to predict {tags['target']}" if "target" in tags else ""
    return f"{data.name} ({data.digest[:8]}){target}, split {tags.get('split', 'unknown')}"


def summary(model: Model, run) -> dict:
    """A run as JSON holds it."""
    data, tags = run.inputs.dataset_inputs[0].dataset, run.data.tags
    return {
        "run_id": run.info.run_id,
        "metrics": {name: value for name, value, *_ in metrics.judged(run, model.metric)},
        "params": hyperparameters(model, run),
        "data": {"name": data.name, "digest": data.digest, "target": tags.get("target"), "split": tags.get("split")},
        "commit": tags.get("mlflow.source.git.commit"),
    }


def hyperparameters(model: Model, run) -> dict[str, str]:
    """The hyperparameters of a run: `mlflow run` logs data and target among them."""
    return {name: value for name, value in run.data.params.items() if name in model.hyperparameters.model_fields}


def show(model: Model, runs: list) -> None:
    """Print what runs were judged on, and a run a line."""
    print(f"on {judged_on(runs[0])}:\n{'run':32}  {model.metric:>12}  hyperparameters")
    for run in runs:
        params = " ".join(f"{name}={value}" for name, value in sorted(hyperparameters(model, run).items()))
        print(f"{run.info.run_id:32}  {run.data.metrics[model.metric]:>12.5g}  {params}")
