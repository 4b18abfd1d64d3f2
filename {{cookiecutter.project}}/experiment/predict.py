"""Let the champion predict a table of any length, in pieces; the file is there when it is whole."""

import json
from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from . import cli
from .data import public, stem
from .declaration import Model
from .errors import BadInput, aside, tell

if TYPE_CHECKING:
    from .data import known
    from .tracking import chosen


def parse(argv: list[str]) -> Callable[[], None]:
    model = cli.model(argv, "predict")
    parser = cli.Parser(f"predict {model.name}", __doc__)
    add = parser.add_argument
    add("--data", required=True, metavar="URI", help="CSV or Parquet: path, https:// or s3://; or a folder of Parquet")
    add("--out", required=True, metavar="URI", help="path or s3://, ends in .csv or .parquet; {date} in it is today's")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--run", default="", metavar="ID", help="predict by this run's model (default: the champion)")
    which.add_argument("--version", default="", metavar="N", help="predict by this version of the registered model")
    add("--keep", default="", metavar="COLUMNS", help="columns to take along: id,date")
    add("--proba", action="store_true", help="add how probable each class is, a column for each")
    add("--evaluate", action="store_true", help="print how good the predictions are; the target is in the table")
    add("--allow-pickle", action="store_true", help="load a model that may run code and that no run of ours made")
    add("--json", action="store_true", help="print JSON, for scripts")
    return partial(answer, model, parser.read(argv[1:]))


def answer(model: Model, args: Namespace) -> None:
    with aside():  # what a model prints is no answer
        told = predict(model, args)
    said = [f"{name} {'no number' if value is None else f'{value:.4g}'}" for name, value in told["metrics"].items()]
    said.append(f"{told['rows']:,} rows, predicted by {told['by']}: {told['out']}")
    print(json.dumps(told, indent=2) if args.json else "\n".join(said))


def predict(model: Model, args: Namespace) -> dict:
    """Predict the table, and write all of it or nothing; what came of it."""
    from .data import output, pieces
    from .declaration import evaluation
    from .tracking import store

    table, opened = pieces.Parts(args.data), store.connect(loading_models=True)

    from .formats import loading, metrics, over, predicting
    from .tracking import chosen, comparison, provenance, registry, rows, scratch

    out = args.out.replace("{date}", provenance.now()[:10])
    used = chosen.chosen(registry.Registry(opened, model.name), args.run, args.version)
    with scratch.folder("predict-") as folder, output.Output(out, args.data, folder) as written:
        try:
            copy = chosen.fetched(used.registry, used.place, used.maker, folder, args.allow_pickle)
        except BadInput as error:
            raise BadInput(f"{used.name}: {error}") from None
        knows = knowledge(model, copy, used)
        with loading.loaded(copy) as (fitted, others):
            chosen.tell_others(others, used.name)
            judge = evaluation.Evaluation(model, knows, stem(args.data), public(args.data)) if args.evaluate else None
            keep = list(dict.fromkeys(filter(None, map(str.strip, args.keep.split(",")))))
            work = over.Over(predicting.Predicting(fitted, list(knows.targets), args.proba), knows, keep, judge)
            work.go(table, written)
            judged = metrics.Metrics(model.metric).judge(judge.metrics(fitted)) if judge else []
        if judge and used.run and judge.digest in rows.digests(used.run):
            tell(f"{table.where}: the model was fitted on most of these rows, which flatters its metrics", "note")
        notes = used.notes | {"data": public(args.data), "data_sha256": table.sha256}
        written.finish(notes)
    told = comparison.finite({name: value for name, value, *_ in judged})
    made = {"by": used.name, "out": public(out), "rows": work.rows, "metrics": told, "left_out": work.left_out}
    return notes | made


def knowledge(model: Model, copy: Path, used: "chosen.Chosen") -> "known.Known":
    """What a stored model knows of its table; a note says where that is little. Raises BadInput where it is nothing."""
    from .formats import loading

    knows, itself = loading.table(copy)
    if knows is None:
        raise BadInput(f"{used.name}: nothing says which columns its model reads; train it again")
    if not itself:
        tell(f"{used.name}: its model is an older one; all it knows of its table is its signature", "note")
        names = (used.run.data.tags.get("target") or "").split(", ") if used.run else []
        return replace(knows, targets=dict.fromkeys(filter(None, names), ""))
    if knows.made:
        fix = "it is not called here: give the table as it makes it"
        tell(f"{model.file}: its load makes or changes {knows.made}; {fix}", "note")
    return knows
