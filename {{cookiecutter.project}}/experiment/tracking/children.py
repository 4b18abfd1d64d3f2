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

from ..data import Data
from ..declaration import Params, text
from ..errors import Exit, Undelivered, tell
from ..formats import Point
from .address import database
from .dataset import DATASET
from .delivery import Delivery
from .family import PARENT
from .health import patience
from .opening import Beginning
from .record import Part, Record, batches
from .refusal import refusal
from .run import Tracked
from .store import Store
from .stored_model import MODEL, log_model

Fitted = Callable[[], tuple[Any, Data, str]]  # gives a fitted model, the rows to judge it on, and the model's file


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
        self._saving = threading.Lock()  # MLflow saves one model at a time
        self._begun: dict[str, Record] = {}
        self._told: set[str] = set()
        self._over = threading.Event()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._over.set()

    def open(self, name: str, tags: dict[str, str]) -> str:
        """Begin the run of a set; returns its id."""
        name, own = name[:250], self._tags | tags  # a database holds no more
        info = self._persist(Beginning(self._store.client, self._parent.experiment_id, name, own)).info
        self._begun[info.run_id] = Record(info.run_id, name, info.start_time, own)
        return info.run_id

    def close(self, run_id: str, tried: Tried, fitted: Fitted | None = None) -> None:
        """Write what became of a set, with its model if that is given, and end its run: FINISHED means all of it."""
        self._tell_once(tried.notes)
        record = self._begun.pop(run_id)
        tags = [RunTag("problem", tried.problem[:5000])] if tried.problem else []
        params = [Param(name, text(value)) for name, value in tried.params]
        metrics = [Metric(*point) for point in (*tried.reported, *tried.judged)]
        record.parts += batches(metrics, params, tags)
        record.parts.append(Part(DATASET, partial(MlflowClient.log_inputs, datasets=self._parent.inputs)))
        if tried.trace:
            trace = partial(MlflowClient.log_text, text=tried.trace, artifact_file="traceback.txt")
            record.parts.append(Part("traceback.txt", trace))
        self._finish(record, tried, fitted)

    def model(self, run_id: str, tried: Tried, fitted: Fitted) -> None:
        """Store the fitted model of a set in its run, which is closed."""
        self._finish(Record(run_id, run_id, tried.ended, {}), tried, fitted)

    def _finish(self, record: Record, tried: Tried, fitted: Fitted | None) -> None:
        """Write a record to the end. What the store has not taken then stays among the `others` of the sweep's run."""
        run_id, status = record.run_id, "FAILED"  # should the model not be fit to be stored
        delivery = self._parent.others[run_id] = Delivery(record, self._store.client, run_id)
        try:
            status = tried.status if not fitted or self._save(record, tried, fitted) else "KILLED"
        finally:
            record.end = status, tried.ended
            self._persist(delivery.go_on)
        self._tell_once(delivery.notes)
        if delivery.whole:
            del self._parent.others[run_id]
            shutil.rmtree(self._parent.folder / run_id, ignore_errors=True)

    def _save(self, record: Record, tried: Tried, fitted: Fitted) -> bool:
        """Add the model to the record; False when it is too late for that."""
        from ..formats import flavour  # a second of imports, for sweeps that store a model

        folder = self._parent.folder / record.run_id
        with self._saving:
            if self._over.is_set():
                return False
            stored = flavour.save_model(folder, *fitted(), self._store.requirements)
        record.parts.append(Part(MODEL, partial(log_model, folder=folder, metrics=tried.judged, stored=stored)))
        return True

    def _tell_once(self, notes: list[str]) -> None:
        for note in notes:
            if note not in self._told:  # by a set before
                self._told.add(note)
                tell(note, "note")

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
