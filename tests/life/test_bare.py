"""The README's commands on a machine that has what the README names, and nothing else."""

import re
import shutil
import subprocess
import urllib.request
from http.client import HTTPException
from pathlib import Path

import pytest

from ..helpers import free_port, lacking, runs, until
from .machine import PROGRAMS, Machine

pytestmark = pytest.mark.e2e
DEMO = "template/build/demo/ml-project"


@pytest.fixture(scope="module", params=["trixie", pytest.param("testing", marks=pytest.mark.newest)])
def machine(request, template, tmp_path_factory):
    """A bare Debian 13 with a clone of the template in it; or Debian testing, whose packages move."""
    if reason := lacking(PROGRAMS):
        pytest.skip(reason)
    with Machine(request.param, tmp_path_factory.mktemp("machine")) as made:
        shutil.copytree(template, made.home / "template")
        subprocess.run(["chown", "-R", "1000:1000", made.home], check=True)
        identity = "-c user.name=dana -c user.email=dana@localhost"
        made.type(f"cd template && git init --quiet && git add --all && git {identity} commit --quiet -m 'as it is'")
        yield made


@pytest.fixture(scope="module")
def demo(machine) -> subprocess.CompletedProcess:
    """What `make demo` says; what it makes is in DEMO."""
    return machine.type("cd template && make demo")


def in_the_store(machine) -> list:
    import mlflow

    return runs(mlflow.MlflowClient(f"sqlite:///{machine.home / DEMO}/mlflow.db"))


def test_the_demo_trains_sweeps_and_shows(machine, demo):
    found = in_the_store(machine)
    alone = [run for run in found if "mlflow.parentRunId" not in run.data.tags]
    names = {"kmeans", "knn", "elasticnet", "drive_failure", "drive_failure sweep"}
    assert {run.info.run_name for run in alone} == names
    assert len(found) == 5 + 12
    assert {run.info.status for run in found} == {"FINISHED"}
    assert "build/demo/ml-project/mlflow.db" in demo.stdout
    assert "Warning" not in demo.stderr
    assert machine.type("cd template && git status --porcelain").stdout == "", "git sees what the demo made"

    port = free_port()
    told = re.search(r"make -C (\S+) ui", demo.stdout)[1]
    with subprocess.Popen(machine.command(f"cd template && exec make -C {told} ui port={port}")) as ui:
        try:
            until(lambda: "<title>MLflow</title>" in page(port), 120, "the pages were not opened")
        finally:
            ui.kill()
    until(lambda: not page(port), 120, "the pages outlive the machine")


def page(port: int) -> str:
    """What is served there; empty while nobody listens."""
    try:
        return urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60).read().decode()
    except (OSError, HTTPException):
        return ""


def test_what_it_made_is_checked_tested_trained_and_ranked(machine, demo):
    before = len(in_the_store(machine))
    said = machine.type(f"cd {DEMO} && make lint check test train-knn best").stdout
    assert "models/knn.py: ok" in said
    assert re.search(r"^\d+ passed in", said, re.MULTILINE), "the product's tests warn, or did not run"
    newest, *others = in_the_store(machine)
    assert len(others) == before
    assert newest.info.run_name == "knn"
    assert re.search(rf"^{newest.info.run_id} +0.9", said, re.MULTILINE)
    assert machine.type(f"cd {DEMO} && rm -rf .ruff_cache && git status --porcelain").stdout == ""
    assert (machine.home / DEMO / ".git" / "hooks" / "pre-commit").exists()

    imported = "import experiment, models.knn, os; print(os.environ['MLFLOW_DISABLE_TELEMETRY'])"
    assert machine.type(f'{DEMO}/.venv/bin/python -c "{imported}"').stdout == "true\n"


def test_a_repository_is_made_as_the_readme_says(machine, demo, template):
    section = (template / "README.md").read_text().partition("## Make a repository")[2]
    *lines, last = re.search(r"```console\n(.*?)```", section, re.DOTALL)[1].splitlines()
    assert last == "make ui"
    answers = {"<this repository's address>": "~/template", "<the name you gave>": "digits"}
    typed = " && ".join(re.sub("<.*>", lambda blank: answers[blank[0]], line) for line in lines)
    # pip is to find what is locked: a newer cookiecutter is not what is tried here.
    pins = re.findall(r"^\S+==\S+", (template / "requirements.txt").read_text(), re.MULTILINE)
    (machine.home / "pins.txt").write_text("\n".join(pins))
    machine.type(f"export PIP_CONSTRAINT=~/pins.txt && {typed}", text_in="digits\n\nDana\n\n")
    assert "n_neighbors=7 seed=0" in machine.type("cd digits && make best").stdout
    assert "Looked after by Dana." in (machine.home / "digits" / "README.md").read_text()


ABSENT = {
    "usr/lib/python3.*/ensurepip": "error: python3 makes no environments; Debian and Ubuntu: apt install python3-venv",
    "usr/bin/make": "make: command not found",
}


@pytest.mark.parametrize(("path", "line"), ABSENT.items(), ids=["python3-venv", "make"])
def test_what_is_missing_is_told_in_one_line(machine, demo, path, line):
    machine.type(f"git clone --quiet template again && git clone --quiet {DEMO} product")
    for command in ("cd again && make demo", "cd product && make setup"):
        with machine.without(path):
            done = machine.type(command, check=False)
        told = [said for said in done.stderr.splitlines() if not said.startswith("make: ***")]
        assert done.returncode != 0
        assert len(told) == 1, done.stderr
        assert line in told[0]
    for folder in ("again", "product"):
        assert machine.type(f"cd {folder} && git status --porcelain --ignored").stdout == "", "something was half made"
    machine.type("rm -rf again product")


def test_without_git_it_works_and_one_line_tells_what_is_lacking(machine, demo):
    with machine.without("usr/bin/git"):
        made = machine.type("template/.venv/bin/cookiecutter --no-input --default-config template").stdout
        assert made.splitlines()[0].startswith("note: git is not installed: this is no repository")
        trained = machine.type(f"cd ml-project && make train-knn VENV=~/{DEMO}/.venv")
        setup = machine.type(f"cd {DEMO} && make setup")
    assert trained.stderr == ""
    assert len(trained.stdout.splitlines()) == 3, trained.stdout
    assert setup.stderr == ""
    assert [line for line in setup.stdout.splitlines() if "note: git is not installed" in line]
    assert Path(machine.home, "ml-project", "mlflow.db").exists()
