"""Hyperparameters: declared once as a pydantic class; flags, help, environment, MLproject and sweeps come from it."""

from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic.fields import FieldInfo

from ..errors import BadInput

LAST_SEED = 2**32 - 1  # numpy takes no larger one


class BrokenRule(BadInput):
    """Values that each may be, and not together."""


class Params(BaseModel):
    """Base class of every model's `Hyperparameters`: scalars with a type, a default, bounds and a reason."""

    # validate_default: a default outside its own bounds is a mistake to be told at once, not by the first Job.
    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True, protected_namespaces=()
    )

    seed: int = Field(0, ge=0, le=LAST_SEED, description="fixes the split and every random choice")

    @field_validator("seed")
    @classmethod
    def is_a_seed(cls, seed: Any) -> int:
        """Also where a model declares its own seed."""
        if type(seed) is not int or not 0 <= seed <= LAST_SEED:
            raise ValueError(f"seed must be declared as an int, and be from 0 to {LAST_SEED}")
        return seed


@dataclass(frozen=True)
class Range:
    """All numbers from `low` to `high`, both included; `log` draws evenly among orders of magnitude."""

    low: float
    high: float
    log: bool = False


def text(value: Any) -> str:
    """The one text form of a hyperparameter: what flags, MLproject, Templates and the store all hold."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def flag(name: str) -> str:
    """`n_neighbors` as it is typed: `--n-neighbors`."""
    return "--" + name.replace("_", "-")


def domain(field: FieldInfo) -> str:
    """The values that a hyperparameter may take, in words: "a whole number, at least 1, at most 100"."""
    if field.annotation is bool:
        return "true or false"
    if choices := get_args(field.annotation):
        return " or ".join(text(choice) for choice in choices)
    words = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than", "pattern": "matching"}
    limits = [
        f"{word} {getattr(rule, key)}"
        for rule in field.metadata
        for key, word in words.items()
        if getattr(rule, key, None) is not None
    ]
    kind = {int: "a whole number", float: "a number"}.get(field.annotation, "a text")
    return ", ".join([kind, *limits])


def validate(declared: type[Params], given: dict[str, tuple[str, str]], where: str) -> Params:
    """Turn texts into checked hyperparameters.

    declared: the model's `Hyperparameters`. given: name -> (text, the place it came from, e.g. "--alpha");
    an empty text means the default. where: the file that declares them, for the message.
    Raises BadInput naming the value, its place, what is allowed and the file that says so; BrokenRule for several.
    """
    try:
        return declared.model_validate_strings({name: value for name, (value, _) in given.items() if value})
    except ValidationError as error:
        first = error.errors()[0]
        said = first["msg"].removeprefix("Value error, ")
        if not first["loc"]:  # a rule between several hyperparameters, written by the model's author
            raise BrokenRule(f"{said} ({where})") from None
        name = str(first["loc"][0])
        value, place = given.get(name, (text(declared.model_fields[name].default), "default"))
        field = declared.model_fields[name]
        problem = said if first["type"] == "value_error" else f"{name} must be {domain(field)}"
        raise BadInput(f"{place} {value}: {problem} ({field.description}; {where})") from None
