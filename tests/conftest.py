"""Fixtures: the template as a fresh clone has it, bakes of it, and the product's command line."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = ROOT / "{{cookiecutter.project}}"
PYTHON = sys.executable
TAGGED = {"README.md", "MLproject", "openshift/params.env"}

sys.path.insert(0, str(PRODUCT))
sys.dont_write_bytecode = True  # a bake copies the product's folder, and nothing else belongs in it
os.environ.update(PYTHONDONTWRITEBYTECODE="1", MLFLOW_DISABLE_TELEMETRY="true")
# What this process was told, by `make test` too, is not for the programs that it tests.
OUTER = ("MLFLOW_TRACKING", "MLFLOW_RUN", "MLFLOW_EXP", "PARAM_", "MAKE", "MFLAGS", "DRY_RUN")
for name in [name for name in os.environ if name.startswith(OUTER)]:
    del os.environ[name]


def pytest_sessionfinish(session):
    """In CI every program that a test needs is there, so a skipped test is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def run(*words, cwd, env=None, check=True, text_in=None, **settings) -> subprocess.CompletedProcess:
    """A command's whole output; a failure shows it."""
    done = subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env=os.environ | (env or {}),
        input=text_in,
        capture_output=True,
        text=True,
        timeout=900,
        **settings,
    )
    assert not check or done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
    return done


def cookiecutter(template: Path, out: Path, *answers: str, **settings) -> subprocess.CompletedProcess:
    """Render without asking; answers are name=value."""
    command = (PYTHON, "-m", "cookiecutter", "--no-input", "--default-config", "--output-dir", out, template, *answers)
    return run(*command, cwd=out, **settings)


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
def bake(template, tmp_path) -> Path:
    """A bake with the default answers, of this test alone."""
    cookiecutter(template, tmp_path)
    return tmp_path / "ml-project"


@pytest.fixture(scope="session")
def empty_store(project, tmp_path_factory) -> Path:
    """An initialised sqlite store without runs, made once because MLflow takes seconds to create one."""
    folder = tmp_path_factory.mktemp("store")
    run(PYTHON, "-m", "experiment", "best", "knn", cwd=project, env=tracking(folder), check=False)
    assert (folder / "mlflow.db").exists()
    return folder / "mlflow.db"


def tracking(folder: Path) -> dict[str, str]:
    """The environment of a process that tracks in an sqlite file in this folder."""
    return {"MLFLOW_TRACKING_URI": f"sqlite:///{folder}/mlflow.db"}


@pytest.fixture
def store(empty_store, tmp_path, monkeypatch):
    """MLflow's client of a store of this test alone, which the program uses too."""
    import mlflow

    folder = tmp_path / "store"
    folder.mkdir()
    shutil.copy(empty_store, folder / "mlflow.db")
    for name, value in tracking(folder).items():
        monkeypatch.setenv(name, value)
    client = mlflow.MlflowClient(os.environ["MLFLOW_TRACKING_URI"])
    # The copied experiment would keep its artifacts in the folder it was copied from.
    experiment = client.get_experiment_by_name("ml-project")
    client.rename_experiment(experiment.experiment_id, "template")
    client.create_experiment("ml-project", str(folder / "mlartifacts"))
    yield client
    mlflow.set_tracking_uri(None)  # what ran in this process has set it for all of them


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def experiment(project: Path, *words, **settings) -> subprocess.CompletedProcess:
    """The product's command line."""
    return run(PYTHON, "-m", "experiment", *words, cwd=project, **settings)


def runs(client, name: str = "ml-project") -> list:
    """All runs of an experiment, newest first."""
    return client.search_runs([client.get_experiment_by_name(name).experiment_id])


def refused(done: subprocess.CompletedProcess, *parts: str) -> str:
    """Assert that a command gave one clear line on stderr, exit code 2 and no traceback; returns the line."""
    lines = done.stderr.strip().splitlines()
    assert done.returncode == 2, done
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("error: "), done.stderr
    for part in parts:
        assert part in lines[0], f"{part!r} is not in {lines[0]!r}"
    return lines[0]


@pytest.fixture(scope="session")
def engine():
    """A container engine with an S2I builder image; tests of one file share it, and its images."""
    from s2i import Engine, missing

    if reason := missing():
        pytest.skip(reason)
    with Engine() as started:
        yield started


@pytest.fixture(scope="session")
def libraries(engine, project, tmp_path_factory) -> str:
    """The image that the first BuildConfig makes: the builder and what requirements.txt names."""
    folder = tmp_path_factory.mktemp("libraries")
    shutil.copy(project / "requirements.txt", folder)
    engine.build(folder, "localhost/dependencies")
    return "localhost/dependencies"


BUILD = {
    "OPENSHIFT_BUILD_NAME": "ml-project-1",
    "OPENSHIFT_BUILD_COMMIT": "c0ffee" * 6 + "c0ff",
    "OPENSHIFT_BUILD_REFERENCE": "main",
}


@pytest.fixture(scope="session")
def image(engine, libraries, project) -> str:
    """The image that the second BuildConfig makes of a bake: that one and the code."""
    engine.build(project, "localhost/ml-project", "--from", libraries, env=BUILD)
    return "localhost/ml-project"
