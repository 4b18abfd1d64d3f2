"""What the verbs say, over sqlite and over a real tracking server; and what to whom the server does not know."""

import re
from functools import partial
from pathlib import Path

import pytest
import requests

from ..cluster.tracking import ADMIN, serving
from ..forks import python
from ..helpers import MEAN, PYTHON, experiment, refused, run, runs

# What differs from call to call has a word here: N, RUN, DATA, WHERE.
CHECKED = """\
$ check
models/drive_failure.py: ok
models/elasticnet.py: ok
models/kmeans.py: ok
models/knn.py: ok
models/plain.py: ok
"""
SAID = """\
$ train kmeans
kmeans: inertia N, silhouette N
run RUN WHERE
$ train knn
knn: accuracy N, f1_macro N
run RUN WHERE
$ train elasticnet
elasticnet: rmse N, mae N, r2 N
run RUN WHERE
$ train drive_failure
drive_failure: average_precision N, precision_good N, precision_bad N, recall_good N, recall_bad N, f1_good N, f1_bad N
run RUN WHERE
$ train plain
plain: rmse N, mae N, r2 N
run RUN WHERE
$ sweep knn --limit=3
knn: sweep RUN, N of N sets to try
knn: N of N sets, N failed, best f1_macro N

f1_macro, highest first:
 N --n-neighbors=4 --weights=uniform
 N --n-neighbors=5 --weights=uniform
 N --n-neighbors=9 --weights=distance
run RUN WHERE
next: python -m experiment train knn --n-neighbors=4 --weights=uniform
$ best knn --top=1
on digits (DATA) to predict target, split stratified by seed N:
run f1_macro hyperparameters
RUN N n_neighbors=4 seed=0 weights=uniform
"""
WORDS = [
    (r"\b[0-9a-f]{32}\b", "RUN"),
    (r"\([0-9a-f]{8}\)", "(DATA)"),
    (r"(?<= )-?\d+(\.\d+)?\b", "N"),
    (r" +", " "),
]


IN_TURN = """
import os, shlex, sys
from experiment.__main__ import main
sys.stdout.reconfigure(line_buffering=True)
os.dup2(1, 2)
for line in sys.argv[1:]:
    print("$", line)
    main(shlex.split(line))
"""


def transcript(start, project: Path, expected: str) -> str:
    """What the commands in `expected` print on either stream, in its words; in one process, as importing is dear."""
    said = start("-c", IN_TURN, *re.findall(r"^\$ (.*)", expected, re.MULTILINE), cwd=project).stdout
    said = re.sub(r".* s left\n", "", said)  # told every ten seconds, which a slow machine takes
    for pattern, word in WORDS:
        said = re.sub(pattern, word, said)
    return said


def only_our_own_lines(start, expected: str, bake: Path, address: str, artifacts: str, monkeypatch) -> None:
    """Assert that the commands in `expected` print that and no more, and that loading a model prints nothing.

    start: what begins a Python.
    """
    import mlflow

    (bake / "models" / "plain.py").write_text(MEAN)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "said")
    assert transcript(start, bake, expected).splitlines() == expected.splitlines()

    client = mlflow.MlflowClient(address)
    trained = next(run for run in runs(client, "said") if run.info.run_name == "knn")
    assert {item.path for item in client.list_artifacts(trained.info.run_id)} == {"confusion_matrix.png"}
    assert trained.inputs.dataset_inputs[0].dataset.name == "digits"
    assert trained.info.artifact_uri.startswith(artifacts)
    plain = next(run for run in runs(client, "said") if run.info.run_name == "plain")
    load = f"import mlflow; mlflow.pyfunc.load_model('models:/{plain.outputs.model_outputs[0].model_id}')"
    loaded = run(PYTHON, "-c", load, cwd=bake.parent, env={"MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false"})
    assert loaded.stdout + loaded.stderr == ""


def test_over_sqlite_the_screen_has_our_own_lines_and_no_others(bake, tmp_path, monkeypatch):
    address = f"sqlite:///{tmp_path}/mlflow.db"
    said = CHECKED + SAID.replace(" WHERE", f" in {address}; compare runs with `make ui`")
    # A Python of its own, as libraries may print while they are imported
    only_our_own_lines(partial(run, PYTHON), said, bake, address, "/", monkeypatch)


def test_over_a_server_the_screen_has_our_own_lines_and_no_others(bake, server, monkeypatch):
    import mlflow

    made = mlflow.MlflowClient(server).create_experiment("said")
    said = SAID.replace(" WHERE", f": {server}/#/experiments/{made}/runs/RUN")
    only_our_own_lines(python, said, bake, server, "mlflow-artifacts:", monkeypatch)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """A server that asks who one is. To check a password takes it a quarter of a second, at every request."""
    with serving(tmp_path_factory.mktemp("guarded"), "--app-name", "basic-auth") as address:
        yield address


def test_who_is_not_known_is_told_how_to_say_it(project, guarded):
    there = {"MLFLOW_TRACKING_URI": guarded}
    for wrong in ({}, ADMIN | {"MLFLOW_TRACKING_PASSWORD": "wrong"}, {"MLFLOW_TRACKING_TOKEN": "wrong"}):
        done = experiment(project, "train", "knn", env=there | wrong, check=False)
        line = refused(done, f"tracking store {guarded}: ", "MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD")
        assert "MLFLOW_TRACKING_TOKEN" in line


def test_who_may_only_read_is_told_so(project, guarded):
    with requests.Session() as session:
        session.auth = tuple(ADMIN.values())
        reader = {"username": "dana", "password": "may-only-read"}
        session.post(f"{guarded}/api/2.0/mlflow/users/create", json=reader, timeout=60).raise_for_status()
    named = {"MLFLOW_TRACKING_USERNAME": "dana", "MLFLOW_TRACKING_PASSWORD": "may-only-read"}
    owned = {"MLFLOW_TRACKING_URI": guarded, "MLFLOW_EXPERIMENT_NAME": "not-hers"}
    experiment(project, "best", "knn", env=owned | ADMIN, check=False)
    done = experiment(project, "train", "knn", env=owned | named, check=False)
    refused(done, f"tracking store {guarded}: the server refuses", "Permission denied", "ask who runs it")


def test_a_file_that_a_server_has_no_more_is_not_waited_for(project, server):
    """A sweep that was killed before its plan was stored; MLflow makes a 500 of what says 404 of a file."""
    import mlflow

    client, name = mlflow.MlflowClient(server), {"MLFLOW_TRACKING_URI": server, "MLFLOW_EXPERIMENT_NAME": "begun"}
    sweep = client.create_run(client.create_experiment("begun"), tags={"sweep": "grid, 12 sets"}).info.run_id
    done = experiment(project, "sweep", "knn", "--resume", sweep, env=name, check=False)
    refused(done, f"--resume {sweep}: its sweep.json cannot be read", "404", "begin a new sweep")
    assert client.get_run(sweep).info.status == "KILLED"
