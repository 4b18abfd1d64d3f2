"""What a run is made of, in a form that can be written to any store, and again to one that has a part of it."""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag
from mlflow.utils.validation import MAX_METRICS_PER_BATCH, MAX_PARAMS_TAGS_PER_BATCH

from ..formats import Point


@dataclass(frozen=True)
class Part:
    """A piece of a run. write: makes it so in a store's run of this id; a second time it changes nothing."""

    name: str  # as a person calls it; that of a file is its path among the run's artifacts
    write: Callable[[MlflowClient, str], object]


@dataclass(frozen=True)
class Values:
    """Metrics, params and tags, as many as one request takes."""

    metrics: Sequence[Metric] = ()
    params: Sequence[Param] = ()
    tags: Sequence[RunTag] = ()

    def write(self, client: MlflowClient, run_id: str) -> None:
        client.log_batch(run_id, **vars(self))

    @property
    def each(self) -> list[tuple[str, str]]:
        """Kind and name of each."""
        kinds = {"metric": self.metrics, "param": self.params, "tag": self.tags}
        return [(kind, value.key) for kind, values in kinds.items() for value in values]

    def halves(self) -> tuple["Values", "Values"]:
        """The same in two requests; for who looks for one value that a store does not take."""
        cut = len(self.each) // 2
        first, second = {}, {}
        for kind, values in vars(self).items():
            first[kind], second[kind] = values[:cut], values[cut:]
            cut = max(0, cut - len(values))
        return Values(**first), Values(**second)


@dataclass
class Record:
    """A run as it is being made. Metrics are many, so they stay tuples.

    end: the status of the run, and when that came about, once it has. lost: what of it is no more, by name, and why.
    """

    run_id: str  # in the store that it was begun in
    name: str
    start_time: int
    tags: dict[str, str]
    metrics: list[Point] = field(default_factory=list)
    parts: list[Part | Values] = field(default_factory=list)
    end: tuple[str, int] | None = None
    lost: dict[str, str] = field(default_factory=dict)

    def without(self, params: Container[str], tags: Container[str], names: Container[str]) -> "Record":
        """What is left of it when params, tags and parts of some names are there already; no end."""
        left = []
        for part in self.parts:
            if isinstance(part, Values):
                lacking = [param for param in part.params if param.key not in params]
                left += batches(params=lacking, tags=[tag for tag in part.tags if tag.key not in tags])
            elif part.name not in names:
                left.append(part)
        lost = {name: why for name, why in self.lost.items() if name not in names}
        return replace(self, parts=left, end=None, lost=lost)


def batches(metrics: Sequence[Metric] = (), params: Sequence[Param] = (), tags: Sequence[RunTag] = ()) -> list[Values]:
    """All of them in as few requests as MLflow takes."""
    made = []
    while metrics or params or tags:
        some = {"params": params[:MAX_PARAMS_TAGS_PER_BATCH], "tags": tags[:MAX_PARAMS_TAGS_PER_BATCH]}
        room = MAX_METRICS_PER_BATCH - sum(map(len, some.values()))
        made.append(Values(metrics[:room], **some))
        metrics, params, tags = metrics[room:], params[len(some["params"]) :], tags[len(some["tags"]) :]
    return made


def megabytes(folder: Path) -> float:
    """What the files below a folder hold."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
