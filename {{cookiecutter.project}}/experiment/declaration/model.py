"""A model file as the program sees it: what it declares and does, with the defaults for what it leaves out."""

from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from ..data import Data, Source, splits
from ..errors import BadInput, blame
from . import contract, limits, tasks
from .hyperparameters import Params

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Model:
    """One model file, held to the contract; what it leaves out has a default here."""

    name: str
    module: ModuleType

    @property
    def file(self) -> str:
        return f"models/{self.name}.py"

    @property
    def description(self) -> str:
        """The first line of the file's docstring."""
        return self.module.__doc__.strip().splitlines()[0]

    @property
    def hyperparameters(self) -> type[Params]:
        return self.module.Hyperparameters

    @property
    def task(self) -> str | None:
        """What kind of model it is, which decides the split and the default metrics and figures."""
        return getattr(self.module, "TASK", None)

    @property
    def space(self) -> dict[str, Any]:
        return self.module.SPACE

    @property
    def metric(self) -> str:
        """The metric to rank by, without its sign."""
        return self.module.METRIC.removeprefix("-")

    @property
    def minimised(self) -> bool:
        return self.module.METRIC.startswith("-")

    def data(self, source: Source) -> Data:
        """Read the data. Raises BadInput for a table that the model cannot use."""
        with blame(self.file, "load"):
            data = self.module.load(source)
        if not isinstance(data, Data):
            raise BadInput(f"{self.file}: load returns {type(data).__name__}; let it return source.read(…)")
        from ..data import columns

        columns.hold(data, self.task)
        return data

    def split_kind(self, data: Data) -> str:
        """How rows are held back: "own" by the file's function, "ordered", "group", "stratified" by class or "random".
        Raises BadInput where the file orders the rows and the table groups them.
        """
        if hasattr(self.module, "split"):
            return "own"
        declared = getattr(self.module, "SPLIT", None)
        if declared and data.groups is not None:
            raise BadInput(f"{self.file}: SPLIT is {declared!r}, and load names the group {data.groups.name}; keep one")
        if declared == "ordered" or data.groups is not None:
            return declared or "group"
        return "stratified" if self.task == "classification" else "random"

    def held_back(self, data: Data, seed: int, judging: Data) -> str:
        """Which rows are held back, in words: of the same data, the same rows have the same words. Those of the file's
        own split, which may be written anew, have the fingerprint of the rows `judging`.
        """
        kind = self.split_kind(data)
        known = kind if kind == "ordered" else f"{kind} by seed {seed}"
        return f"{known}, rows {judging.digest[:8]}" if kind == "own" else known

    def split(self, data: Data, seed: int) -> tuple[Data, Data]:
        """Rows to fit on and rows to judge on. Raises BadInput when one of them would be empty, or they share rows."""
        match kind := self.split_kind(data):
            case "own":
                with blame(self.file, "split"):
                    parts = self.module.split(data, seed)
                    splits.refuse_leaks(parts)
                return parts
            case "ordered":
                return splits.ordered(data)
            case "group":
                return splits.grouped(data, seed)
        return splits.random(data, seed, stratify=kind == "stratified")

    def fit(self, train: Data, params: Params, report=lambda step, **metrics: None) -> Any:
        """Fit with these hyperparameters; `report(step, **metrics)` receives what a long fit has to say.

        Raises BadInput when what it returns cannot predict.
        """
        wanted = (train, params, report)[: contract.arity(self.module.fit)]
        with blame(self.file, "fit"):
            fitted = self.module.fit(*wanted)
        if problem := contract.unpredictable(fitted):
            raise BadInput(f"{self.file}: {problem}")
        return fitted

    def evaluate(self, fitted: Any, test: Data) -> dict[str, float]:
        """What the model is judged by on the rows held back: METRIC, a number, and whatever else there is to say.

        Raises BadInput when METRIC is not among it, or is no number.
        """
        judge = getattr(self.module, "evaluate", None) or tasks.METRICS[self.task]
        with blame(self.file, "evaluate"):
            metrics = judge(fitted, test)
            if not isinstance(metrics, dict):
                raise ValueError(f"evaluate returns {type(metrics).__name__}, not {{name: number}}")
            if self.metric not in metrics:
                returned = ", ".join(map(str, metrics)) or "nothing"
                raise BadInput(f"{self.file}: METRIC is {self.metric}, but evaluate returns {returned}")
        if not contract.rankable(value := metrics[self.metric]):
            raise BadInput(f"{self.file}: {self.metric} is {value}; a run needs a number to be ranked by")
        return metrics

    def unmet(self, metrics: dict[str, float]) -> list[str]:
        """The file's REQUIREMENTS that these do not keep, in words. Raises BadInput for one that is not among them."""
        return limits.unmet(getattr(self.module, "REQUIREMENTS", {}), metrics, self.file)

    def figures(self, fitted: Any, train: Data, test: Data) -> dict[str, Any]:
        """Matplotlib figures by name."""
        draw = getattr(self.module, "figures", None) or tasks.FIGURES.get(self.task, lambda *_: {})
        with blame(self.file, "figures"):
            figures = draw(fitted, train, test)
        if problem := contract.unfit_for_files(figures):
            raise BadInput(f"{self.file}: {problem}")
        return figures
