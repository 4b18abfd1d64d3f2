"""Hyperparameter sets: a model's SPACE, without what is fixed, drawn or listed in full."""

from ..errors import BadInput
from .hyperparameters import Params, Range, text, validate
from .model import Model


def sets(model: Model, fixed: dict[str, tuple[str, str]], limit: int) -> list[Params]:
    """The sets to try, checked, in the order that the same arguments always give.

    fixed: hyperparameters that a person set, name -> (text, place); they leave the space. Lists alone that make
    `limit` sets or fewer are tried in full; else `limit` sets are drawn, by the seed, none twice.
    Raises BadInput when nothing is left to search.
    """
    from sklearn.model_selection import ParameterGrid, ParameterSampler

    base = validate(model.hyperparameters, fixed, model.file)
    space = {name: values for name, values in model.space.items() if name not in fixed}
    if not space:
        raise BadInput(f"every hyperparameter in SPACE of {model.file} is fixed; nothing is left to sweep")
    listed = not any(isinstance(values, Range) for values in space.values())
    if listed and len(ParameterGrid(space)) <= limit:
        draws = list(ParameterGrid(space))
    else:
        distributions = {name: distribution(model, name, values) for name, values in space.items()}
        draws = list(ParameterSampler(distributions, limit, random_state=base.seed))
    chosen = [checked(model, fixed, draw) for draw in draws]
    return list(dict.fromkeys(chosen))  # whole numbers drawn from a Range may repeat


def distribution(model: Model, name: str, values):
    """A list of choices as it is; a Range as scipy's distribution over it."""
    if not isinstance(values, Range):
        return values
    from scipy.stats import loguniform, uniform

    return loguniform(values.low, values.high) if values.log else uniform(values.low, values.high - values.low)


def checked(model: Model, fixed: dict[str, tuple[str, str]], draw: dict) -> Params:
    """What was fixed and what was drawn, as one checked set."""
    drawn = {name: (text(rounded(model, name, value)), f"SPACE[{name!r}]") for name, value in draw.items()}
    return validate(model.hyperparameters, fixed | drawn, model.file)


def rounded(model: Model, name: str, value):
    """A drawn number with four digits, so that it can be typed again; a choice as it is."""
    values = model.space[name]
    if not isinstance(values, Range):
        return value
    near = round(value) if model.hyperparameters.model_fields[name].annotation is int else float(f"{value:.4g}")
    return min(max(near, values.low), values.high)
