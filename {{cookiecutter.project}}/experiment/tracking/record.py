"""What a run is made of, in a form that can be written to any store, and again to one that has a part of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag
from mlflow.utils.validation import MAX_METRICS_PER_BATCH, MAX_PARAMS_TAGS_PER_BATCH

from .metrics import Point

# Writes a part of a run: the client of a store, the run's id there. A second time it changes nothing.
Entry = Callable[[MlflowClient, str], object]


@dataclass
class Record:
    """A run as it is being made. Metrics are many, so they stay tuples."""

    run_id: str  # in the store that it was begun in
    name: str
    start_time: int
    tags: dict[str, str]
    metrics: list[Point] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)


class Delivery:
    """How far a record has come into a run of a store."""

    def __init__(self, record: Record, client: MlflowClient, run_id: str):
        self._record, self._client, self._run_id = record, client, run_id
        self._metrics = self._entries = 0

    @property
    def complete(self) -> bool:
        record = self._record
        return self._metrics == len(record.metrics) and self._entries == len(record.entries)

    def go_on(self) -> None:
        """Write what is not written yet. Raises whatever the store raises; the next call begins with what failed."""
        entries = len(self._record.entries)  # before the metrics are: an entry finds all that were there when it came
        while points := self._record.metrics[self._metrics : self._metrics + MAX_METRICS_PER_BATCH]:
            self._client.log_batch(self._run_id, metrics=[Metric(*point) for point in points])
            self._metrics += len(points)
        while self._entries < entries:
            self._record.entries[self._entries](self._client, self._run_id)
            self._entries += 1


def batches(metrics: Sequence[Metric] = (), params: Sequence[Param] = (), tags: Sequence[RunTag] = ()) -> list[Entry]:
    """All of them in as few requests as MLflow takes."""
    entries = []
    while metrics or params or tags:
        some = {"params": params[:MAX_PARAMS_TAGS_PER_BATCH], "tags": tags[:MAX_PARAMS_TAGS_PER_BATCH]}
        room = MAX_METRICS_PER_BATCH - sum(map(len, some.values()))
        entries.append(partial(MlflowClient.log_batch, metrics=metrics[:room], **some))
        metrics, params, tags = metrics[room:], params[len(some["params"]) :], tags[len(some["tags"]) :]
    return entries


def megabytes(folder: Path) -> float:
    """What the files below a folder hold."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
