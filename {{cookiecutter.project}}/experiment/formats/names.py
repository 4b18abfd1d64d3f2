"""What metrics are called in the store: as they were given, or by the nearest name that MLflow takes."""

import re
from collections.abc import Callable
from typing import Any

PLAIN = re.compile(r"[A-Za-z]\w{0,99}", re.ASCII)  # needs no asking: to import MLflow takes a second


class Names:
    """The names of one run's metrics, no two of which become one.

    own: a name that no other becomes. doubt: is told, once for each, of a name that is stored otherwise.
    """

    def __init__(self, own: str, doubt: Callable[[str], None]):
        self._stored, self._doubt = {(own, own): own}, doubt

    def of(self, given: Any, wanted: Any) -> str:
        """What is stored of the metric `given`, which is to be called `wanted`."""
        if (given, wanted) not in self._stored:
            name, why = nearest(wanted)
            free, number = name, 1
            while free in self._stored.values():
                number, why = number + 1, why or "Another metric has this name."
                free = f"{name[:240]}_{number}"
            self._stored[given, wanted] = free
            if why:
                self._doubt(f"the metric {shown(given)} can only be stored as {free}: {why}")
        return self._stored[given, wanted]


def nearest(given: Any) -> tuple[str, str]:
    """The nearest name that MLflow takes, and why it does not take this one; empty when it does."""
    if not isinstance(given, str):
        return nearest(shown(given))[0], "A name is a text."
    name = str.__str__(given)  # without what a class of texts adds to it
    if PLAIN.fullmatch(name) or not (why := refused(name)):
        return name, ""
    from mlflow.utils.validation import MAX_ENTITY_KEY_LENGTH as LONGEST
    from mlflow.utils.validation import validate_param_and_metric_name as legible

    name = "".join(letter if legible(f"{letter}.") else "_" for letter in name)[:LONGEST]
    if refused(name):  # as a path it would lead elsewhere
        name = name.replace("/", "_")
    return f"_{name}"[:LONGEST] if refused(name) else name, why


def refused(name: str) -> str:
    """Why MLflow does not take the name of a metric, in its own words; empty when it does."""
    from mlflow import MlflowException
    from mlflow.utils.validation import _validate_metric

    try:
        _validate_metric(name, 0.0, 0, 0)
    except MlflowException as error:
        return error.message.rpartition("supplied: ")[2]
    return ""


def shown(value: Any) -> str:
    """A value in a line."""
    try:
        said = repr(value)
    except Exception:
        said = f"a {type(value).__name__}"
    return said if len(said) < 60 else f"{said[:50]}…"
