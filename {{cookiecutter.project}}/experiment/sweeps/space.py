"""What a sweep searches: a model's SPACE as Optuna's distributions, held to the hyperparameters' own bounds."""

from typing import Any

from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from ..declaration import Model, Params, Range, text, validate
from .extent import left

Fixed = dict[str, tuple[str, str]]  # hyperparameters that a person set, name -> (text, place); they leave the space


def space(model: Model, fixed: Fixed) -> dict[str, BaseDistribution]:
    """What is left to search, as Optuna knows it. Raises BadInput when that is nothing."""
    kinds = {name: field.annotation for name, field in model.hyperparameters.model_fields.items()}
    return {name: distribution(kinds[name], values) for name, values in left(model, fixed).items()}


def distribution(kind: type, values: Any) -> BaseDistribution:
    if not isinstance(values, Range):
        return CategoricalDistribution(list(values))
    number = IntDistribution if kind is int else FloatDistribution
    return number(kind(values.low), kind(values.high), log=values.log)


def checked(model: Model, fixed: Fixed, drawn: dict[str, Any]) -> Params:
    """What was fixed and what was drawn, as one checked set."""
    texts = {name: (text(rounded(model, name, value)), f"SPACE[{name!r}]") for name, value in drawn.items()}
    return validate(model.hyperparameters, fixed | texts, model.file)


def rounded(model: Model, name: str, value: Any) -> Any:
    """A number drawn from a Range with four digits, so that it can be typed again; anything else as it is."""
    values = model.space[name]
    if not (isinstance(values, Range) and isinstance(value, float)):
        return value
    return min(max(float(f"{value:.4g}"), values.low), values.high)
