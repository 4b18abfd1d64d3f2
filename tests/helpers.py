"""What tests are written with: places, commands as a person types them, and what a command left behind."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

from .forks import python

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = ROOT / "{{cookiecutter.project}}"
PYTHON = sys.executable

MEAN = '''"""The mean: a model of a library that MLflow does not know."""

from experiment import Data, Field, Params, Source

TASK = "regression"
METRIC = "-mae"
SPACE = {"shift": [0.0, 1.0]}


class Hyperparameters(Params):
    shift: float = Field(0.0, description="added to the mean")


class Mean:
    def __init__(self, value):
        self.value = value

    def predict(self, X):
        return [self.value] * len(X)


def diabetes():
    from sklearn.datasets import load_diabetes

    return load_diabetes(as_frame=True).frame


def load(source: Source) -> Data:
    return source.read(diabetes, target="target")


def fit(train: Data, params: Hyperparameters):
    return Mean(train.y.mean() + params.shift)
'''


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


def copied(project: Path, out: Path) -> Path:
    """A copy of a bake that git finds as clean as the bake is."""
    return Path(shutil.copytree(project, out / project.name, symlinks=True))


def tracking(folder: Path) -> dict[str, str]:
    """The environment of a process that tracks in an sqlite file in this folder."""
    return {"MLFLOW_TRACKING_URI": f"sqlite:///{folder}/mlflow.db"}


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def experiment(project: Path, *words, **settings) -> subprocess.CompletedProcess:
    """The product's command line, in a process that has the libraries imported."""
    return python("-m", "experiment", *words, cwd=project, **settings)


def until(ready, seconds: float, what: str) -> None:
    """Wait for a condition, not for a time. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.1)


def lacking(programs: str) -> str:
    """Why what needs root and these programs cannot run here, if so; Debian has each in a package of its name."""
    if os.getuid() or not all(map(shutil.which, programs.split())):
        return f"needs root and {programs}: apt-get install --no-install-recommends {programs}"
    return ""


def runs(client, name: str = "ml-project") -> list:
    """All runs of an experiment, newest first."""
    return client.search_runs([client.get_experiment_by_name(name).experiment_id])


def refused(done: subprocess.CompletedProcess, *parts: str) -> str:
    """Assert that a command gave one clear line on stderr, exit code 2 and no traceback; returns the line."""
    (line,) = done.stderr.strip().splitlines()
    assert done.returncode == 2, done
    return told(line, *parts)


def away(done: subprocess.CompletedProcess, *parts: str) -> str:
    """Assert that a command said at once that its store is away, waited, and ended with exit code 1 and one clear line."""
    note, line = done.stderr.strip().splitlines()
    assert done.returncode == 1, done
    assert note.startswith("note: "), done.stderr
    assert note.endswith("; it is waited for"), done.stderr
    return told(line, *parts)


def told(line: str, *parts: str) -> str:
    assert line.startswith("error: "), line
    for part in parts:
        assert part in line, f"{part!r} is not in {line!r}"
    return line


def calls(oc: Path) -> list[list[str]]:
    """What `oc` was asked for, in order, and forget it."""
    lines = (oc / "calls").read_text().splitlines() if (oc / "calls").exists() else []
    (oc / "calls").unlink(missing_ok=True)
    return [call for line in lines if (call := json.loads(line)) != ["whoami"]]


def objects(oc: Path) -> list[dict]:
    """What is on the stand-in's cluster, oldest first."""
    return json.loads((oc / "objects").read_text())


def only_line(done: subprocess.CompletedProcess) -> str:
    """The one line that a verb which failed ended with, beside make's own."""
    assert done.returncode != 0
    (line,) = [line for line in done.stderr.splitlines() if not line.startswith("make: ***")]
    return line


def only_error(done: subprocess.CompletedProcess) -> str:
    """The same, where it is our own and not make's."""
    line = only_line(done)
    assert line.startswith("error: ")
    return line
