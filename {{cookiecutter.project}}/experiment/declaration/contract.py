"""The contract of a model file: what it declares, checked before anything relies on it."""

import ast
import inspect
import math
import re
import shlex
from collections.abc import Iterator
from types import ModuleType
from typing import Any, Literal, get_args, get_origin

from ..errors import BadInput
from . import limits, space
from .hyperparameters import Params, text, validate
from .tasks import METRICS

# Names that flags, verbs or entry points have, that the OpenShift Templates have, or that YAML reads otherwise.
RESERVED = frozenset(
    "allow_pickle cpu data data_claim data_secret data_volume deadline dry_run ephemeral_storage evaluate"
    " experiment fail_fast force forward git_commit git_ref git_secret gpu help image index job jobs json keep"
    " limit log_models max_failures memory min_gain mlflow_tracking_auth mlflow_tracking_server_cert_path"
    " mlflow_tracking_uri mlflow_workspace model name namespace out proba queue resume retries run schedule"
    " service_account service_account_token sets spool_claim spool_volume strategy sweep tag target time_zone top"
    " tracking_secret user version where"
    " false no null off on true yes".split()
)
# What can be a file, a flag, a field of a Template, a key of YAML and a parameter in MLflow, which takes 250 letters
NAME = re.compile(r"[a-z][a-z0-9_]{0,199}")
METRIC = re.compile(r"-?[^\W\d]\w{0,199}")  # MLflow takes some more
# The functions of a model file, and how many arguments each may take
FUNCTIONS = {"load": (1,), "split": (2,), "fit": (2, 3), "evaluate": (2,), "figures": (3,)}
SPLITS = ("random", "ordered")


def check(module: ModuleType, tree: ast.Module, file: str) -> None:
    """Hold an imported model file to the contract. Raises BadInput for the first breach, naming its line."""
    lines = {name: node.lineno for node in tree.body for name in defined(node)}
    for name, problem in breaches(module):
        raise BadInput(f"{file}, line {lines[name]}: {problem}" if name in lines else f"{file}: {problem}")


def unpredictable(fitted: Any) -> str:
    """What is wrong with what `fit` returned, and what to write instead; empty when it predicts."""
    if fitted is None:
        return "fit returns nothing; let it return the fitted model"
    if callable(getattr(fitted, "predict", None)):
        return ""
    body = "return …  # a prediction for each row"
    if any(kind.__module__.startswith("torch.") for kind in type(fitted).__mro__):
        body = "return self.net(torch.tensor(table.to_numpy(), dtype=torch.float32)).detach().numpy()"
    fix = f"return an object of a class with `def predict(self, table): {body}`"
    return f"fit returns a {type(fitted).__name__} without predict(table); {fix}"


def rankable(value: Any) -> bool:
    """Is it a number that runs can be ranked by?"""
    try:
        return math.isfinite(value)
    except (TypeError, ValueError, OverflowError):
        return False


def unfit_for_files(figures: Any) -> str:
    """What is wrong with what `figures` returned; empty when each becomes a file."""
    if not isinstance(figures, dict) or not all(hasattr(figure, "savefig") for figure in figures.values()):
        return "figures returns no {name: matplotlib figure}"
    for name in map(str, figures):
        if not re.fullmatch(r"\w[\w .-]*", name) or len(name.encode()) > 250:
            return f"figure {name!r} becomes a file; name it with letters, digits and _, 250 at most"
    return ""


def arity(function) -> int:
    """How many arguments a function of a model file takes."""
    return len(inspect.signature(function).parameters)


def defined(node: ast.stmt) -> list[str]:
    """The names that a statement at the top of a file binds."""
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", node)]
    return [name for target in targets if (name := getattr(target, "id", getattr(target, "name", None)))]


def breaches(module: ModuleType) -> Iterator[tuple[str, str]]:
    """What is wrong, each with the name whose line shows it; a later check relies on the earlier ones."""
    if not (module.__doc__ or "").strip():
        yield "", 'has no description; open it with a docstring: """What it learns, in one line."""'
    declared = getattr(module, "Hyperparameters", None)
    if not (isinstance(declared, type) and issubclass(declared, Params)):
        yield "Hyperparameters", "has no `class Hyperparameters(Params)`; declare there what can be tuned"
    for problem in hyperparameter_breaches(declared):
        yield "Hyperparameters", problem
    metric = getattr(module, "METRIC", None)
    if not (isinstance(metric, str) and METRIC.fullmatch(metric)):
        yield "METRIC", 'has no METRIC to rank by; say METRIC = "f1_macro", or "-rmse" where less is better'
    task = getattr(module, "TASK", None)
    if task not in METRICS and not hasattr(module, "evaluate"):
        yield "TASK", f"TASK is {task!r}; say {' or '.join(map(repr, METRICS))}, or define evaluate(model, test)"
    for name, takes in FUNCTIONS.items():
        function = getattr(module, name, None)
        if function is None and name in ("load", "fit"):
            yield name, f"has no function {name}"
        elif function is not None and arity(function) not in takes:
            yield name, f"{name} takes {arity(function)} arguments; it must take {' or '.join(map(str, takes))}"
    split = getattr(module, "SPLIT", SPLITS[0])
    if split not in SPLITS:
        yield "SPLIT", f"SPLIT is {split!r}; say {' or '.join(map(repr, SPLITS))}, or define split(data, seed)"
    if hasattr(module, "SPLIT") and hasattr(module, "split"):
        yield "SPLIT", "there are a SPLIT and a function split; keep one"
    for problem in limits.breaches(getattr(module, "REQUIREMENTS", {})):
        yield "REQUIREMENTS", problem
    for problem in space.breaches(declared, getattr(module, "SPACE", None)):
        yield "SPACE", problem


def hyperparameter_breaches(declared: type[Params]) -> Iterator[str]:
    """What is wrong with the fields of `Hyperparameters`, and with their defaults."""
    for name, field in declared.model_fields.items():
        kind = field.annotation
        texts = get_origin(kind) is Literal and all(isinstance(choice, str) for choice in get_args(kind))
        words = [field.default, *(get_args(kind) if texts else [])]
        if kind not in (int, float, bool, str) and not texts:
            yield f"hyperparameter {name} must be an int, float, bool, str or a Literal of texts: one scalar, one text"
        elif field.is_required():
            yield f"hyperparameter {name} has no default; Jobs and MLproject need one"
        elif not field.description:
            yield f"hyperparameter {name} has no description; it is the help of its flag and of its field in OpenShift"
        elif name in RESERVED:
            yield f"hyperparameter {name} is a word of the program or of YAML; rename it"
        elif not NAME.fullmatch(name):
            yield f"hyperparameter {name} must be named with a-z, 0-9 and _; it is a field of a Template too"
        elif kind not in (int, float) and any(shlex.quote(text(word)) != text(word) for word in words):
            yield f"hyperparameter {name} has a text that a shell would need quoted; MLflow would log the quotes too"
    defaults = {name: (text(field.default), f"default of {name}") for name, field in declared.model_fields.items()}
    try:
        validate(declared, defaults, "declared here")
    except BadInput as error:
        yield str(error)
