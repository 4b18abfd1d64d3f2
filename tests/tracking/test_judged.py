"""What is judged is what is shown, ranked and stored with the model, whatever a fit reports under its names."""

import json
import os
import re
import shutil
from pathlib import Path

import mlflow
import pytest

from ..cluster import browser
from ..helpers import copied, experiment, refused, runs
from ..manifests.test_mlproject import mlflow_run

HERE = Path(__file__).parent
WAYS = {"same": ([1, 2, 3, 4, 5, 6], {"loss"}), "first": ([0, 1], set()), "below": ([-3, -2], set())}
WAYS["late"] = ([2, 3], {"loss", "train_rmse"})
JUDGED = {"rmse": 58.13, "mae": 46.57, "r2": 0.341}


@pytest.fixture(scope="module")
def streams(project, tmp_path_factory):
    """A bake with the model `streams`; tests leave its files alone."""
    made = copied(project, tmp_path_factory.mktemp("streams"))
    shutil.copy(HERE / "streams.py", made / "models")
    experiment(made, "sync")
    return made


@pytest.fixture(params=["sqlite", "http"])
def client(request, monkeypatch):
    """The client of a file's or of a server's store, which the program uses too."""
    if request.param == "sqlite":
        return request.getfixturevalue("store")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", request.getfixturevalue("server"))
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "streams")
    return mlflow.MlflowClient(request.getfixturevalue("server"))


def holds(client, run) -> None:
    """Assert that a run of `streams` and its model say what was judged, and that the run has what was reported too."""
    (steps, others), own = WAYS[run.data.params["way"]], run.data.metrics
    assert {name: own[name] for name in JUDGED} == pytest.approx(JUDGED, rel=1e-3)
    assert own.keys() == JUDGED.keys() | others
    points = sorted((point.step, point.value) for point in client.get_metric_history(run.info.run_id, "mae"))
    assert [step for step, _ in points] == steps
    assert [value < 1 for _, value in points] == [True] * (len(steps) - 1) + [False]
    for model in client.search_logged_models([run.info.experiment_id], f"source_run_id = '{run.info.run_id}'"):
        assert {metric.key: metric.value for metric in model.metrics} == {name: own[name] for name in JUDGED}


def test_best_and_the_store_say_what_was_judged(client, streams):
    for way in WAYS:
        said = experiment(streams, "train", "streams", "--way", way)
        assert said.stdout.startswith("streams: rmse 58.13, mae 46.57, r2 0.341\n")
        assert ("report it as train_rmse, as which it is stored" in said.stderr) is (way == "late")
    said = experiment(streams, "sweep", "streams", "--jobs", "2").stderr
    assert said.count("report it as train_rmse") == 1
    name = os.environ.get("MLFLOW_EXPERIMENT_NAME", "ml-project")
    *found, _ = sorted(runs(client, name), key=lambda run: "sweep" in run.data.tags)
    assert len(found) == 2 * len(WAYS)
    for run in found:
        holds(client, run)
    assert sum(bool(run.outputs.model_outputs) for run in found) == len(WAYS) + 1
    ranked = json.loads(experiment(streams, "best", "streams", "--json", "--top", "9").stdout)
    assert {run["run_id"] for run in ranked} == {run.info.run_id for run in found}
    assert {round(run["metrics"]["rmse"], 2) for run in ranked} == {58.13}
    for where, count in {"metrics.rmse < 1": 0, "metrics.mae < 1": 0, "metrics.rmse > 58": 8}.items():
        narrowed = experiment(streams, "best", "streams", "--json", "--top", "9", "--where", where)
        assert len(json.loads(narrowed.stdout)) == count, where
    assert experiment(streams, "best", "streams").stdout.count(" 58.133 ") == 5


def test_mlflow_run_says_what_was_judged(streams, store):
    mlflow_run(streams, "-e", "streams", "-P", "way=late")
    holds(store, runs(store)[0])


@pytest.mark.skipif(bool(browser.LACKING), reason=browser.LACKING)
def test_mlflows_own_page_shows_what_was_judged(streams, server, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server)
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "page of a stream")
    experiment(streams, "train", "streams")
    (run,) = runs(mlflow.MlflowClient(server), "page of a stream")
    page = browser.page(f"{server}/#/experiments/{run.info.experiment_id}/runs/{run.info.run_id}")
    shown = set(re.findall(r">\s*(-?\d+\.\d+)\s*<", page))
    assert shown == {str(value) for value in run.data.metrics.values() if value != 1.0}
    assert {round(float(value), 2) for value in shown} == {58.13, 46.57, 0.34}


def test_the_first_report_of_the_metric_itself_is_refused(streams, store):
    parts = ("models/streams.py, line 43, fit:", "rmse is the METRIC", "report it as train_rmse")
    refused(experiment(streams, "train", "streams", "--way", "metric", check=False), *parts)
    assert [run.info.status for run in runs(store)] == ["FAILED"]
