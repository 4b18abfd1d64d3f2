"""The metrics of a run, as any store takes them: what `fit` reports, and what `evaluate` says of the rows held back."""

import math
import operator
import os
import threading
import time
from collections.abc import Callable
from functools import partial
from numbers import Complex, Real
from typing import TYPE_CHECKING, Any

from ..errors import tell
from .names import Names, shown

if TYPE_CHECKING:
    from mlflow.entities import Run

Point = tuple[str, float, int, int]  # name, value, milliseconds since 1970, step
NOTE = partial(tell, kind="note")
FIRST, LAST = -(2**63), 2**63 - 2  # steps: stores have 64 bits, and what is judged comes one later


class Metrics:
    """What one fit reports, by `report`, and what is judged after it, by `judge`: for good the newest of its name.

    metric: the METRIC; nothing but what is judged is ever stored as that. keep: receives each point that is reported.
    doubt: is told in words of what is stored otherwise than it was given, once of each kind; it may raise.
    """

    def __init__(
        self,
        metric: str,
        keep: Callable[[Point], None] = lambda point: None,
        doubt: Callable[[str], None] = NOTE,
    ):
        self._metric, self._keep, self._doubt = metric, keep, doubt
        self._names, self._doubted = Names(metric, doubt), set()
        self._fix = f"{metric} is the METRIC, which only evaluate tells; report it as train_{metric}"
        self._begun = self._over = False
        self._step = self._moment = 0  # of the last report
        self._highest: dict[str, int] = {}  # step of each name
        self._turn, self._process = threading.Lock(), os.getpid()

    def __deepcopy__(self, memo):
        """As for scikit-learn's `clone` of what holds on to its `report`."""
        return self

    def __reduce__(self):
        """A model may hold on to its `report`, and another process be handed it: theirs reports to nobody."""
        return Metrics, (self._metric, unheard)

    def report(self, /, step: int, **metrics: float) -> None:
        """Keep what a long fit has to say. Raises ValueError when the first of it has METRIC's own name."""
        with self._turn:
            if os.getpid() != self._process:
                unheard()
            if self._over or not metrics:  # over: said by a thread that the fit has left behind
                return
            first, self._begun = not self._begun, True
            if self._metric in metrics and first:
                raise ValueError(self._fix)
            self._step, self._moment = self._whole(step), max(self._moment, milliseconds())
            for given, value in metrics.items():
                wanted = given
                if given == self._metric:  # so late that a fit would be lost
                    self._once(given, f"{self._fix}, as which it is stored")
                    wanted = f"train_{given}"
                if (number := self._number(given, value)) is not None:
                    name = self._names.of(given, wanted)
                    self._highest[name] = max(self._step, self._highest.get(name, self._step))
                    self._keep((name, number, self._moment, self._step))

    def judge(self, metrics: dict[Any, Any]) -> list[Point]:
        """What `evaluate` returned, as points of one moment, later than all that was reported.

        The METRIC has step 0. Another comes one step after what was reported under its name, as stores show the
        highest.
        """
        with self._turn:
            self._over, now = True, max(milliseconds(), self._moment + 1)
        numbers = {given: self._number(given, value) for given, value in metrics.items()}
        named = {self._names.of(given, given): number for given, number in numbers.items() if number is not None}
        return [(name, number, now, self._highest.get(name, -1) + 1) for name, number in named.items()]

    def _whole(self, given: Any) -> int:
        """The nearest whole number; for what is no number, the step before."""
        try:
            number = operator.index(given)
        except Exception:  # each library has its own
            number = as_number(given)
        none = number is None or math.isnan(number)
        step = self._step if none else round(min(max(number, FIRST), LAST))
        if step != number:
            self._once("step", f"report's step {shown(given)} can only be stored as {step}: count epochs, or batches")
        return step

    def _number(self, name: Any, value: Any) -> float | None:
        if (number := as_number(value)) is None:
            self._once((name, "value"), f"the metric {shown(name)} cannot be stored: {shown(value)} is no number")
        return number

    def _once(self, kind: Any, doubt: str) -> None:
        if kind not in self._doubted:
            self._doubted.add(kind)
            self._doubt(doubt)


def unheard(*point: Point) -> None:
    raise ValueError("report works in the process of the fit alone; let others return what there is to report")


def as_number(value: Any) -> float | None:
    """None for what is no number."""
    if isinstance(value, str | bytes | Complex) and not isinstance(value, Real):
        return None
    try:
        return float(value)
    except Exception:  # each library has its own
        return None


def judged(run: "Run", metric: str) -> list[Point]:
    """The metrics of a stored run that were judged, which have the METRIC's moment.

    Empty where there is no METRIC, or where its newest value is one that `fit` reported, as earlier versions let it.
    """
    newest = [(point.key, point.value, point.timestamp, point.step) for point in run.data._metric_objs]
    moment = next((when for name, _, when, step in newest if name == metric and step == 0), None)
    return [point for point in newest if point[2] == moment]


def milliseconds() -> int:
    """Now, since 1970, as MLflow has times."""
    return int(time.time() * 1000)
