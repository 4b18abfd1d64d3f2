"""Whatever `evaluate` and `report` say: `check` refuses what a store would hold otherwise, and no fit is lost by it."""

import copy
import math
import os
import pickle
import sqlite3
import threading
from decimal import Decimal
from fractions import Fraction
from types import ModuleType

import mlflow
import numpy as np
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from ..helpers import runs
from ..properties import tried

ODD = [
    "precision@5",
    "loss[train]",
    "loss(train)",
    "a//b",
    "a/",
    "/a",
    ".",
    "..",
    "",
    "é",
    "日本 語",
    "a\n",
    "a" * 251,
    "a\0",
]
ODD += ["train_score", "self", "x: 1.0", "\ud800", "-", " ", "mae", "mae ", "MAE", "a" * 251 + "b"]
TEXTS = st.sampled_from(["mae", "loss", "a/b", *ODD]) | st.text(max_size=5)
NAMES = TEXTS | st.sampled_from([1, None, ("a", 2), 2.5, True])
NUMBERS = st.floats() | st.integers(-(2**70), 2**70) | st.booleans() | st.sampled_from([np.float32(0.1), np.int64(7)])
ODD_VALUES = [
    10**400,
    None,
    "",
    "high",
    "0.5",
    1j,
    [1.0],
    (),
    Decimal("NaN"),
    Fraction(1, 3),
    np.array([1.0, 2.0]),
    object,
]
VALUES = NUMBERS | NUMBERS | st.sampled_from(ODD_VALUES)
STEPS = (
    st.integers(0, 9)
    | st.integers(-(2**65), 2**65)
    | st.sampled_from(
        [
            np.int64(3),
            np.uint8(4),
            5.0,
            np.float32(6),
            Decimal(7),
            2**63 - 1,
            2**63 - 2,
            -(2**63),
            0.5,
            1.5,
            math.nan,
            math.inf,
            None,
            "8",
            "x",
        ]
    )
)
# The METRIC is `score`. What is streamed first may not be that.
REPORTS = st.lists(st.tuples(STEPS, st.dictionaries(TEXTS, VALUES, max_size=3)), max_size=4)
LATER = REPORTS | st.just([(1, {"loss": 1.0}), (2, {"score": 99.0, "mae": 0.1})])
JUDGED = st.dictionaries(NAMES, VALUES, max_size=4).map(lambda others: others | {"score": 0.25})


@pytest.fixture
def model(monkeypatch):
    """A model that reports and is judged as it is told."""
    from experiment import Params
    from experiment.declaration import Model

    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "measured")

    def call(reports: list, judged: dict, last=lambda: None):
        def fit(train, params, report):
            from sklearn.dummy import DummyRegressor

            for step, metrics in reports:
                report(step, **metrics)
            return DummyRegressor().fit(train.X, train.y)

        def evaluate(fitted, test):
            last()
            return judged

        module = ModuleType("said", "Says what it is told.")
        module.__dict__.update(METRIC="score", SPACE={}, Hyperparameters=Params, fit=fit, evaluate=evaluate)
        module.load = lambda source: source.read(numbers, target="y")
        return Model("said", module)

    return call


def numbers():
    import pandas as pd

    return pd.DataFrame({"x": range(20), "y": [float(row % 5) for row in range(20)]})


def train(model) -> None:
    from experiment import Source
    from experiment.train import train

    train(model, model.hyperparameters(), Source())


def number(value) -> float | None:
    """As a store has it, where infinity is the largest number."""
    if isinstance(value, str | complex):
        return None
    try:
        return min(max(float(value), -1.7976931348623157e308), 1.7976931348623157e308)
    except (TypeError, ValueError, OverflowError):
        return None


def whole(step) -> int | None:
    if isinstance(step, str):
        return None
    try:
        return int(step) if int(step) == float(step) and -(2**63) <= int(step) < 2**63 - 1 else None
    except (TypeError, ValueError, OverflowError):
        return None


def held(client, reports: list, judged: dict) -> bool:
    """Assert that the newest run has ended, and has its judged metrics; does it hold all as it was given?"""
    run = runs(client, "measured")[0]
    assert run.info.status == "FINISHED"
    assert run.data.metrics["score"] == 0.25
    (stored,) = client.search_logged_models([run.info.experiment_id], f"source_run_id = '{run.info.run_id}'")
    numeric = [value for each in judged.values() if (value := number(each)) is not None and not math.isnan(value)]
    assert sorted(map(str, numeric)) == sorted(str(metric.value) for metric in stored.metrics)
    for metric in stored.metrics:
        assert str(run.data.metrics[metric.key]) == str(metric.value), "the run shows another than the stored model"
    points = {
        (metric.key, metric.step, str(metric.value))
        for key in run.data.metrics
        for metric in client.get_metric_history(run.info.run_id, key)
    }
    reported = {
        (given, whole(step), str(number(value))) for step, metrics in reports for given, value in metrics.items()
    }
    newest = {given: str(value) for given, value in run.data.metrics.items()}
    return reported <= points and all(newest.get(given) == str(number(value)) for given, value in judged.items())


