"""One tracked run: what is written to the store, and how the run ends."""

import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import mlflow
from mlflow.data.code_dataset_source import CodeDatasetSource
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag

from ..data import Data, public
from ..declaration import Params, text
from ..errors import Stopped
from .refusal import refusal
from .store import Store


class Tracked:
    """A run in the store that is being written to."""

    def __init__(self, store: Store, run: mlflow.entities.Run):
        self.client, self.id, self.experiment_id = store.client, run.info.run_id, run.info.experiment_id
        self._uri = store.uri
        self._known = run.data.params
        self.inputs: list[DatasetInput] = []
        self._pending: list[Metric] = []
        self._flushed = time.monotonic()

    @property
    def whereabouts(self) -> str:
        """Where a person finds the run, in words."""
        place = public(self._uri)
        if place.startswith("http"):
            return f"run {self.id}: {place.rstrip('/')}/#/experiments/{self.experiment_id}/runs/{self.id}"
        return f"run {self.id} in {place}; compare runs with `make ui`"

    def params(self, params: Params) -> None:
        """Log the hyperparameters that the run lacks: `mlflow run` wrote its own, in the same texts."""
        lacking = [Param(name, text(value)) for name, value in params if name not in self._known]
        self.client.log_batch(self.id, params=lacking)

    def tags(self, tags: dict[str, str]) -> None:
        self.client.log_batch(self.id, tags=[RunTag(*pair) for pair in tags.items()])

    def report(self, step: int, **metrics: float) -> None:
        """Stream a long fit's metrics, once a second at most, so that the store is no brake."""
        now = int(time.time() * 1000)
        self._pending += [Metric(name, float(value), now, step) for name, value in metrics.items()]
        if time.monotonic() - self._flushed > 1:
            self.flush()

    def flush(self) -> None:
        for start in range(0, len(self._pending), 1000):  # MLflow's limit for one request
            self.client.log_batch(self.id, metrics=self._pending[start : start + 1000])
        self._pending, self._flushed = [], time.monotonic()

    def metrics(self, metrics: dict[str, float]) -> None:
        self.report(0, **metrics)
        self.flush()

    def dataset(self, data: Data) -> None:
        """Log name, source, digest, row count and columns of the data."""
        self.inputs = [DatasetInput(dataset(data), [InputTag("mlflow.data.context", "training")])]
        self.client.log_inputs(self.id, self.inputs)

    def figures(self, figures: dict[str, Any]) -> None:
        """Save matplotlib figures by name as PNG artifacts."""
        with tempfile.TemporaryDirectory() as folder:
            for name, figure in figures.items():
                figure.savefig(Path(folder) / f"{name}.png")
            self.client.log_artifacts(self.id, folder)

    def keep(self, name: str, content: str) -> None:
        """Save a text as an artifact."""
        self.client.log_text(self.id, content, name)


def dataset(data: Data) -> Dataset:
    """The data set as the store keeps it."""
    source = CodeDatasetSource({"mlflow.source.name": data.source}) if ".py:" in data.source else data.source
    target = data.targets[0] if len(data.targets) == 1 else None  # MLflow knows one
    with warnings.catch_warnings(action="ignore"):  # two kinds of source claim a local path; either is right
        made = mlflow.data.from_pandas(data.frame, source, targets=target, name=data.name, digest=data.digest)
        return Dataset(**made.to_dict())


@contextmanager
def start(store: Store, name: str, description: str, tags: dict[str, str], again: str = "") -> Iterator[Tracked]:
    """Open a run, or the one that `mlflow run` made, and close it as FINISHED, FAILED or KILLED.

    again: the id of a run to go on with. A failed run keeps the traceback as an artifact.
    Raises BadInput where the store takes no run.
    """
    settings = {"experiment_id": store.experiment_id, "run_name": name, "tags": tags, "description": description}
    try:
        opened = mlflow.start_run(again or None, **settings)
    except mlflow.MlflowException as error:
        raise refusal(store.uri, error) from error
    with opened as run:
        tracked = Tracked(store, run)
        try:
            yield tracked
        except Stopped:
            tracked.flush()
            mlflow.end_run("KILLED")
            raise
        except Exception:
            mlflow.log_text(traceback.format_exc(), "traceback.txt")
            raise
