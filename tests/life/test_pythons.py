"""A bake set up from nothing and used, on every tested Python; that of the demo is tested with it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ..helpers import run, runs

pytestmark = pytest.mark.e2e
OURS = f"{sys.version_info.major}.{sys.version_info.minor}"  # what `make demo` uses too


def interpreter(version: str) -> str:
    """A Python of this version, or a skip that says how to get one."""
    found = shutil.which(f"python{version}")
    if found is None or subprocess.run([found, "-c", ""], capture_output=True).returncode:
        pytest.skip(f"needs python{version} on PATH: uv python install {version}, or pyenv install {version}")
    return found


@pytest.mark.parametrize("version", sorted({"3.11", "3.12", "3.13"} - {OURS}))
def test_a_bake_is_set_up_and_works(bake, store, tmp_path, version):
    run("make", "setup", f"PYTHON={interpreter(version)}", cwd=bake)
    assert run(bake / ".venv" / "bin" / "python", "--version", cwd=bake).stdout.startswith(f"Python {version}.")
    works(bake, store, tmp_path)


def works(project: Path, store, tmp_path: Path) -> None:
    """Lint, check, test and train where `make setup` has been; nothing that git would list is left."""
    run("make", "lint", "check", "test", cwd=project)
    run("make", "train-knn", "n_neighbors=3", cwd=project)
    assert runs(store)[0].data.params["n_neighbors"] == "3"
    shutil.rmtree(project / ".ruff_cache", ignore_errors=True)
    assert run("git", "status", "--porcelain", cwd=project).stdout == ""

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    imported = "import experiment, models.knn, os; print(os.environ['MLFLOW_DISABLE_TELEMETRY'])"
    assert run(project / ".venv" / "bin" / "python", "-c", imported, cwd=elsewhere).stdout == "true\n"
    assert (project / ".git" / "hooks" / "pre-commit").exists()
