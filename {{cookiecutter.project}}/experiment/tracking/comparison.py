"""A promotion's verdict and its record: how good a run and the champion are on the same rows."""

import json
import math
from dataclasses import dataclass
from typing import Any

from mlflow.entities import Run
from mlflow.entities.model_registry import ModelVersion

from ..declaration import Model
from .provenance import now, user
from .registry import BEFORE
from .rows import dataset


def finite(metrics: dict[str, float]) -> dict[str, float | None]:
    """As JSON can hold them."""
    return {name: value if math.isfinite(value) else None for name, value in metrics.items()}


@dataclass
class Comparison:
    """A run's model beside the champion's, judged by the model file's `evaluate`.

    judged_on: the rows, in words. metrics: the run's, by name; best: the champion's, None where there are none. unmet:
    what the file's REQUIREMENTS say against the run. forced: what --force passed over. version: the run's, if promoted.
    """

    model: Model
    run: Run
    judged_on: str
    metrics: dict[str, float]
    unmet: list[str]
    min_gain: float
    champion: ModelVersion | None = None
    best: dict[str, float] | None = None
    forced: str = ""
    version: str = ""

    @property
    def against(self) -> str:
        """Why the run does not become the champion; empty where it does."""
        if self.unmet or self.best is None:
            return "; ".join(self.unmet)
        name = self.model.metric
        new, old = self.metrics[name], self.best[name]
        gain = old - new if self.model.minimised else new - old
        wanted = f", to be beaten by {self.min_gain:g} or more" if self.min_gain else ""
        said = f"{name} is {new:.8g}, and the champion's is {old:.8g}{wanted}"
        enough = gain >= self.min_gain or math.isclose(gain, self.min_gain)  # 0.9 - 0.8 is a little less than 0.1
        return "" if gain > 0 and enough else said

    def record(self) -> dict[str, Any]:
        """What a version says of its promotion."""
        data, own, champion = dataset(self.run), self.run.data.tags, self.champion
        return {
            "run": self.run.info.run_id,
            "commit": own.get("mlflow.source.git.commit"),
            "git_dirty": own.get("git_dirty"),
            "data": data.name,
            "data_digest": data.digest,
            "judged_on": self.judged_on,
            "metrics": finite(self.metrics),
            BEFORE: champion and str(champion.version),
            "champion_run": champion and champion.run_id,
            "champion_metrics": self.best and finite(self.best),
            "forced": self.forced or "no",
            "promoted_by": user(),
            "promoted_at": now(),
        }

    def tags(self) -> dict[str, str]:
        """The record as tags of a version."""
        known = {key: value for key, value in self.record().items() if value}
        return {key: value if isinstance(value, str) else json.dumps(value) for key, value in known.items()}

    @property
    def sides(self) -> dict[str, dict[str, float]]:
        """The metrics of each, by what it is called."""
        own = {f"run {self.run.info.run_id[:8]}": self.metrics}
        return own if self.best is None else own | {f"version {self.champion.version}, the champion": self.best}

    def text(self) -> str:
        """Both models' metrics as a table in Markdown."""
        rows = [["metric", *self.sides], ["---"] * (1 + len(self.sides))]
        for name in self.metrics:
            rows.append([name, *(f"{side[name]:.8g}" if name in side else "" for side in self.sides.values())])
        said = [f"{self.model.name}, run {self.run.info.run_id}, judged on {self.judged_on}:"]
        said.append("\n".join(f"| {' | '.join(row)} |" for row in rows))
        return "\n\n".join([*said, f"forced: {self.forced}"] if self.forced else said)

    def figure(self) -> Any:
        """A bar for each model, metric by metric, as these have units of their own."""
        from matplotlib.figure import Figure

        names = list(self.metrics)[:12]  # as many as one looks at
        figure = Figure(figsize=(7, 1 + 0.8 * len(names)), layout="constrained")
        for axes, name in zip(figure.subplots(len(names), squeeze=False)[:, 0], names, strict=True):
            known = {
                side: values[name] for side, values in self.sides.items() if math.isfinite(values.get(name, math.nan))
            }
            axes.bar_label(axes.barh(list(known), list(known.values()), color=["C0", "C7"][: len(known)]), fmt=" %.5g")
            axes.invert_yaxis()
            axes.margins(x=0.15)
            axes.set_title(name, loc="left", fontsize="medium", parse_math=False)
        figure.suptitle(f"{self.model.name}, judged on {self.judged_on}", fontsize="medium", parse_math=False)
        return figure
