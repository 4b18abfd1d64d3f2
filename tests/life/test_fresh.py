"""What takes minutes: a new library, updates of the template."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ..helpers import PYTHON, experiment, run, runs

pytestmark = pytest.mark.e2e


def activated(project: Path) -> dict[str, str]:
    return {"PATH": f"{project}/.venv/bin:{os.environ['PATH']}"}


BOOST = '''"""Boosted trees: which wine is this?"""

import lightgbm
from sklearn.datasets import load_wine

from experiment import Data, Field, Params, Range, Source

TASK = "classification"
METRIC = "accuracy"
SPACE = {"learning_rate": Range(0.01, 0.5, log=True)}


class Hyperparameters(Params):
    learning_rate: float = Field(0.1, gt=0, le=1, description="how much each tree corrects")


def wines():
    return load_wine(as_frame=True).frame


def load(source: Source) -> Data:
    return source.read(wines, target="target")


def fit(train: Data, params: Hyperparameters):
    trees = lightgbm.LGBMClassifier(learning_rate=params.learning_rate, random_state=params.seed, verbose=-1)
    return trees.fit(train.X, train.y)
'''


def another_python() -> str:
    """A tested Python that is not ours, or a skip that says how to get one. Bare machines have the newer ones."""
    version = "3.11" if sys.version_info[:2] == (3, 12) else "3.12"
    found = shutil.which(f"python{version}")
    if found is None or subprocess.run([found, "-c", ""], capture_output=True).returncode:
        pytest.skip(f"needs python{version} on PATH: uv python install {version}, or pyenv install {version}")
    return found


def test_a_model_of_another_library_is_one_file_and_one_line_also_on_another_python(bake, store, tmp_path):
    another = another_python()
    run("make", "setup", f"PYTHON={another}", cwd=bake)
    own = bake / ".venv" / "bin" / "python"
    version = re.match(r"Python (\d+\.\d+)\.", run(own, "--version", cwd=bake).stdout)[1]
    assert another.endswith(f"python{version}")
    assert (bake / ".git" / "hooks" / "pre-commit").exists()
    imported = "import experiment, models.knn, os; print(os.environ['MLFLOW_DISABLE_TELEMETRY'])"
    (elsewhere := tmp_path / "elsewhere").mkdir()
    assert run(own, "-c", imported, cwd=elsewhere).stdout == "true\n"

    with (bake / "requirements.in").open("a") as requirements:
        requirements.write("lightgbm\n")
    run("make", "lock", "setup", cwd=bake)
    assert re.search(r"^lightgbm==.* \\\n    --hash", (bake / "requirements.txt").read_text(), re.MULTILINE)
    (bake / "models" / "boost.py").write_text(BOOST)
    run("make", "sync", "check", cwd=bake)
    run("make", "train-boost", "learning_rate=0.2", cwd=bake)
    name = ("--experiment-name", "ml-project")
    run("mlflow", "run", ".", "-e", "boost", "--env-manager=local", *name, cwd=bake, env=activated(bake))
    run("make", "test", "lint", cwd=bake)

    through_mlproject, by_hand = runs(store)
    assert by_hand.data.params == {"learning_rate": "0.2", "seed": "0"}
    assert through_mlproject.data.params == {"learning_rate": "0.1", "seed": "0"}
    changed = run("git", "status", "--porcelain", cwd=bake).stdout.split()[1::2]
    assert set(changed) == {
        "MLproject",
        "requirements.in",
        "requirements.txt",
        "requirements-dev.txt",
        "models/boost.py",
        "openshift/train-boost.yaml",
    }

    model = by_hand.outputs.model_outputs[0].model_id
    seen = f"""
import json, mlflow
from experiment import Source
from experiment.declaration import load
X = load("boost").data(Source()).X
info = mlflow.models.get_model_info("models:/{model}")
print(json.dumps([sorted(info.flavors), len(set(mlflow.pyfunc.load_model("models:/{model}").predict(X)))]))
"""
    told = run(own, "-c", seen, cwd=bake).stdout
    assert json.loads(told.splitlines()[-1]) == [["lightgbm", "python_function"], 3]


@pytest.fixture
def clone(template, tmp_path) -> Path:
    """The template as somebody clones it."""
    copy = tmp_path / "clone"
    shutil.copytree(template, copy)
    run("git", "init", "--quiet", cwd=copy)
    run("git", "add", "--all", cwd=copy)
    run("git", "-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "--quiet", "-m", "as it is", cwd=copy)
    return copy


def test_cruft_update_brings_the_template_and_keeps_edits(clone, tmp_path):
    identity = {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "t"), ("EMAIL", "t@localhost"))
    }

    def commit(folder):
        run("git", "add", "--all", cwd=folder)
        run("git", "commit", "--quiet", "--no-verify", "-m", "next", cwd=folder, env=identity)

    def cruft(*words, cwd):
        return run(PYTHON, "-m", "cruft", *words, cwd=cwd, env=identity | {"HOME": str(tmp_path)})

    cruft("create", "--no-input", clone, cwd=tmp_path)
    project = tmp_path / "ml-project"
    commit(project)
    (project / "models" / "mine.py").write_text((project / "models" / "knn.py").read_text())
    makefile = project / "Makefile"
    makefile.write_text(makefile.read_text() + "\nmine: ## my own verb\n\techo mine\n")
    commit(project)

    newer = clone / "{{cookiecutter.project}}" / "experiment" / "errors.py"
    newer.write_text(newer.read_text() + "\n# a newer template\n")
    commit(clone)
    cruft("update", "--skip-apply-ask", cwd=project)

    assert (project / "experiment" / "errors.py").read_text().endswith("# a newer template\n")
    assert "my own verb" in makefile.read_text()
    assert (project / "models" / "mine.py").exists()
    assert run("git", "rev-list", "--count", "HEAD", cwd=project).stdout.strip() == "3"
    experiment(project, "sync")
    experiment(project, "check", "mine")
