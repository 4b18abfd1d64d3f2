"""Show the best runs in the store."""

import json

from . import cli
from .declaration import Model
from .errors import BadInput


def main(argv: list[str]) -> None:
    model = cli.model(argv, "best")
    parser = cli.Parser(f"best {model.name}", f"Show the runs of {model.name} with the best {model.metric}.")
    parser.add_argument("--where", default="", metavar="FILTER", help="in MLflow's filter language: metrics.f1 > 0.9")
    parser.add_argument("--top", type=cli.count, default=5, metavar="N", help="most runs to show (default: 5)")
    parser.add_argument("--json", action="store_true", help="print JSON, for scripts")
    args = parser.read(argv[1:])
    runs = best(model, args.where, args.top)
    if args.json:
        print(json.dumps([summary(run) for run in runs], indent=2))
    else:
        show(model, runs, args.where)


def best(model: Model, where: str, top: int) -> list:
    """The finished runs of a model with the best METRIC, best first; `where` narrows them by MLflow's filter.

    Raises BadInput for a filter that MLflow cannot parse.
    """
    from .tracking import store

    opened = store.connect()
    # The comparison leaves out runs without the metric, as the parents of sweeps are.
    own = f"tags.model = '{model.name}' and attributes.status = 'FINISHED' and metrics.{model.metric} > -1e308"
    order = f"metrics.{model.metric} {'ASC' if model.minimised else 'DESC'}"
    return opened.search(own, where, order, min(top, 50_000))  # MLflow's limit


def summary(run) -> dict:
    """A run as JSON holds it."""
    commit = run.data.tags.get("mlflow.source.git.commit")
    return {"run_id": run.info.run_id, "metrics": run.data.metrics, "params": run.data.params, "commit": commit}


def show(model: Model, runs: list, where: str) -> None:
    """Print a run a line. Raises BadInput when there is none."""
    if not runs:
        narrowed = f" where {where}" if where else ""
        raise BadInput(f"{model.name}: no finished run{narrowed}; train one: make train-{model.name}")
    print(f"{'run':32}  {model.metric:>12}  hyperparameters")
    for run in runs:
        params = " ".join(f"{name}={value}" for name, value in sorted(run.data.params.items()))
        print(f"{run.info.run_id:32}  {run.data.metrics[model.metric]:>12.5g}  {params}")
