"""Stores: several processes at once, and stores that cannot be used."""

import contextlib
import os
import socket
import sqlite3
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from ..forks import forked, python
from ..helpers import PYTHON, away, experiment, free_port, refused, run, runs, tracking


def test_four_sweeps_at_once_where_there_is_no_store_yet(bake, tmp_path):
    import mlflow

    words = ("-m", "experiment", "sweep", "knn", "--limit", "2", "--jobs", "1")
    with contextlib.ExitStack() as all_of_them:
        for sweep in [all_of_them.enter_context(forked(*words, cwd=bake)) for _ in range(4)]:
            said = sweep.communicate()
            assert sweep.returncode == 0, said
    found = runs(mlflow.MlflowClient(f"sqlite:///{bake}/mlflow.db"))
    assert {each.info.status for each in found} == {"FINISHED"}
    assert len([each for each in found if "mlflow.parentRunId" in each.data.tags]) == 8
    assert len(found) == 12


def test_the_store_is_in_the_repository_wherever_one_works(bake, tmp_path):
    elsewhere = {"PYTHONPATH": str(bake)}
    python("-m", "experiment", "train", "kmeans", cwd=tmp_path, env=elsewhere)
    assert (bake / "mlflow.db").exists()
    assert list(bake.glob("mlartifacts/*/artifacts/elbow.png"))
    assert [path.name for path in tmp_path.iterdir()] == ["ml-project"]
    assert run("git", "status", "--porcelain", cwd=bake).stdout == ""


