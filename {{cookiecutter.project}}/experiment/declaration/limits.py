"""What a champion must keep, whatever it replaces: REQUIREMENTS = {"f1_bad": 0.5, "-rmse": 60}."""

import math
from collections.abc import Iterator
from numbers import Real
from typing import Any

from ..errors import BadInput, nearest


def breaches(requirements: Any) -> Iterator[str]:
    """What is wrong with a file's REQUIREMENTS."""
    example = 'say REQUIREMENTS = {"f1_bad": 0.5, "-rmse": 60}, with - where less is better'
    if not isinstance(requirements, dict):
        yield f"REQUIREMENTS is {requirements!r}; {example}"
        return
    for name, limit in requirements.items():
        if not isinstance(name, str) or not isinstance(limit, Real) or not math.isfinite(limit):
            yield f"REQUIREMENTS has {name!r}: {limit!r}; {example}"


def unmet(requirements: dict[str, float], metrics: dict[str, float], file: str) -> list[str]:
    """The requirements that these metrics do not keep, in words. Raises BadInput for one that is not among them."""
    said = []
    for given, limit in requirements.items():
        if (name := given.removeprefix("-")) not in metrics:
            raise BadInput(
                f"{file}: REQUIREMENTS has {name}, which evaluate does not return; {nearest(name, [*metrics])}"
            )
        less, value = given != name, metrics[name]
        if not (value <= limit if less else value >= limit):  # what is no number keeps no limit
            said.append(f"{name} is {value:.8g}, and REQUIREMENTS ask for {limit:.8g} or {'less' if less else 'more'}")
    return said
