"""The runs of a sweep's sets, which lie under the sweep's own run."""

import threading
import time
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any, Protocol

import mlflow
from mlflow.entities import Metric, Param, Run

from ..declaration import Params, text
from ..errors import BadInput
from .address import database
from .run import Tracked
from .store import Store

PARENT = "mlflow.parentRunId"


class Tried(Protocol):
    """What became of a set: the status of its run, and what it says."""

    params: Params
    status: str
    metrics: dict[str, float]
    problem: str
    trace: str


class Children:
    """Writes a run for each set, from several threads: a server has their requests in flight side by side.

    An sqlite file takes one writer at a time, and those that wait for its lock only slow that one down.
    """

    def __init__(self, store: Store, parent: Tracked, tags: dict[str, str]):
        self._client, self._parent = store.client, parent
        self._tags = tags | {PARENT: parent.id}
        self._turn = threading.Lock() if database(store.uri) else nullcontext()

    def open(self, name: str, tags: dict[str, str]) -> str:
        """Begin the run of a set; returns its id."""
        with self._turn:
            experiment, name = self._parent.experiment_id, name[:250]  # a database holds no more
            return self._client.create_run(experiment, tags=self._tags | tags, run_name=name).info.run_id

    def close(self, run_id: str, tried: Tried) -> None:
        """Write what became of a set, and end its run; one that failed says why, and keeps the traceback."""
        now = int(time.time() * 1000)
        with self._turn:
            self._client.log_batch(
                run_id,
                metrics=[Metric(name, value, now, 0) for name, value in tried.metrics.items()],
                params=[Param(name, text(value)) for name, value in tried.params],
            )
            self._client.log_inputs(run_id, self._parent.inputs)
            if tried.problem:
                self._client.set_tag(run_id, "problem", tried.problem[:5000])
            if tried.trace:
                self._client.log_text(run_id, tried.trace, "traceback.txt")
            self._client.set_terminated(run_id, tried.status)

    def model(self, run_id: str, fitted: Any, sample: Any, file: str) -> None:
        """Store the fitted model of a set in its run."""
        from . import flavour  # a second of imports, for sweeps that store a model

        self._client.set_tag(run_id, "model_format", flavour.log_model(fitted, sample, file, run_id))


def sweep(store: Store, run_id: str, file: str) -> tuple[Run, str]:
    """A sweep's own run, and what it keeps in its artifact `file`. Raises BadInput for what is no sweep."""
    try:
        run = store.client.get_run(run_id)
    except mlflow.MlflowException as error:
        raise BadInput(f"--resume {run_id}: {error.message}") from None
    if "sweep" in run.data.tags:
        try:
            return run, mlflow.artifacts.load_text(f"{run.info.artifact_uri}/{file}")
        except Exception as error:  # each kind of store has its own
            raise BadInput(f"--resume {run_id}: its {file} cannot be read: {error}; begin a new sweep") from None
    kind = f"a set of {parent}" if (parent := run.data.tags.get(PARENT)) else f"a run of {run.info.run_name}"
    raise BadInput(f"--resume {run_id}: is no sweep but {kind}; a sweep says its id as it begins")


def close_left_running(store: Store, sweep: Run) -> list[Run]:
    """All runs under a sweep's, oldest first; those that a killed process left RUNNING are ended as KILLED."""
    runs = list(under(store, sweep))
    for run in runs:
        if run.info.status == "RUNNING":
            store.client.set_terminated(run.info.run_id, "KILLED")
    return runs


def under(store: Store, sweep: Run) -> Iterator[Run]:
    """The runs of a sweep's sets, oldest first."""
    own, token = f"tags.`{PARENT}` = '{sweep.info.run_id}'", ""
    settings = {"max_results": 1000, "order_by": ["attributes.start_time ASC"]}
    while token is not None:
        page = store.client.search_runs([sweep.info.experiment_id], own, page_token=token or None, **settings)
        yield from page
        token = page.token or None