@contextlib.contextmanager
def silent():
    """A port where something listens and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextlib.contextmanager
def answering(status: int):
    """A server that gives every request the same status, as a router does for an application that is down."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_error(status)

        def log_message(self, *_):
            """Be quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as web:
        threading.Thread(target=web.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{web.server_port}"
        web.shutdown()


UNREACHABLE = {
    "refused": (lambda: contextlib.nullcontext(f"http://127.0.0.1:{free_port()}"), "refused"),
    "never answers": (silent, "Timeout"),
    "503": (lambda: answering(503), "503 Service Unavailable"),
    "no such host": (lambda: contextlib.nullcontext("https://nosuchhost.invalid"), "resolve"),
}


@pytest.mark.parametrize(("place", "part"), UNREACHABLE.values(), ids=UNREACHABLE)
def test_a_server_that_is_down_is_told_at_once_and_waited_for_as_long_as_wanted(project, place, part):
    with place() as address:
        env = {"MLFLOW_TRACKING_URI": address, "SPOOL_AFTER": "3"}
        done = experiment(project, "train", "knn", env=env, check=False)
    assert part in away(done, f"MLFLOW_TRACKING_URI {address}").replace("Failed to resolve", "resolve")


def test_who_asks_for_the_best_does_not_wait_for_a_server(project):
    env = {"MLFLOW_TRACKING_URI": f"http://127.0.0.1:{free_port()}", "SPOOL_AFTER": "600"}
    done = experiment(project, "best", "knn", env=env, check=False)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: MLFLOW_TRACKING_URI")


def test_data_that_is_not_there_is_told_before_a_server_is_waited_for(project):
    env = {"MLFLOW_TRACKING_URI": f"http://127.0.0.1:{free_port()}", "SPOOL_AFTER": "600"}
    for verb in ("train", "sweep"):
        refused(
            experiment(project, verb, "knn", "--data", "gone.csv", env=env, check=False), "--data gone.csv", "no such"
        )


@pytest.mark.parametrize("uri", ["mlruns", "file:///tmp/x", "sqlite:/x", "ftp://x", "s3://bucket"])
def test_an_address_that_is_no_store_is_refused(project, uri):
    done = experiment(project, "train", "knn", env={"MLFLOW_TRACKING_URI": uri}, check=False)
    refused(done, f"MLFLOW_TRACKING_URI {uri}", "sqlite:///")


DRIVERS = {
    "postgresql://db/x": "psycopg is not installed; add psycopg[binary] to requirements.in, then `make lock setup`",
    "postgresql+psycopg2://db/x": "add psycopg2-binary to requirements.in",
    "mysql://db/x": "add pymysql to requirements.in, then `make lock setup` and write mysql+pymysql://",
}


@pytest.mark.parametrize(("uri", "fix"), DRIVERS.items())
def test_a_database_without_its_driver_is_told_with_the_package_to_add(project, uri, fix):
    done = experiment(project, "best", "knn", env={"MLFLOW_TRACKING_URI": uri}, check=False)
    refused(done, f"tracking store {uri}: ", fix)


@pytest.mark.parametrize("place", [".", "missing/mlflow.db"])
def test_an_sqlite_address_where_no_file_can_be_is_refused(project, tmp_path, place):
    done = experiment(
        project, "train", "knn", env={"MLFLOW_TRACKING_URI": f"sqlite:///{tmp_path}/{place}"}, check=False
    )
    refused(done, "MLFLOW_TRACKING_URI", "folder that exists")


def test_a_secret_in_the_address_is_not_shown(project):
    address = f"http://me:hunter2@127.0.0.1:{free_port()}/?token=hunter2"
    env = {"MLFLOW_TRACKING_URI": address, "SPOOL_AFTER": "1"}
    done = experiment(project, "train", "knn", env=env, check=False)
    assert "hunter2" not in away(done, "refused")
    assert "hunter2" not in done.stderr


@pytest.mark.parametrize(
    "address",
    [
        "me:hunter2@host:5000",
        "http:/me:hunter2@host",
        "http:///me:hunter2@host",
        "postgresql:///x?user=me&password=hunter2",
    ],
)
def test_nor_in_an_address_that_lacks_something(project, address):
    assert "hunter2" not in refused(
        experiment(project, "best", "knn", env={"MLFLOW_TRACKING_URI": address}, check=False)
    )


@pytest.mark.parametrize("place", ["a?b", "a%20b"])
def test_a_spool_where_no_run_can_be_kept_is_told_before_there_is_one(project, store, tmp_path, place):
    env = {"SPOOL_DIR": str(tmp_path / place)}
    refused(experiment(project, "train", "knn", env=env, check=False), place, "cannot keep runs", "SPOOL_DIR")
    assert runs(store) == []


def test_a_sweep_is_not_resumed_as_a_run_of_mlflow(project, store):
    env = {"MLFLOW_RUN_ID": "0" * 32}
    refused(experiment(project, "sweep", "knn", "--resume", "0" * 32, env=env, check=False), "MLFLOW_RUN_ID")


@pytest.mark.parametrize("name", ["q'uo\"te", "ha#sh?", "per%20cent"])
def test_a_folder_that_cannot_hold_an_sqlite_address_is_one_line(bake, name):
    moved = bake.rename(bake.parent / name)
    refused(experiment(moved, "train", "knn", check=False), "rename it, or set MLFLOW_TRACKING_URI")


def test_a_folder_with_blanks_and_accents_works(bake):
    moved = bake.rename(bake.parent / "dol$HOME ünï {}")
    experiment(moved, "train", "kmeans")
    assert list(moved.glob("mlartifacts/*/artifacts/elbow.png"))


def test_a_store_of_a_newer_mlflow_is_refused_and_left_alone(project, store, tmp_path):
    file = tmp_path / "store" / "mlflow.db"
    with sqlite3.connect(file) as database:
        database.execute("update alembic_version set version_num = 'f00df00df00d'")
    before = file.read_bytes()
    refused(experiment(project, "train", "knn", check=False), str(file), "newer MLflow", "make lock setup")
    assert file.read_bytes() == before


def test_an_older_store_is_refused_with_the_command_that_upgrades_it(project, tmp_path):
    # The revision before the newest one that this MLflow knows.
    import mlflow
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(mlflow.__file__).parent / "store" / "db_migrations"))
    scripts = ScriptDirectory.from_config(config)
    older = scripts.get_revision(scripts.get_current_head()).down_revision
    (tmp_path / "store").mkdir()
    experiment(project, "best", "knn", env=tracking(tmp_path / "store"), check=False)
    with sqlite3.connect(tmp_path / "store" / "mlflow.db") as database:
        database.execute("update alembic_version set version_num = ?", (older,))
    done = experiment(project, "train", "knn", env=tracking(tmp_path / "store"), check=False)
    refused(done, "older MLflow", "mlflow db upgrade")


@pytest.mark.parametrize(
    "content", [b"not a database at all, but long enough to be looked at" * 20, b"SQLite format 3\0cut"]
)
def test_a_file_that_is_no_database_is_refused(project, tmp_path, content):
    (tmp_path / "mlflow.db").write_bytes(content)
    refused(experiment(project, "train", "knn", env=tracking(tmp_path), check=False), "mlflow.db", "not a database")
    assert (tmp_path / "mlflow.db").read_bytes() == content


def test_a_read_only_working_directory_is_one_line(bake):
    # root may write anywhere, unless it gives that up
    humble = ["setpriv", "--bounding-set=-dac_override", "--"] if os.getuid() == 0 else []
    bake.chmod(0o555)
    done = run(*humble, PYTHON, "-m", "experiment", "train", "knn", cwd=bake, check=False)
    bake.chmod(0o755)
    refused(done, "cannot be written", "MLFLOW_TRACKING_URI")
    assert not list(bake.glob("ml*.db*"))


def test_a_deleted_experiment_is_told(project, store):
    store.delete_experiment(store.get_experiment_by_name("ml-project").experiment_id)
    refused(experiment(project, "train", "knn", check=False), "experiment ml-project was deleted", "restore")


def test_a_run_id_that_is_none_is_told_in_one_line(project, store):
    finished = store.create_run("0").info.run_id
    store.set_terminated(finished)
    for given, part in (("0" * 32, "not found"), ("no id", "Invalid value"), (finished, "is FINISHED")):
        done = experiment(project, "train", "knn", env={"MLFLOW_RUN_ID": given}, check=False)
        refused(done, f"MLFLOW_RUN_ID {given}: ", part, "unset it")
    assert runs(store) == []


def test_the_experiment_is_the_one_that_mlflows_variables_name(project, store):
    own = store.create_experiment("own")
    experiment(project, "train", "knn", env={"MLFLOW_EXPERIMENT_ID": own})
    experiment(project, "train", "knn", env={"MLFLOW_EXPERIMENT_ID": own, "MLFLOW_EXPERIMENT_NAME": "own"})
    assert len(runs(store, "own")) == 2
    assert experiment(project, "best", "knn", env={"MLFLOW_EXPERIMENT_ID": own}).stdout.count("n_neighbors=5") == 2
    both = {"MLFLOW_EXPERIMENT_ID": own, "MLFLOW_EXPERIMENT_NAME": "other"}
    refused(experiment(project, "train", "knn", env=both, check=False), "EXPERIMENT_ID", "own", "NAME says other")
    for none in ("999", "words"):
        done = experiment(project, "train", "knn", env={"MLFLOW_EXPERIMENT_ID": none}, check=False)
        refused(done, f"MLFLOW_EXPERIMENT_ID {none}: the store has no such experiment")
    # `mlflow run` sets both for a run of its own, which may be in another experiment than the one that is named.
    begun = {"MLFLOW_RUN_ID": store.create_run("0").info.run_id, "MLFLOW_EXPERIMENT_ID": "0"}
    experiment(project, "train", "knn", env=begun | {"MLFLOW_EXPERIMENT_NAME": "own"})
    assert store.get_run(begun["MLFLOW_RUN_ID"]).info.status == "FINISHED"
    assert len(runs(store, "own")) == 2


def test_an_empty_name_of_an_authority_is_none_and_certificates_are_looked_at(project):
    """A Job's variable may be empty, and MLflow by itself would then trust any server."""
    asked = "get_default_host_creds('https://mlflow').verify"
    script = f"import experiment.tracking; from mlflow.utils.credentials import get_default_host_creds; print({asked})"
    assert python("-c", script, cwd=project, env={"MLFLOW_TRACKING_SERVER_CERT_PATH": ""}).stdout == "True\n"
