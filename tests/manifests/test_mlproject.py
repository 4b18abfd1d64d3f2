"""The same training through MLproject, which `make sync` writes."""

import json
import os
import re
from pathlib import Path

import pytest
import yaml

from ..forks import python
from ..helpers import PYTHON, experiment, refused, run, runs

# `python` as an activated environment has it
ACTIVATED = {"PATH": f"{Path(PYTHON).parent}:{os.environ['PATH']}"}


def mlflow_run(project, *words, **settings):
    name = ("--experiment-name", "ml-project")
    return python(
        "-m", "mlflow", "run", ".", "--env-manager", "local", *name, *words, cwd=project, env=ACTIVATED, **settings
    )


@pytest.mark.parametrize(
    ("model", "given", "params"),
    [
        ("knn", "n_neighbors=7", {"n_neighbors": "7", "weights": "uniform", "seed": "0"}),
        ("elasticnet", "alpha=0.001", {"alpha": "0.001", "l1_ratio": "0.5", "seed": "0"}),
    ],
)
def test_gives_one_finished_run_with_the_right_params(project, store, model, given, params):
    mlflow_run(project, "-e", model, "-P", given)
    (found,) = runs(store)
    assert found.info.status == "FINISHED"
    assert found.data.params == params
    assert found.data.metrics
    assert found.outputs.model_outputs
    assert found.data.tags["git_dirty"] == "false"


def test_a_sweep_is_one_parent_with_its_children(project, store):
    mlflow_run(project, "-e", "sweep", "-P", "model=kmeans", "-P", "limit=2", "-P", "seed=3")
    *children, parent = sorted(runs(store), key=lambda found: "mlflow.parentRunId" not in found.data.tags)
    assert len(children) == 2
    assert {child.data.tags["mlflow.parentRunId"] for child in children} == {parent.info.run_id}
    assert {child.data.params["seed"] for child in children} == {"3"}


def test_a_value_out_of_bounds_fails_the_run(project, store):
    done = mlflow_run(project, "-e", "knn", "-P", "n_neighbors=0", check=False)
    assert done.returncode != 0
    assert "error: --n-neighbors 0: n_neighbors must be a whole number, at least 1, at most 100" in done.stderr
    assert [found.info.status for found in runs(store)] == ["FAILED"]


@pytest.mark.parametrize(
    ("entry", "given", "parts"),
    [
        ("elasticnet", ["alpha=1e-3"], ["alpha: `mlflow run` logged 1e-3, where runs hold 0.001", "-P alpha=0.001"]),
        ("elasticnet", ["alpha="], ["alpha: `mlflow run` logged ''", "leave it out for the default, 0.1"]),
        ("sweep", ["model=elasticnet", "alpha=1"], ["-P alpha=1.0"]),
    ],
)
def test_a_text_that_a_search_for_the_value_would_miss_is_refused(project, store, entry, given, parts):
    done = mlflow_run(project, "-e", entry, *(word for pair in given for word in ("-P", pair)), check=False)
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert all(part in line for part in parts), line
    (found,) = runs(store)
    assert found.info.status == "FAILED"
    assert not found.data.metrics


def test_data_that_MLproject_does_not_declare_is_handed_on(project, store, tmp_path):
    (tmp_path / "few rows.csv").write_text("a,b,y\n" + "".join(f"{n},{n % 7},{n % 3 * 1.5}\n" for n in range(40)))
    mlflow_run(project, "-e", "elasticnet", "-P", f"data={tmp_path}/few rows.csv", "-P", "target=y")
    assert runs(store)[0].inputs.dataset_inputs[0].dataset.name == "few rows"
    assert runs(store)[0].data.tags["target"] == "y"
    # What MLflow logged of it, with the shell's quotes, is no hyperparameter.
    (ranked,) = json.loads(experiment(project, "best", "elasticnet", "--json").stdout)
    assert ranked["params"] == {"alpha": "0.1", "l1_ratio": "0.5", "seed": "0"}
    assert (ranked["data"]["name"], ranked["data"]["target"]) == ("few rows", "y")


def test_what_is_declared_is_exactly_what_is_passed(project):
    declared = yaml.safe_load((project / "MLproject").read_text())
    assert set(declared["entry_points"]) == {"kmeans", "knn", "elasticnet", "drive_failure", "sweep"}
    for name, entry in declared["entry_points"].items():
        passed = re.findall(r"\{(\w+)\}", entry["command"])
        assert sorted(passed) == sorted(entry["parameters"]), name


def test_a_stale_file_is_told_with_its_line(bake):
    model = bake / "models" / "knn.py"
    model.write_text(model.read_text().replace("Field(5, ge=1, le=100", "Field(6, ge=1, le=100"))
    line = next(n for n, text in enumerate((bake / "MLproject").read_text().splitlines(), 1) if "n_neighbors:" in text)
    done = experiment(bake, "sync", "--check", check=False)
    assert done.returncode == 1
    assert f"MLproject, line {line}: is 'n_neighbors: {{type: float, default: 5}}'" in done.stdout
    assert "run `make sync`" in done.stdout
    assert "make sync" in run(PYTHON, "-m", "pytest", "tests/test_sync.py", cwd=bake, check=False).stdout

    experiment(bake, "sync")
    assert experiment(bake, "sync", "--check").stdout == ""
    assert "default: 6" in (bake / "MLproject").read_text()


def test_sync_keeps_what_a_person_wrote(bake):
    file = bake / "MLproject"
    mine = "  report:  # mine\n    command: 'echo done'\n"
    file.write_text(file.read_text() + mine)
    (bake / "models" / "kmeans.py").unlink()
    experiment(bake, "sync")
    assert file.read_text().endswith(mine)
    assert file.read_text().startswith('name: "ml-project"')
    assert "kmeans" not in file.read_text()


def test_a_bad_model_file_stops_no_other(bake):
    file = bake / "MLproject"
    before = yaml.safe_load(file.read_text())["entry_points"]
    for name, pattern, replacement in (("kmeans", "Field(10,", "Field(11,"), ("knn", "METRIC", "METR1C")):
        model = bake / "models" / f"{name}.py"
        model.write_text(model.read_text().replace(pattern, replacement))
    (bake / "models" / "sweep.py").write_text((bake / "models" / "elasticnet.py").read_text())
    (bake / "models" / "brandnew.py").write_text("import sys\n\nsys.exit(__doc__)\n")
    for words in (["sync"], ["sync", "--check"]):
        done = experiment(bake, *words, check=False)
        assert done.returncode == 2
        written = "MLproject: written\nopenshift/train-kmeans.yaml: written\n"
        assert done.stdout == (written if words == ["sync"] else "")
        told = [re.match(r"error: (models/\w+\.py)", line)[1] for line in done.stderr.splitlines()]
        assert told == ["models/brandnew.py", "models/knn.py", "models/sweep.py"]
    before["kmeans"]["parameters"]["k"]["default"] = 11
    assert yaml.safe_load(file.read_text())["entry_points"] == before
    assert run("git", "diff", "--stat", "--", "openshift/train-knn.yaml", cwd=bake).stdout == "", "it stays as it was"
    assert file.read_text().count("  sweep:") == 1


def test_sync_refuses_a_file_without_its_markers(bake):
    (bake / "MLproject").write_text('name: "ml-project"\n')
    refused(experiment(bake, "sync", check=False), "MLproject", "# >>> written by `make sync`", "put them back")
    assert (bake / "MLproject").read_text() == 'name: "ml-project"\n'
