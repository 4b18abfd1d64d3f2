"""Model files: finding models/*.py, importing one, and what it declares.

Nothing is imported to list models; a model file is imported when its name is asked for.
"""

import ast
import importlib
import math
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from . import contract, evaluation
from .data import Data, Source
from .errors import BadInput, blame, nearest
from .params import Params

ROOT = Path(__file__).resolve().parent.parent


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
            return self.module.load(source)

    def split(self, data: Data, seed: int) -> tuple[Data, Data]:
        """Rows to fit on and rows to judge on."""
        return data.split(seed, stratify=self.task == "classification")

    def fit(self, train: Data, params: Params, report=lambda step, **metrics: None) -> Any:
        """Fit with these hyperparameters; `report(step, **metrics)` receives what a long fit has to say."""
        wanted = (train, params, report)[: contract.arity(self.module.fit)]
        with blame(self.file, "fit"):
            return self.module.fit(*wanted)

    def evaluate(self, fitted: Any, test: Data) -> dict[str, float]:
        """The metrics on the rows held back, METRIC among them. Raises BadInput when it is not, or is no number."""
        judge = getattr(self.module, "evaluate", None) or evaluation.METRICS[self.task]
        with blame(self.file, "evaluate"):
            metrics = {name: float(value) for name, value in judge(fitted, test).items()}
        if self.metric not in metrics:
            returned = ", ".join(metrics) or "nothing"
            raise BadInput(f"{self.file}: METRIC is {self.metric}, but evaluate returns {returned}")
        if not math.isfinite(value := metrics[self.metric]):
            raise BadInput(f"{self.file}: {self.metric} is {value}; a run needs a number to be ranked by")
        return metrics

    def figures(self, fitted: Any, train: Data, test: Data) -> dict[str, Any]:
        """Matplotlib figures by name."""
        draw = getattr(self.module, "figures", None) or evaluation.FIGURES.get(self.task, lambda *_: {})
        with blame(self.file, "figures"):
            return draw(fitted, train, test)


def names() -> list[str]:
    """The models there are, by file name."""
    return sorted(path.stem for path in (ROOT / "models").glob("*.py") if not path.stem.startswith("_"))


def parse(file: str) -> ast.Module:
    """A model file's syntax tree. Raises BadInput naming the line of a syntax error."""
    with blame(file, "import"):
        return ast.parse((ROOT / file).read_bytes(), file)


def described() -> dict[str, str]:
    """Name -> first docstring line of every model, read without importing any."""
    docstrings = {name: ast.get_docstring(parse(f"models/{name}.py")) or "" for name in names()}
    return {name: docstring.partition("\n")[0] for name, docstring in docstrings.items()}


def load(name: str) -> Model:
    """Import one model file. Raises BadInput for an unknown name or a file that breaks the contract."""
    if name not in names():
        raise BadInput(f"{name}: no such model in models/; {nearest(name, names())}")
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    file = f"models/{name}.py"
    tree = parse(file)
    with blame(file, "import"):
        module = importlib.import_module(f"models.{name}")
    contract.check(module, tree, file)
    return Model(name, module)
