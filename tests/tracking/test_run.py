"""What a training run leaves in the store, without the model's author doing anything."""

import hashlib
import json
import signal
from pathlib import Path

import pytest

from ..forks import forked, python
from ..helpers import PYTHON, experiment, run, runs

FIGURES = {"kmeans": "elbow", "knn": "confusion_matrix", "elasticnet": "residuals", "drive_failure": "precision_recall"}
METRICS = {
    "kmeans": {"inertia", "silhouette"},
    "knn": {"accuracy", "f1_macro"},
    "elasticnet": {"rmse", "mae", "r2"},
    "drive_failure": {f"{score}_{kind}" for score in ("precision", "recall", "f1") for kind in ("good", "bad")},
}
DATA = {
    "kmeans": ("digits", 1797, 64),
    "knn": ("digits", 1797, 65),
    "elasticnet": ("diabetes", 442, 11),
    "drive_failure": ("simulated_drives", 20_000, 8),
}
PARAMS = {
    "kmeans": {"k": "10", "seed": "0"},
    "knn": {"n_neighbors": "5", "weights": "uniform", "seed": "0"},
    "elasticnet": {"alpha": "0.1", "l1_ratio": "0.5", "seed": "0"},
    "drive_failure": {"loss": "log_loss", "alpha": "0.0001", "class_weight": "none", "epochs": "20", "seed": "0"},
}


PREDICTS_THE_SAME = """
import sys, mlflow
from experiment import Source
from experiment.declaration import load
model = load(sys.argv[1])
params = model.hyperparameters()
fitting, judging = model.split(model.data(Source()), params.seed)
fresh = model.fit(fitting, params).predict(judging.X)
stored = mlflow.pyfunc.load_model(sys.argv[2]).predict(judging.X)
assert len(fresh) == len(judging.X) > 80
assert (fresh == stored).all()
"""


@pytest.mark.parametrize("name", FIGURES)
def test_a_run_has_every_item_and_its_model_predicts_the_same(name, project, store):
    import mlflow

    experiment(project, "train", name)
    (found,) = runs(store)
    tags, artifacts = found.data.tags, {item.path for item in store.list_artifacts(found.info.run_id)}
    assert found.info.status == "FINISHED"
    assert found.data.params == PARAMS[name]
    assert METRICS[name] <= found.data.metrics.keys()

    assert artifacts == {f"{FIGURES[name]}.png"}
    picture = Path(store.download_artifacts(found.info.run_id, f"{FIGURES[name]}.png")).read_bytes()
    assert picture.startswith(b"\x89PNG")

    dataset, (title, rows, columns) = found.inputs.dataset_inputs[0].dataset, DATA[name]
    assert dataset.name == title
    assert len(dataset.digest) == 36
    assert f"models/{name}.py:{title}" in dataset.source
    assert json.loads(dataset.profile)["num_rows"] == rows
    schema = json.loads(dataset.schema)
    assert len(schema.get("mlflow_colspec") or schema["mlflow_tensorspec"]) == columns

    head = run("git", "rev-parse", "HEAD", cwd=project).stdout.strip()
    assert (tags["mlflow.source.git.commit"], tags["mlflow.source.git.branch"]) == (head, "main")
    assert tags["git_dirty"] == "false"
    lock = hashlib.sha256((project / "requirements.txt").read_bytes()).hexdigest()
    assert tags["requirements_sha256"] == lock
    assert all(float(tags[f"seconds_{part}"]) > 0 for part in ("load", "describe", "fit", "evaluate", "log"))
    assert tags["mlflow.note.content"] == (project / "models" / f"{name}.py").read_text().splitlines()[0].strip('"')
    assert tags["mlflow.source.name"] == f"models/{name}.py"

    model = f"models:/{found.outputs.model_outputs[0].model_id}"
    info = mlflow.models.get_model_info(model)
    assert info.signature.inputs
    assert info.signature.outputs
    assert info.flavors["sklearn"]["serialization_format"] == "skops", "stored as a pickle"
    assert not list(Path(mlflow.artifacts.download_artifacts(model)).rglob("*.pkl"))
    python("-c", PREDICTS_THE_SAME, name, model, cwd=project)


