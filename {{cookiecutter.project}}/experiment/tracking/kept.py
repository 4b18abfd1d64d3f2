"""Runs that are kept in the spool, and how they get to the store after all: each once, however often it is tried."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from mlflow import MlflowClient, MlflowException
from mlflow.entities import DatasetInput, Param, Run, RunTag

from .metrics import Point
from .record import Delivery, Record, batches
from .refusal import refusal
from .spool import FILE, ORIGIN, place
from .store import Store
from .stored_model import log_model

KEPT = "kept_as"  # a brought run's tag: its id in the spool


def folders() -> list[Path]:
    """The folders that hold kept runs."""
    return sorted(file.parent for file in place().glob(f"*/{FILE}"))


def read(folder: Path) -> Iterator[tuple[str, Record]]:
    """The runs in a folder, oldest first, each with its id there; the folder may have been moved."""
    client = MlflowClient(f"sqlite:///{folder}/{FILE}")
    for experiment in client.search_experiments():
        found = client.search_runs([experiment.experiment_id], order_by=["attributes.start_time ASC"])
        yield from ((run.info.run_id, record(client, run, folder / "artifacts")) for run in found)


def record(client: MlflowClient, run: Run, artifacts: Path) -> Record:
    """A kept run as it can be written again."""
    kept, tags = run.info.run_id, dict(run.data.tags)
    made = Record(tags.pop(ORIGIN), run.info.run_name, run.info.start_time, tags)
    for name in run.data.metrics:
        made.metrics += [point(each) for each in client.get_metric_history(kept, name)]
    params, tags = [Param(*pair) for pair in run.data.params.items()], [RunTag(*pair) for pair in tags.items()]
    made.entries += batches(params=params, tags=tags)
    if run.inputs.dataset_inputs:
        inputs = [DatasetInput(each.dataset, each.tags) for each in run.inputs.dataset_inputs]
        made.entries.append(partial(MlflowClient.log_inputs, datasets=inputs))
    if (files := artifacts / kept / "artifacts").is_dir():
        made.entries.append(partial(MlflowClient.log_artifacts, local_dir=str(files)))
    for output in run.outputs.model_outputs:
        model = client.get_logged_model(output.model_id)
        files = artifacts / "models" / model.model_id / "artifacts"
        made.entries.append(partial(log_model, folder=files, metrics=[point(each) for each in model.metrics]))
    end = {"status": run.info.status, "end_time": run.info.end_time}
    made.entries.append(partial(MlflowClient.set_terminated, **end))
    return made


def point(metric) -> Point:
    return metric.key, metric.value, metric.timestamp, metric.step


def bring(store: Store, folder: Path) -> Iterator[tuple[str, str, bool]]:
    """Write the runs of a folder into the store, each once: its name, its id there, and whether it had to be written.

    Raises BadInput when the store does not take one; then a later call goes on from there.
    """
    try:
        for kept, record in read(folder):
            run, whole = arrived(store, kept, record)
            if not whole:
                store.client.update_run(run.info.run_id, status="RUNNING")  # until it is whole
                store.client.set_tag(run.info.run_id, KEPT, kept)
                Delivery(record, store.client, run.info.run_id).go_on()
            yield record.name, run.info.run_id, not whole
    except (MlflowException, OSError) as error:
        raise refusal(store.uri, error) from error


def arrived(store: Store, kept: str, record: Record) -> tuple[Run, bool]:
    """The run in the store that a kept one is to be, and whether it is all there.

    It is the one that it was begun as; where that is gone, one of its own.
    """
    run = begun(store.client, record.run_id)
    if run is None:
        found = store.client.search_runs([store.experiment_id], f"tags.{KEPT} = '{kept}'", max_results=1)
        settings = {"start_time": record.start_time, "tags": {KEPT: kept}, "run_name": record.name}
        run = next(iter(found), None) or store.client.create_run(store.experiment_id, **settings)
    return run, run.data.tags.get(KEPT) == kept and run.info.status != "RUNNING"


def begun(client: MlflowClient, run_id: str) -> Run | None:
    """A run of this id, unless somebody has deleted it."""
    try:
        run = client.get_run(run_id)
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        return None
    return run if run.info.lifecycle_stage == "active" else None
