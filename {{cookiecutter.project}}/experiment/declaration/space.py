"""The SPACE of a model file: what is wrong with it, and what it names."""

from collections.abc import Iterator
from typing import Any

from ..errors import BadInput, nearest
from .hyperparameters import Params, Range, text, validate


def breaches(declared: type[Params], space: Any) -> Iterator[str]:
    """What is wrong with SPACE, held to the hyperparameters' own bounds."""
    if not (isinstance(space, dict) and space):
        yield 'has no SPACE to search; say SPACE = {"alpha": Range(1e-4, 1, log=True)} or lists of choices'
    for name, values in space.items():
        if name == "seed":
            fix = "take it out; to see how much is luck, sweep again with --seed=1"
            yield f"SPACE names seed, by which rows are held back: the best set would be the luckiest; {fix}"
        if name not in declared.model_fields:
            yield f"SPACE names {name}, which is no hyperparameter; {nearest(name, list(declared.model_fields))}"
        if isinstance(values, Range):
            numeric = declared.model_fields[name].annotation in (int, float)
            if not numeric or values.low >= values.high or (values.log and values.low <= 0):
                yield f"SPACE[{name!r}] is {values}; it needs a number, low below high, and low above 0 with log"
            values = [values.low, values.high]
        if not isinstance(values, list | tuple) or not values:
            yield f"SPACE[{name!r}] is {values!r}; give a list of choices or a Range(low, high)"
        if "" in values:
            yield f"SPACE[{name!r}] has an empty text, which stands for the default; name what it means"
        seen = set()
        for value in values:
            try:
                taken = validate(declared, {name: (text(value), f"SPACE[{name!r}]")}, "Hyperparameters")
            except BadInput as error:
                yield str(error)
            else:
                if (known := getattr(taken, name)) in seen:
                    yield f"SPACE[{name!r}] has {text(value)} twice; each set is tried once"
                seen.add(known)


def choices(space: dict[str, Any]) -> dict[str, str]:
    """The texts in SPACE, by their places."""
    lists = {name: values for name, values in space.items() if not isinstance(values, Range)}
    return {f"SPACE[{name!r}][{place}]": text(value) for name in lists for place, value in enumerate(lists[name])}