def test_same_inputs_seed_and_commit_give_the_same_metrics(project, store):
    words = ("train", "drive_failure", "--epochs", "2", "--seed")
    run(PYTHON, "-m", "experiment", *words, "1", cwd=project)  # forks have the hashes of one Python, this has others
    for seed in "12":
        experiment(project, *words, seed)
    other, second, first = runs(store)
    assert first.data.metrics == second.data.metrics
    assert first.data.metrics != other.data.metrics
    assert first.inputs.dataset_inputs[0].dataset.digest == second.inputs.dataset_inputs[0].dataset.digest


def test_a_long_fit_streams_its_metrics(project, store):
    experiment(project, "train", "drive_failure", "--epochs", "7")
    history = store.get_metric_history(runs(store)[0].info.run_id, "train_accuracy")
    assert [point.step for point in history] == list(range(7))


def test_changes_that_are_not_committed_are_told(bake, store):
    (bake / "models" / "scratch.txt").write_text("not yet added")
    experiment(bake, "train", "knn")
    assert runs(store)[0].data.tags["git_dirty"] == "true"


def test_without_git_the_build_says_where_the_code_is_from(bake, store):
    run("rm", "-rf", ".git", cwd=bake)
    build = {"OPENSHIFT_BUILD_COMMIT": "c0ffee", "OPENSHIFT_BUILD_REFERENCE": "release", "OPENSHIFT_BUILD_NAME": "b-7"}
    experiment(bake, "train", "knn", env=build | {"GIT_CEILING_DIRECTORIES": str(bake.parent), "JOB_NAME": "knn-x2"})
    experiment(bake, "train", "knn", env={"GIT_COMMIT": "bad5eed", "IMAGE": "registry/knn:1", "GIT_DIRTY": "true"})
    handed, built = (run.data.tags for run in runs(store))
    assert (built["mlflow.source.git.commit"], built["mlflow.source.git.branch"]) == ("c0ffee", "release")
    assert (built["image"], built["job"]) == ("b-7", "knn-x2")
    assert (handed["mlflow.source.git.commit"], handed["image"]) == ("bad5eed", "registry/knn:1")
    assert handed["git_dirty"] == "true"


AS_A_NAMELESS_USER = """
import os, runpy
os.getuid = lambda: 1000650000
runpy.run_module("experiment", run_name="__main__")
"""


def test_a_user_id_without_a_name_is_told(project, store):
    anyone = {"USER": "", "LOGNAME": "", "LNAME": "", "USERNAME": "", "HOME": "/nowhere"}
    python("-c", AS_A_NAMELESS_USER, "train", "knn", cwd=project, env=anyone)
    assert runs(store)[0].data.tags["mlflow.user"] == "uid 1000650000"


def test_a_failed_fit_is_a_failed_run_with_its_traceback(bake, store):
    model = bake / "models" / "knn.py"
    model.write_text(model.read_text().replace("    train.at_least(", "    1 / 0\n    train.at_least("))
    done = experiment(bake, "train", "knn", check=False)
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr
    (failed,) = runs(store)
    assert failed.info.status == "FAILED"
    assert "1 / 0" in Path(store.download_artifacts(failed.info.run_id, "traceback.txt")).read_text()


@pytest.mark.parametrize(("stop", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_run_is_killed(bake, store, stop, code):
    model = bake / "models" / "knn.py"
    waiting = "    print('fitting', flush=True)\n    import threading; threading.Event().wait()\n    train.at_least("
    model.write_text(model.read_text().replace("    train.at_least(", waiting))
    with forked("-m", "experiment", "train", "knn", cwd=bake) as process:
        assert process.stdout.readline() == "fitting\n"
        process.send_signal(stop)
        said = process.communicate()
    assert process.returncode == code
    assert "Traceback" not in said
    assert [found.info.status for found in runs(store)] == ["KILLED"]
