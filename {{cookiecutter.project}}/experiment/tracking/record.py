"""What a run is made of, in a form that can be written to any store, and again to one that has a part of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import Metric

# Writes a part of a run: the client of a store, the run's id there. A second time it changes nothing.
Entry = Callable[[MlflowClient, str], object]
BATCH = 1000  # MLflow's limit for one request


@dataclass
class Record:
    """A run as it is being made. Metrics are many, so they stay tuples: name, value, milliseconds since 1970, step."""

    run_id: str  # in the store that it was begun in
    name: str
    start_time: int
    tags: dict[str, str]
    metrics: list[tuple[str, float, int, int]] = field(default_factory=list)
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
        while points := self._record.metrics[self._metrics : self._metrics + BATCH]:
            self._client.log_batch(self._run_id, metrics=[Metric(*point) for point in points])
            self._metrics += len(points)
        while self._entries < entries:
            self._record.entries[self._entries](self._client, self._run_id)
            self._entries += 1


def milliseconds() -> int:
    """Now, since 1970, as MLflow has times."""
    return int(time.time() * 1000)


def megabytes(folder: Path) -> float:
    """What the files below a folder hold."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
