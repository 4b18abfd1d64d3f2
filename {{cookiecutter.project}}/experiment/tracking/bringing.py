"""How a kept run gets to the store after all: once, however often it is tried, and over nothing that came later."""

from dataclasses import dataclass, replace

from mlflow import MlflowClient
from mlflow.entities import LoggedModelStatus, Run

from ..formats import Point
from .dataset import DATASET
from .delivery import LEFT_OUT, Delivery, active
from .kept import point
from .opening import RESUMED
from .record import Part, Record
from .refusal import refusal
from .spool import ORIGIN
from .store import Store
from .stored_model import MODEL


@dataclass(frozen=True)
class Brought:
    """What became of a kept run. written: something of it had to be; lacking: what the store has not, and why."""

    name: str
    run_id: str
    written: bool
    lacking: dict[str, str]


def bring(store: Store, record: Record) -> Brought:
    """Have a kept run in the store: as the one that it was begun as; where that is gone, as one of its own.

    A run that the store has as FINISHED, as ended later, or that another process went on with later, only gets what it
    lacks. Raises Away or BadInput when the store does not take it; then a later call goes on from there.
    """
    try:
        return brought(store, record)
    except Exception as error:  # each kind of store has its own
        raise refusal(store.uri, error) from error


def brought(store: Store, record: Record) -> Brought:
    client, run = store.client, active(store.client, record.run_id) or anew(store, record)
    over, ended = settled(run, record), (run.info.status, run.info.end_time)
    todo = record
    if over or run.info.end_time == record.end[1]:  # the latter: it was brought before, but for what was refused
        todo = replace(lacking(client, run, record), end=None if over else record.end)
    delivery = Delivery(todo, client, run.info.run_id)
    delivery.go_on()
    run = client.get_run(run.info.run_id)
    names, present = [part.name for part in record.parts if isinstance(part, Part)], there(client, run)
    missing = {name: "it is not there" for name in names if name not in present} | delivery.refused
    if LEFT_OUT in run.data.tags and not (missing or delivery.left_out):  # of an attempt before
        client.delete_tag(run.info.run_id, LEFT_OUT)
    written = bool(todo.metrics) or len(todo.parts) > len(delivery.refused.keys() - todo.lost.keys())
    written |= ended != (run.info.status, run.info.end_time)
    return Brought(record.name, run.info.run_id, written, missing)


def settled(run: Run, record: Record) -> bool:
    """Is the store's run past what was kept of it?"""
    status, ended = record.end
    resumed = ORIGIN not in run.data.tags and run.data.tags.get(RESUMED) != record.tags.get(RESUMED)
    if run.info.status == "FINISHED" or resumed:  # by an attempt after the one that was kept, whatever its clock says
        return True
    return status != "FINISHED" and run.info.status != "RUNNING" and run.info.end_time >= ended


def lacking(client: MlflowClient, run: Run, record: Record) -> Record:
    """What of a record the store's run has not."""
    known = {name for name, *_ in record.metrics} & run.data.metrics.keys()
    points = {told(point(each)) for name in known for each in client.get_metric_history(run.info.run_id, name)}
    left = record.without(run.data.params, run.data.tags, there(client, run))
    left.metrics = [each for each in record.metrics if told(each) not in points]
    return left


def there(client: MlflowClient, run: Run) -> set[str]:
    """The names of the parts that the store's run has, values aside."""
    found = {file.path for file in client.list_artifacts(run.info.run_id)}
    found |= {DATASET} if run.inputs.dataset_inputs else set()
    models = [client.get_logged_model(output.model_id) for output in run.outputs.model_outputs]
    return found | ({MODEL} if any(model.status == LoggedModelStatus.READY for model in models) else set())


def told(point: Point) -> tuple[str, int, int]:
    """When which metric was told: its value may be NaN, which equals nothing."""
    name, _, moment, step = point
    return name, moment, step


def anew(store: Store, record: Record) -> Run:
    """The run that stands for one that the store has no more."""
    own, tags = f"tags.{ORIGIN} = '{record.run_id}'", {ORIGIN: record.run_id}
    found = store.client.search_runs([store.experiment_id], own, max_results=1)
    settings = {"start_time": record.start_time, "tags": tags, "run_name": record.name}
    return next(iter(found), None) or store.client.create_run(store.experiment_id, **settings)
