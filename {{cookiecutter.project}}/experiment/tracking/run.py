"""One tracked run: what is written to the store, and how the run ends."""

import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import DatasetInput, InputTag, Param, Run, RunTag

from ..data import Data, public
from ..declaration import Params, text
from ..errors import BadInput, Stopped, Undelivered, tell
from . import spool
from .dataset import dataset
from .metrics import Point, milliseconds
from .opening import opened
from .outbox import Outbox, patience
from .record import Delivery, Entry, Record, batches, megabytes
from .store import Store
from .stored_model import log_model

HURRY = 3  # seconds that a run has to get to the store when it is stopped


class Tracked:
    """A run that is being written, in the store soon, or in the end kept for `upload`; its files wait in a folder."""

    def __init__(self, store: Store, run: Run, name: str, folder: Path):
        self.id, self.experiment_id, self.folder = run.info.run_id, run.info.experiment_id, folder
        self.inputs: list[DatasetInput] = []
        self.health = store.health
        self.health.hope = "it is tried again, and what it does not take is kept here"
        self.others: dict[str, Record] = {}  # runs under this one that the store has not taken
        self._store, self._known = store, run.data.params
        self._record = Record(self.id, name, run.info.start_time, run.data.tags)
        self._outbox = Outbox(Delivery(self._record, store.client, self.id), self.health)

    @property
    def whereabouts(self) -> str:
        """Where a person finds the run, in words."""
        place = public(self._store.uri)
        if place.startswith("http"):
            return f"run {self.id}: {place.rstrip('/')}/#/experiments/{self.experiment_id}/runs/{self.id}"
        return f"run {self.id} in {place}; compare runs with `make ui`"

    def params(self, params: Params) -> None:
        """Log the hyperparameters that the run lacks: `mlflow run` wrote its own, in the same texts."""
        lacking = [Param(name, text(value)) for name, value in params if name not in self._known]
        for entry in batches(params=lacking):
            self._put(entry)

    def tags(self, tags: dict[str, str]) -> None:
        self._put(partial(MlflowClient.log_batch, tags=[RunTag(*pair) for pair in tags.items()]))

    def stream(self, point: Point) -> None:
        """Log what a long fit reports; it goes out once a second, beside the fit."""
        self._record.metrics.append(point)

    def judge(self, points: list[Point]) -> None:
        """Log how good the run's model is."""
        self._record.metrics += points
        self._outbox.wake()

    def dataset(self, data: Data) -> None:
        """Log name, source, digest, row count and columns of the data."""
        self.inputs = [DatasetInput(dataset(data), [InputTag("mlflow.data.context", "training")])]
        self._put(partial(MlflowClient.log_inputs, datasets=self.inputs))

    def figures(self, figures: dict[str, Any]) -> None:
        """Save matplotlib figures by name as PNG artifacts."""
        for name, figure in figures.items():
            figure.savefig(self.folder / f"{name}.png")
            self._put(partial(MlflowClient.log_artifact, local_path=self.folder / f"{name}.png"))

    def keep(self, name: str, content: str) -> None:
        """Save a text as an artifact."""
        self._put(partial(MlflowClient.log_text, text=content, artifact_file=name))

    def model(self, fitted: Any, sample: Any, file: str, judged: list[Point]) -> None:
        """Save the fitted model as `flavour.save_model` does, with how good it is."""
        from . import flavour  # a second of imports, for runs that store a model

        folder = self.folder / "model"
        stored = flavour.save_model(folder, fitted, sample, file, flavour.locked())
        self._put(partial(log_model, folder=folder, metrics=judged))
        self.tags({"model_format": stored})

    def confirm(self) -> None:
        """Wait until all so far is in the store. Raises BadInput when it does not get there."""
        if not self._outbox.settle(patience()):
            raise BadInput(self.health.why())

    def end(self, status: str) -> Undelivered | None:
        """End the run. What the store does not take in time is kept in the spool, and what is returned says where."""
        self._put(partial(MlflowClient.set_terminated, status=status, end_time=milliseconds()))
        hurry = 0 if self.health.problem else HURRY
        try:
            arrived = self._outbox.settle(hurry if status == "KILLED" else patience() + megabytes(self.folder))
        except Stopped:  # who does not want to wait
            arrived = False
        self._outbox.close()
        self.health.end()
        if arrived and not self.others:
            return None
        return spool.undelivered(self.health.why(), self._store.project, [self._record, *self.others.values()])

    def _put(self, entry: Entry) -> None:
        self._record.entries.append(entry)
        self._outbox.wake()


@contextmanager
def start(store: Store, name: str, description: str, tags: dict[str, str], again: str = "") -> Iterator[Tracked]:
    """Open a run, or the one that `mlflow run` made, and close it as FINISHED, FAILED or KILLED.

    again: the id of a run to go on with. A failed run keeps the traceback as an artifact.
    Raises BadInput where the store takes no run, and Undelivered where it did not take all of one.
    """
    patience()  # what is wrong with it is told before there is a run
    with store.health.waiting():
        run = opened(store, name, tags | {"mlflow.note.content": description}, again)
    with tempfile.TemporaryDirectory(prefix="run-", ignore_cleanup_errors=True) as folder:
        tracked = Tracked(store, run, name, Path(folder))
        try:
            yield tracked
        except Undelivered as error:  # a run under this one
            raise tracked.end("KILLED") or error from None
        except BaseException as error:
            stopped = isinstance(error, Stopped)
            if not stopped:
                tracked.keep("traceback.txt", traceback.format_exc())
            if undelivered := tracked.end("KILLED" if stopped else "FAILED"):
                tell(undelivered, "note")
            raise
        if undelivered := tracked.end("FINISHED"):
            raise undelivered
