"""The verbs that a person types."""

import json
import re
from pathlib import Path

import pytest

from ..helpers import PYTHON, only_line, run, runs

VENV = f"VENV={Path(PYTHON).parent.parent}"


def make(project, *words, **settings):
    return run("make", *words, VENV, cwd=project, **settings)


def test_alone_lists_every_verb(project):
    listed = {line.split()[0] for line in run("make", cwd=project).stdout.splitlines()}
    wanted = "setup train train-<model> sweep best promote rollback champion predict ui notebook sync lock check test lint format"
    assert set(wanted.split()) <= listed


def verbs(project) -> list[str]:
    """Every verb that `make` lists, with a model and some of the program's verbs in the place of any."""
    listed = [line.split()[0] for line in run("make", cwd=project).stdout.splitlines()]
    some = [verb.replace("<verb>", name) for verb in listed for name in ("check", "sweep") if "<verb>" in verb]
    return [verb.replace("<model>", "knn") for verb in listed if "<verb>" not in verb] + some


def test_nothing_that_is_typed_is_passed_over(project):
    """It is in the command that would run, or refused by name."""
    listed = verbs(project)
    assert {"sync", "check-job", "sweep-off", "job-knn", "lock", "test"} <= {*listed}
    for verb in listed:
        when = ["schedule=@daily"] if verb.endswith("-on") else []
        for word, told in (("nobody_knows=3", "nobody.knows='?3"), ("MODEL=kmeans", "kmeans")):
            done = run("make", verb, word, *when, "DRY_RUN=1", cwd=project, check=False)
            if done.returncode:
                assert re.search(
                    f"make {verb} (knows no {word.partition('=')[0]}=|.*leave out {word})", only_line(done)
                )
            else:
                assert re.search(told, done.stdout, re.IGNORECASE), f"{verb} {word}: {done.stdout}"


@pytest.mark.parametrize("name", ["MODEL", "VENV", "data"])
def test_a_value_is_one_line(bake, name):
    for words in (["train"], ["sweep-off"], ["-i", "clean-jobs"]):
        done = run("make", *words, f"{name}=a\ntouch owned #", cwd=bake, check=False)
        assert f"*** {name}: a value is one line, and this one is more" in only_line(done)
    assert not list(bake.rglob("owned"))


def test_a_name_with_a_dash_is_no_other_name(project):
    said = only_line(make(project, "train-knn", "n_neighbors=7", "n-neighbors=8", check=False))
    assert "two of these are one name, with - and with _" in said


def test_values_reach_the_program_as_they_were_typed(project, store, tmp_path):
    folder = tmp_path / "a  b; touch owned $(touch owned) $(shell touch owned) $HOME 'q' #"
    folder.mkdir()
    (folder / "rows.csv").write_text("a,b,the y\n" + "".join(f"{n},{n % 5},{n % 2}\n" for n in range(40)))
    make(project, "train-knn", "n_neighbors=7", f"data={folder}/rows.csv", "target=the y")
    (found,) = runs(store)
    assert found.data.params["n_neighbors"] == "7"
    assert str(folder) in json.loads(found.inputs.dataset_inputs[0].dataset.source)["uri"]
    assert not list(Path(project).rglob("owned"))


def test_what_is_of_a_model_takes_one(project, store):
    make(project, "train", "MODEL=kmeans", "k=8")
    make(project, "sweep", "MODEL=kmeans", "limit=2", "jobs=1")
    said = make(project, "best", "MODEL=kmeans", "top=1", "where=metrics.silhouette > -1").stdout
    assert "silhouette" in said
    assert "would be promoted" in make(project, "promote", "MODEL=kmeans", "dry_run=true").stdout
    assert len([run for run in runs(store) if run.data.params.get("k") == "8"]) == 1


def test_pages_of_a_server_are_not_opened_here(project):
    there = {"MLFLOW_TRACKING_URI": "https://dana:hunter2@mlflow.example.com"}
    done = make(project, "ui", env=there, check=False)
    assert done.returncode != 0
    line, _ = done.stderr.splitlines()
    assert line.startswith("error: MLFLOW_TRACKING_URI names a server")
    assert "hunter2" not in done.stdout + done.stderr


def test_a_verb_before_setup_says_so(project):
    done = run("make", "train-knn", cwd=project, check=False)
    assert done.returncode != 0
    assert "error: .venv is missing; run: make setup" in done.stderr


@pytest.mark.parametrize("version", ["(3, 10, 9)", "(3, 15, 0)"])
def test_another_python_is_one_line(project, tmp_path, version):
    python = tmp_path / "python"
    pretend = f'import sys; sys.version_info = {version}; sys.version = "{version}"; exec(sys.argv[1])'
    python.write_text(f"#!/bin/sh\nexec {PYTHON} -c '{pretend}' \"$2\"\n")
    python.chmod(0o755)
    done = run("make", "setup", f"PYTHON={python}", f"VENV={tmp_path}/venv", cwd=project, check=False)
    assert done.returncode != 0
    line = next(line for line in done.stderr.splitlines() if line.startswith("error: "))
    assert ".".join(version.strip("()").split(", ")[:2]) in line
    assert "use 3.11 to 3.14" in line
    assert not (tmp_path / "venv").exists()

    called = run(python, "-c", "import experiment", cwd=project, check=False)
    assert "use 3.11 to 3.14" in called.stderr
    assert "Traceback" not in called.stderr


def test_without_its_libraries_the_program_says_what_to_do(project):
    bare = run(PYTHON, "-S", "-m", "experiment", "--help", cwd=project, check=False)
    assert bare.returncode != 0
    assert bare.stderr.strip() == "pydantic is not installed: run `make setup`, then .venv/bin/python or make"


def test_pre_commit_passes_and_stops_a_stale_file(bake, tmp_path):
    (bake / ".venv").symlink_to(Path(PYTHON).parent.parent)
    home = {"PRE_COMMIT_HOME": str(tmp_path / "cache")}
    hooks = [PYTHON, "-m", "pre_commit", "run", "--all-files"]
    run(*hooks, cwd=bake, env=home)
    model = bake / "models" / "knn.py"
    model.write_text(model.read_text().replace("Field(5,", "Field(6,"))
    stopped = run(*hooks, cwd=bake, env=home, check=False)
    assert stopped.returncode != 0
    assert "MLproject, line" in stopped.stdout


def test_pre_commit_fetches_nothing(template):
    import yaml

    for config in (template, template / "{{cookiecutter.project}}"):
        hooks = yaml.safe_load((config / ".pre-commit-config.yaml").read_text())
        assert {repo["repo"] for repo in hooks["repos"]} == {"local"}
        assert {hook["language"] for repo in hooks["repos"] for hook in repo["hooks"]} == {"system"}
