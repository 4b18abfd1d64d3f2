"""Judging stored models again, on the same rows, by the model file's `evaluate`."""

import math
from dataclasses import dataclass
from pathlib import Path

from mlflow.entities import Run
from mlflow.entities.model_registry import ModelVersion

from ..data import Data
from ..declaration import Model
from ..errors import BadInput, tell
from ..formats import loading, metrics
from .chosen import fetched, tell_others
from .registry import Registry
from .rows import digests


@dataclass(frozen=True)
class Judge:
    """Judges by a model file's `evaluate`, on the same rows each time.

    unseen: the rows are of a table that no model was fitted on. trusting: what may run code is loaded, whoever made it.
    forced: a champion that may know the rows is judged all the same.
    """

    model: Model
    rows: Data
    unseen: bool
    registry: Registry
    folder: Path
    trusting: bool
    forced: bool

    def challenger(self, run: Run) -> dict[str, float]:
        """The metrics of a run's model. Raises BadInput where it cannot be judged."""
        name, metric = f"run {run.info.run_id}", self.model.metric
        try:
            measured = self._judge(name, *self.registry.stored(run.outputs.model_outputs[0].model_id))
        except BadInput as error:
            raise BadInput(f"{name}: {error}") from None
        if not self.unseen and not math.isclose(now := measured[metric], was := run.data.metrics[metric], rel_tol=1e-6):
            why = "evaluate, the rows held back, or a library is another by now"
            tell(f"{name}: {metric} is {now:.8g} on these rows, where the run has {was:.8g}: {why}", "note")
        return measured

    def champion(self, version: ModelVersion, against: Run) -> tuple[dict[str, float] | None, str]:
        """The metrics of the champion, on the rows of the run `against`, and what was forced.

        They are None where it cannot be judged, and --force passes over that. Raises BadInput unless it does.
        """
        place, maker = self.registry.maker(version)
        run = self.registry.run(version.run_id)
        name, known = f"the champion, version {version.version},", self._knows(run, against)
        if known and not self.forced:
            fix = "judge both on a table that neither has seen, --on <address>; --force compares all the same"
            raise BadInput(f"{name} {known}, and may know those that it is judged on, which flatters it; {fix}")
        try:
            if run and run.data.tags.get("target") != against.data.tags.get("target"):
                raise BadInput(f"it predicts {run.data.tags.get('target')}, not {against.data.tags.get('target')}")
            return self._judge(name, place, maker), known and f"{name} {known}"
        except BadInput as error:
            problem = f"{name} cannot be judged: {error}"
            if not self.forced:
                raise BadInput(f"{problem}; --force replaces it without a comparison") from None
            return None, problem

    def _knows(self, run: Run | None, against: Run) -> str:
        """Why the run's model may know the rows, which another has held back; empty where it does not."""
        if run is None:
            return "is of a run that is gone, so that nobody knows its rows"
        if self.unseen:
            return "was fitted on this very table" if self.rows.digest in digests(run) else ""
        own, other = run.data.tags, against.data.tags
        rows = {tags["held_back"] for tags in (own, other) if "held_back" in tags}  # sets of a sweep have none
        if own.get("comparable") != other.get("comparable") or len(rows) > 1:
            return f"was fitted with other rows held back ({own.get('comparable', 'it is not known which')})"
        return ""

    def _judge(self, name: str, place: str, maker: Run | None) -> dict[str, float]:
        folder = fetched(self.registry, place, maker, self.folder, self.trusting)
        known, _ = loading.table(folder)
        if known and list(known.columns) != list(map(str, self.rows.X)):
            raise BadInput(f"it reads the columns {', '.join(known.columns)[:200]}, and not those of {self.rows.name}")
        own = self.rows.rows(self.rows.X.index)  # a model may change what it is asked
        try:
            with loading.loaded(folder) as (fitted, others):
                judged = self.model.evaluate(fitted, own)
        except BadInput:
            raise
        except (Exception, SystemExit) as error:  # whatever its library, or today's `evaluate`, stumbles over
            raise BadInput(f"it cannot be loaded and evaluated here: {type(error).__name__}: {error}") from error
        tell_others(others, name)
        return {name: value for name, value, *_ in metrics.Metrics(self.model.metric).judge(judged)}
