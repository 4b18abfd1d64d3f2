"""What happens in a sweep's processes: each fits one set at a time. MLflow is hardly ever imported here."""

import math
import os
import pickle
import shutil
import signal
import threading
import time
import traceback
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import cloudpickle
import joblib

from ..data import Data
from ..declaration import Model, Params, imports, load
from ..errors import BadInput
from ..formats import metrics

Score = tuple[float, int]  # the METRIC so that more is better, then how early the set was asked for
WORST: Score = (-math.inf, 0)


@dataclass(frozen=True)
class Task:
    """A set to fit. keep: the file to leave the fitted model in, if its score is better than `bar`."""

    params: Params
    place: int
    bar: Score
    keep: Path | None


@dataclass(frozen=True)
class Outcome:
    """What became of a set. score: None when it failed; kept: where the fitted model is, if it is anywhere; ended:
    milliseconds since 1970. reported, judged: its metrics, as points; notes: what of both is not as it was given.
    """

    params: Params
    status: str = "FINISHED"
    reported: list[metrics.Point] = field(default_factory=list)
    judged: list[metrics.Point] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    score: Score | None = None
    kept: Path | None = None
    problem: str = ""
    trace: str = ""
    ended: int = field(default_factory=lambda: int(time.time() * 1000))

    @property
    def metrics(self) -> dict[str, float]:
        """What was judged, by name."""
        return {name: value for name, value, *_ in self.judged}

    def left(self) -> Any:
        """The fitted model from its file."""
        return cloudpickle.loads(self.kept.read_bytes())


def begin(name: str, code: dict[str, str], held_back: str, folder: Path, parent: int) -> None:
    """Get a process ready: the model, the data, and no life beyond that of the sweep.

    code, held_back: what the sweep began with, as `Begun` has it. folder: has the data, and is removed by whoever
    outlives the sweep. parent: the sweep's process.
    """
    global MODEL, DATA, EDITED, HELD_BACK
    HELD_BACK = held_back
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    threading.Thread(target=watch, args=(folder, parent), daemon=True).start()
    DATA = joblib.load(data_file(folder), mmap_mode="r")  # in memory once for all processes
    try:
        MODEL = load(name)
        now = imports.settle(MODEL.file)
        EDITED = next((f"{file} has been edited" for file in code | now if code.get(file) != now.get(file)), "")
    except BadInput as error:
        EDITED = str(error)


def watch(folder: Path, parent: int) -> None:
    """End this process when the sweep's is gone, however it went."""
    while os.getppid() == parent:
        time.sleep(0.5)
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


def data_file(folder: Path) -> Path:
    return folder / "data.joblib"


def attempt(sent: bytes) -> Outcome | str:
    """Fit and evaluate one set, a pickled Task; whatever goes wrong with it is its outcome.

    A text says why this process cannot fit what the sweep began with; then it cannot unpickle it either.
    """
    if EDITED:
        return EDITED
    task, reported, notes = pickle.loads(sent), [], []  # noqa: S301 (by `Worker`)
    failed = partial(Outcome, task.params, "FAILED", reported=reported, notes=notes)
    try:
        return fitted(MODEL, DATA, task, reported, notes)
    except BadInput as error:
        return failed(problem=str(error), trace=traceback.format_exc())
    except (Exception, SystemExit) as error:
        return failed(problem=f"{type(error).__name__}: {error}", trace=traceback.format_exc())


def fitted(model: Model, data: Data, task: Task, reported: list[metrics.Point], notes: list[str]) -> Outcome:
    fitting, judging = model.split(data, task.params.seed)
    if (rows := model.held_back(data, task.params.seed, judging)) != HELD_BACK:
        fix = "let split depend on data and seed alone"
        raise BadInput(f"{model.file}: held back are other rows, {rows}, than when the sweep began, {HELD_BACK}; {fix}")
    measured = metrics.Metrics(model.metric, reported.append, notes.append)
    made = model.fit(fitting, task.params, measured.report)
    judged = measured.judge(model.evaluate(made, judging))
    outcome = Outcome(task.params, reported=reported, judged=judged, notes=notes)
    score = score_of(model, outcome.metrics, task.place)
    kept = kept_in(task.keep, made) if task.keep and score > task.bar else None
    return replace(outcome, score=score, kept=kept)


def score_of(model: Model, metrics: dict[str, float], place: int) -> Score:
    """What sets are ranked by, the more the better; of equals the one that was asked for first."""
    value = metrics[model.metric]
    return (-value if model.minimised else value), -place


def kept_in(file: Path, made: Any) -> Path | None:
    """Pickle a fitted model; None for one that cannot be, which is then fitted again if it is the best."""
    try:
        file.write_bytes(cloudpickle.dumps(made))
    except Exception:  # each library has its own
        file.unlink(missing_ok=True)
        return None
    return file
