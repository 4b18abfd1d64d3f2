"""One tracked run: what is written to the store, and how the run ends."""

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
from ..errors import Away, BadInput, Ending, Stopped, Undelivered, tell
from ..formats import Point, milliseconds
from . import scratch, spool
from .address import whereabouts
from .dataset import DATASET, dataset
from .delivery import Delivery
from .health import patience
from .opening import opened
from .outbox import Outbox
from .record import Part, Record, Values, batches, megabytes
from .store import Store
from .stored_model import MODEL, log_model

HURRY = 5  # seconds in which a store takes something of a run that is stopped, if it is well


class Tracked:
    """A run that is being written, in the store soon, or in the end kept for `upload`; its files wait in a folder."""

    def __init__(self, store: Store, run: Run, name: str, folder: Path):
        self.id, self.experiment_id, self.folder = run.info.run_id, run.info.experiment_id, folder
        self.inputs: list[DatasetInput] = []
        self.health = store.health
        self.health.hope = "it is tried again, and what it does not take is kept here"
        self.others: dict[str, Delivery] = {}  # to runs under this one, by id, as long as the store has not all
        self._store, self._known = store, run.data.params
        self._delivery = Delivery(Record(self.id, name, run.info.start_time, run.data.tags), store.client, self.id)
        self._outbox = Outbox(self._delivery, self.health)

    @property
    def whereabouts(self) -> str:
        """Where a person finds the run, in words."""
        return whereabouts(self._store.uri, self.experiment_id, self.id)

    def params(self, params: Params) -> None:
        """Log the hyperparameters that the run lacks: `mlflow run` wrote its own, in the same texts."""
        lacking = [Param(name, text(value)) for name, value in params if name not in self._known]
        self._put(*batches(params=lacking))

    def tags(self, tags: dict[str, str]) -> None:
        self._put(*batches(tags=[RunTag(*pair) for pair in tags.items()]))

    def stream(self, point: Point) -> None:
        """Log what a long fit reports; it goes out once a second, beside the fit."""
        self._delivery.record.metrics.append(point)

    def judge(self, points: list[Point]) -> None:
        """Log how good the run's model is."""
        self._delivery.record.metrics += points
        self._outbox.wake()

    def dataset(self, data: Data) -> None:
        """Log name, source, digest, row count and columns of the data."""
        self.inputs = [DatasetInput(dataset(data), [InputTag("mlflow.data.context", "training")])]
        self._put(Part(DATASET, partial(MlflowClient.log_inputs, datasets=self.inputs)))

    def figures(self, figures: dict[str, Any]) -> None:
        """Save matplotlib figures by name as PNG artifacts."""
        for name, figure in figures.items():
            figure.savefig(self.folder / f"{name}.png")
            self._put(Part(f"{name}.png", partial(MlflowClient.log_artifact, local_path=self.folder / f"{name}.png")))

    def keep(self, name: str, content: str) -> None:
        """Save a text as an artifact."""
        self._put(Part(name, partial(MlflowClient.log_text, text=content, artifact_file=name)))

    def model(self, fitted: Any, judging: Data, file: str, judged: list[Point]) -> None:
        """Save the fitted model as `flavour.save_model` does, with how good it is."""
        from ..formats import flavour  # a second of imports, for runs that store a model

        folder = self.folder / "model"
        stored = flavour.save_model(folder, fitted, judging, file, self._store.requirements)
        self._put(Part(MODEL, partial(log_model, folder=folder, metrics=judged, stored=stored)))

    def confirm(self) -> None:
        """Wait until all so far is in the store. Raises Away or BadInput when it does not get there."""
        self._outbox.settle(patience(), {})
        if not self._delivery.whole:
            raise (BadInput if self.health.hopeless or self._delivery.refused else Away)(self._why())

    def end(self, status: str) -> Undelivered | None:
        """End the run. What the store does not take in time is kept in the spool, and what is returned says where."""
        with Ending() as ending:
            self._delivery.record.end = status, milliseconds()
            hurry = 0 if self.health.problem else HURRY
            seconds = hurry if status == "KILLED" else patience() + megabytes(self.folder)
            self._outbox.settle(seconds, self.others, lambda: ending.hurried)
            self._outbox.close()
            for note in self._delivery.notes:
                tell(note, "note")
            left = [each.record for each in (self._delivery, *self.others.copy().values()) if not each.whole]
            return spool.undelivered(self._why(), self._store.project, left) if left else None

    def _why(self) -> str:
        """Why the store has not all of it, in words."""
        refused = [pair for each in (self._delivery, *self.others.copy().values()) for pair in each.refused.items()]
        said = [f"tracking store {public(self._store.uri)}: it refuses {name}: {why}" for name, why in refused]
        return said[0] if said and not self.health.problem else self.health.why()

    def _put(self, *parts: Part | Values) -> None:
        self._delivery.record.parts += parts
        self._outbox.wake()


@contextmanager
def start(store: Store, name: str, description: str, tags: dict[str, str], again: str = "") -> Iterator[Tracked]:
    """Open a run, or the one that `mlflow run` made, and close it as FINISHED, FAILED or KILLED.

    again: the id of a run to go on with. A failed run keeps the traceback as an artifact.
    Raises Away or BadInput where the store takes no run, and Undelivered where it did not take all of one.
    """
    with scratch.folder("run-") as folder:
        run = opened(store, name, tags | {"mlflow.note.content": description}, again)
        tracked = Tracked(store, run, name, folder)
        try:
            yield tracked
        except Undelivered as error:  # a run under this one
            raise tracked.end("KILLED") or error from None
        except BaseException as error:
            if not (stopped := isinstance(error, Stopped)):
                tracked.keep("traceback.txt", traceback.format_exc())
            if undelivered := tracked.end("KILLED" if stopped else "FAILED"):
                tell(undelivered, "note")
            raise
        if undelivered := tracked.end("FINISHED"):
            raise undelivered
