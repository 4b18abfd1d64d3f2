"""Which runs may become the champion, and the one that a person names."""

from collections.abc import Callable

from mlflow.entities import Run

from ..declaration import Model
from ..errors import BadInput, tell
from ..formats import metrics
from .registry import Registry


def unfit(model: Model, run: Run | None) -> str:
    """Why a run cannot be promoted; empty when it can."""
    if problem := foreign(model.name, run):
        return problem
    if run.info.status != "FINISHED":
        return f"it is {run.info.status}, not FINISHED"
    judged = run.inputs.dataset_inputs and metrics.judged(run, model.metric)
    return "" if judged else f"it has no {model.metric} that was judged on a data set"


def standing(model: Model, found: list[Run], registered: Registry) -> list[Run]:
    """Of runs, best first, those that nobody gave up by rollback: such are better by their numbers alone. So are those
    that were trained again with the same hyperparameters, and came to the same. A note says if the best is one.

    Raises BadInput where none is left.
    """

    def kind(run: Run) -> tuple:
        params = [run.data.params.get(name) for name in model.hyperparameters.model_fields]
        return params, run.data.metrics[model.metric]

    champion = registered.champion()
    lost = [kind(run) for run in registered.given_up(champion) if not unfit(model, run)]
    left = [run for run in found if kind(run) not in lost or (champion and run.info.run_id == champion.run_id)]
    if found[0] not in left:
        said = f"run {found[0].info.run_id} has the best {model.metric}, and it, or one alike, was given up by rollback"
        fix = f"make promote MODEL={model.name} run=<id> brings one back"
        if not left:
            raise BadInput(f"{model.name}: {said}, as was each other; train another, or {fix}")
        tell(f"{said}; {fix}", "note")
    return left


def named(registry: Registry, run_id: str, unfit: Callable[[Run | None], str]) -> Run:
    """The run that --run names. Raises BadInput where it does not serve; unfit: why not, empty where it does."""
    try:
        run = registry.run(run_id)
        problem = unfit(run)
    except BadInput as error:  # the store knows no run by such a name
        problem = str(error)
    if problem:
        raise BadInput(f"--run {run_id}: {problem}; make best MODEL={registry.model} lists others")
    return run


def foreign(model: str, run: Run | None) -> str:
    """Why it is no run of a model; empty where it is one."""
    if run is None or run.info.lifecycle_stage != "active":
        return "the store has no such run, or it was deleted"
    other = run.data.tags.get("model")
    return "" if other == model else f"it is a run of {other or 'something else'}, not of {model}"