def refused_by_check(model) -> bool:
    from experiment import BadInput
    from experiment.check import fit

    try:
        fit(model)
    except BadInput as error:
        event(str(error)[:40])
        return True
    return False


def test_check_refuses_exactly_what_a_file_would_hold_otherwise(model, store):
    @tried(60)
    @given(LATER, JUDGED)
    def holds(reports, judged):
        train(model(reports, judged))
        assert held(store, reports, judged) is not refused_by_check(model(reports, judged))

    holds()


def test_a_server_holds_the_same(model, server, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server)

    @tried(12)
    @given(LATER, JUDGED)
    def holds(reports, judged):
        train(model(reports, judged))
        as_it_is = held(mlflow.MlflowClient(server), reports, judged)
        assert as_it_is is not refused_by_check(model(reports, judged))

    try:
        holds()
    finally:
        mlflow.set_tracking_uri(None)


def test_what_is_kept_and_brought_is_the_same(model, store, tmp_path, monkeypatch):
    from experiment import errors
    from experiment.upload import upload

    monkeypatch.setenv("SPOOL_AFTER", "0")

    @tried(3)
    @given(LATER, JUDGED)
    def holds(reports, judged):
        monkeypatch.setenv("SPOOL_DIR", str(tmp_path / str(len(list(tmp_path.iterdir())))))
        other = sqlite3.connect(os.environ["MLFLOW_TRACKING_URI"].removeprefix("sqlite:///"), isolation_level=None)
        with pytest.raises(errors.Undelivered, match="is kept in"):
            train(model(reports, judged, lambda: other.execute("begin exclusive")))
        other.close()
        for thread in threading.enumerate():  # of a process that has ended none would go on
            if "_deliver" in thread.name:
                thread.join(60)
        upload()
        assert held(store, reports, judged) is not refused_by_check(model(reports, judged))

    holds()


def test_what_is_too_much_for_one_request_is_all_there(store):
    from experiment.tracking.record import batches
    from mlflow.entities import Metric, Param, RunTag

    run = store.create_run("0").info.run_id
    points = [("loss", 1 / step, 1000 + step, step) for step in range(1, 2501)]
    params, tags = [Param(f"p{n}", str(n)) for n in range(120)], [RunTag(f"t{n}", str(n)) for n in range(250)]
    requests = batches([Metric(*point) for point in points], params, tags)
    assert len(requests) == 3
    for values in requests:
        values.write(store, run)
    data = store.get_run(run).data
    assert data.params == {param.key: param.value for param in params}
    assert data.metrics == {"loss": 1 / 2500}
    assert len(store.get_metric_history(run, "loss")) == 2500
    assert {tag.key for tag in tags} <= data.tags.keys()


def test_a_text_that_mlflow_would_cut_is_refused_before_the_fit(model, store):
    from experiment import BadInput, Field, Params, Source
    from experiment.train import train

    class Hyperparameters(Params):
        about: str = Field("", description="what it is about")

    with pytest.raises(BadInput, match=r"--about uuuu.*: has 7799 letters, of which MLflow keeps 6000; shorten it"):
        train(model([], {"score": 1.0}), Hyperparameters(about="u" * 7799), Source())
    assert runs(store, "measured") == []


def test_no_two_metrics_become_one():
    from experiment.formats.metrics import Metrics

    kept, notes = [], []
    metrics = Metrics("acc", kept.append, notes.append)
    metrics.report(1, train_acc=0.1, **{"a?": 1.0, "a!": 2.0})
    metrics.report(2, acc=0.5, a_=3.0)
    names = [name for name, *_ in kept] + [
        name for name, *_ in metrics.judge({"acc": 0.3, 1: 0.1, "1": 0.2, "a_": 0.4})
    ]
    assert names == ["train_acc", "a_", "a__2", "train_acc_2", "a__3", "acc", "1", "1_2", "a__3"]
    assert len(notes) == 7


def test_a_report_that_outlives_its_fit_reports_nothing():
    """A thread that the fit left behind goes on, and a stored model holds on to it: it can be stored, not used."""
    from experiment.formats.metrics import Metrics

    kept = []
    metrics = Metrics("score", kept.append)
    metrics.report(1, loss=2.0)
    ((name, value, moment, step),) = metrics.judge({"score": 1.0})
    metrics.report(2, score=9.0, loss=1.0)
    with pytest.raises(ValueError, match="in the process of the fit alone"):
        pickle.loads(pickle.dumps(metrics.report))(3, loss=1.0)  # noqa: S301
    assert [point[:2] for point in kept] == [("loss", 2.0)]
    assert (name, value, step) == ("score", 1.0, 0)
    assert moment > kept[0][2], "what is judged is known by its moment"
    copy.deepcopy(metrics.report)(3, loss=1.0)  # as scikit-learn clones what holds on to it
