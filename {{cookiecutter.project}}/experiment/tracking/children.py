"""The runs of a sweep's sets, which lie under the sweep's own run."""

import shutil
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from typing import Any, Protocol

from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag

from ..declaration import Params, text
from ..errors import Exit, Undelivered, tell
from .address import database
from .family import PARENT
from .metrics import Point
from .outbox import patience
from .record import Delivery, Record, batches
from .refusal import refusal
from .run import Tracked
from .store import Store
from .stored_model import log_model


class Tried(Protocol):
    """What became of a set: the status of its run, and what it says; ended: milliseconds since 1970.

    reported: what its fit reported. judged: how good its model is. notes: what of both is not as it was given.
    """

    params: Params
    status: str
    reported: list[Point]
    judged: list[Point]
    notes: list[str]
    problem: str
    trace: str
    ended: int


class Children:
    """Writes a run for each set, from several threads: a server has their requests in flight side by side.

    An sqlite file takes one writer at a time, and those that wait for its lock only slow that one down. What the store
    does not take is tried again as long as the context lasts, and then left to the sweep's own run to be kept.
    """

    def __init__(self, store: Store, parent: Tracked, tags: dict[str, str]):
        self._store, self._parent = store, parent
        self._tags = tags | {PARENT: parent.id}
        self._turn = threading.Lock() if database(store.uri) else nullcontext()
        self._begun: dict[str, Record] = {}
        self._told: set[str] = set()
        self._over = threading.Event()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._over.set()

    def open(self, name: str, tags: dict[str, str]) -> str:
        """Begin the run of a set; returns its id."""
        experiment, name, own = self._parent.experiment_id, name[:250], self._tags | tags  # a database holds no more
        create = partial(self._store.client.create_run, experiment, tags=own, run_name=name)
        info = self._persist(create).info
        self._begun[info.run_id] = Record(info.run_id, name, info.start_time, own)
        return info.run_id

    def close(self, run_id: str, tried: Tried) -> None:
        """Write what became of a set, and end its run; one that failed says why, and keeps the traceback."""
        for note in tried.notes:
            if note not in self._told:  # by a set before
                self._told.add(note)
                tell(note, "note")
        record = self._begun.pop(run_id)
        tags = [RunTag("problem", tried.problem[:5000])] if tried.problem else []
        params = [Param(name, text(value)) for name, value in tried.params]
        metrics = [Metric(*point) for point in (*tried.reported, *tried.judged)]
        record.entries += batches(metrics, params, tags)
        record.entries.append(partial(MlflowClient.log_inputs, datasets=self._parent.inputs))
        if tried.trace:
            record.entries.append(partial(MlflowClient.log_text, text=tried.trace, artifact_file="traceback.txt"))
        self._deliver(record, tried)

    def model(self, run_id: str, tried: Tried, fitted: Any, sample: Any, file: str) -> None:
        """Store the fitted model of a set in its run."""
        from . import flavour  # a second of imports, for sweeps that store a model

        folder = self._parent.folder / run_id
        stored = flavour.save_model(folder, fitted, sample, file, flavour.locked())
        record = Record(run_id, run_id, tried.ended, {})
        record.entries += [
            partial(log_model, folder=folder, metrics=tried.judged),
            partial(MlflowClient.log_batch, tags=[RunTag("model_format", stored)]),
        ]
        self._deliver(record, tried)
        shutil.rmtree(folder)

    def _deliver(self, record: Record, tried: Tried) -> None:
        record.entries.append(partial(MlflowClient.set_terminated, status=tried.status, end_time=tried.ended))
        self._parent.others[record.run_id] = record
        self._persist(Delivery(record, self._store.client, record.run_id).go_on)
        del self._parent.others[record.run_id]

    def _persist(self, ask: Callable[[], Any]) -> Any:
        """What the store answers. Raises Undelivered when it does not for too long."""
        deadline = time.monotonic() + patience()
        while True:
            try:
                with self._turn, self._parent.health.asking():
                    return ask()
            except Exception as error:  # told by `asking`
                if self._over.is_set() or self._parent.health.hopeless or time.monotonic() > deadline:
                    self._over.set()
                    raise Undelivered(str(refusal(self._store.uri, error)), Exit.FAILURE) from error
            self._over.wait(1)
