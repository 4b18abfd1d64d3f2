"""How much of a SPACE is left to try: known before a sweep begins, and without the library that draws from it."""

import math
from collections.abc import Container
from typing import Any

from ..declaration import Model, Range
from ..errors import BadInput

WHOLE = 1000  # sets of a grid that are tried without asking


def left(model: Model, fixed: Container[str]) -> dict[str, Any]:
    """SPACE without what a person set. Raises BadInput when that is nothing."""
    searched = {name: values for name, values in model.space.items() if name not in fixed}
    if not searched:
        raise BadInput(f"every hyperparameter in SPACE of {model.file} is fixed; nothing is left to sweep")
    return searched


def size(searched: dict[str, Any]) -> float:
    """How many sets there are; infinite with a Range."""
    lists = [values for values in searched.values() if not isinstance(values, Range)]
    return math.prod(map(len, lists)) if len(lists) == len(searched) else math.inf


def strategy(model: Model, fixed: Container[str], asked: str | None, limit: int | None) -> str:
    """The strategy that was asked for; else a grid of lists alone is tried in full, and of a Range sets are drawn.

    Raises BadInput when nothing is left to search, or a grid has more sets than a person can have meant.
    """
    count = size(searched := left(model, fixed))
    chosen = asked or ("grid" if count < math.inf else "random")
    if chosen == "grid" and count == math.inf:
        ranges = next(name for name, values in searched.items() if isinstance(values, Range))
        raise BadInput(f"SPACE[{ranges!r}] of {model.file} is a Range; a grid has lists: --strategy random, or tpe")
    if chosen == "grid" and limit is None and count > WHOLE:
        raise BadInput(f"SPACE of {model.file} has {count:,} sets; say how many to try: --limit {WHOLE}")
    return chosen
