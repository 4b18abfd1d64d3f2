"""What all tests share: the template as a fresh clone has it, bakes of it, a tracking store."""

import contextlib
import os
import re
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from .cluster.tracking import serving
from .helpers import PRODUCT, PYTHON, ROOT, cookiecutter, copied, experiment, run, tracking

sys.path.insert(0, str(PRODUCT))
sys.dont_write_bytecode = True  # a bake copies the product's folder, and nothing else belongs in it
os.environ.update(PYTHONDONTWRITEBYTECODE="1", MLFLOW_DISABLE_TELEMETRY="true")
# The cores are busy with other tests, and threads that wait for one another there do it at full speed.
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
# What this process was told, by `make test` too, is not for the programs that it tests.
OUTER = ("MLFLOW_TRACKING", "MLFLOW_RUN", "MLFLOW_EXP", "PARAM_", "MAKE", "MFLAGS", "DRY_RUN", "PYTHONUNBUFFERED")
for name in [name for name in os.environ if name.startswith(OUTER)]:
    del os.environ[name]


def pytest_sessionfinish(session):
    """In CI every program that a test needs is there, so a skipped test is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


# Tests that share what is dear, an image, a machine or the tracking server, and so go to one process; largest first.
TOGETHER = [
    r"tests/(image/test_s2i|life/\w+)\.py",
    r"tests/(?P<server>faults/test_(server|kills)|tracking/test_(server|judged|champion|predict\.py::test_a_champion_on|metrics\.py::test_a_server)|"
    r"sweeps/test_(pages|survival\.py::test_another))",
    r"tests/(?P<kept>faults/test_(refused|upload|walk))",
]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            found = next(filter(None, (re.match(each, nodeid) for each in TOGETHER)), None)
            return found.lastgroup or found[0] if found else nodeid

    return Together(config, log)


@pytest.fixture(scope="session")
def template(tmp_path_factory) -> Path:
    """What a clone of this repository holds, with the changes that are not yet committed."""
    copy = tmp_path_factory.mktemp("template")
    listed = run("git", "ls-files", "-co", "--exclude-standard", "-z", cwd=ROOT).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).exists():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    return copy


@pytest.fixture(scope="session")
def project(template, tmp_path_factory) -> Path:
    """A bake with the default answers; tests read it and leave its files alone."""
    out = tmp_path_factory.mktemp("default")
    cookiecutter(template, out)
    return out / "ml-project"


@pytest.fixture
def bake(project, tmp_path) -> Path:
    """A bake with the default answers, of this test alone."""
    return copied(project, tmp_path)


@pytest.fixture(scope="session")
def empty_store(project, tmp_path_factory) -> Path:
    """An initialised sqlite store without runs, made once because MLflow takes seconds to create one."""
    folder = tmp_path_factory.mktemp("store")
    experiment(project, "best", "knn", env=tracking(folder), check=False)
    assert (folder / "mlflow.db").exists()
    return folder / "mlflow.db"


@pytest.fixture
def store(empty_store, tmp_path, monkeypatch):
    """MLflow's client of a store of this test alone, which the program uses too."""
    import mlflow

    folder = tmp_path / "store"
    folder.mkdir()
    shutil.copy(empty_store, folder / "mlflow.db")
    for name, value in tracking(folder).items():
        monkeypatch.setenv(name, value)
    # The copied experiments would keep their artifacts in the folder they were copied from.
    with contextlib.closing(sqlite3.connect(folder / "mlflow.db", isolation_level=None)) as database:
        database.execute("UPDATE experiments SET artifact_location = ?", [str(folder / "mlartifacts")])
    yield mlflow.MlflowClient(os.environ["MLFLOW_TRACKING_URI"])
    mlflow.set_tracking_uri(None)  # what ran in this process has set it for all of them


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[str]:
    """The address of a tracking server that is well; each test has an experiment of its own there."""
    with serving(tmp_path_factory.mktemp("server")) as address:
        yield address


@pytest.fixture
def held(tmp_path):
    """The environment of a sweep of `tiny` whose first sets are fitted while all others wait: for the file HOLD/go, or
    for ever.
    """

    def call(free: int) -> dict[str, str]:
        return {"HOLD": tempfile.mkdtemp(dir=tmp_path), "FREE": str(free)}

    return call


@pytest.fixture
def oc(tmp_path, monkeypatch) -> Path:
    """A folder where a stand-in for `oc`, first on PATH, keeps what it is told; dana is logged in, and has a .venv."""
    (folder := tmp_path / "oc").mkdir()
    (folder / "oc").write_text(f'#!/bin/sh\nexec {PYTHON} {ROOT}/tests/cluster/oc.py "$@"\n')
    (folder / "oc").chmod(0o755)
    for name, value in {"PATH": f"{folder}:{os.environ['PATH']}", "OC_FOLDER": str(folder), "OC_USER": "dana"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("VENV", sys.prefix)
    return folder
