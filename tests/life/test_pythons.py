"""A bake set up from nothing and used, on the tested Pythons that no other test sets one up with."""

import shutil
import subprocess
import sys

import pytest

from ..helpers import run, runs

pytestmark = pytest.mark.e2e
# A model of another library is tried with ours, and bare machines have the newer ones.
VERSIONS = {"3.11", "3.12"} - {f"{sys.version_info.major}.{sys.version_info.minor}"}


def interpreter(version: str) -> str:
    """A Python of this version, or a skip that says how to get one."""
    found = shutil.which(f"python{version}")
    if found is None or subprocess.run([found, "-c", ""], capture_output=True).returncode:
        pytest.skip(f"needs python{version} on PATH: uv python install {version}, or pyenv install {version}")
    return found


@pytest.mark.parametrize("version", sorted(VERSIONS))
def test_a_bake_is_set_up_and_works(bake, store, tmp_path, version):
    run("make", "setup", f"PYTHON={interpreter(version)}", cwd=bake)
    assert run(bake / ".venv" / "bin" / "python", "--version", cwd=bake).stdout.startswith(f"Python {version}.")
    run("make", "lint", "check", "test", cwd=bake)
    run("make", "train-knn", "n_neighbors=3", cwd=bake)
    assert runs(store)[0].data.params["n_neighbors"] == "3"
    shutil.rmtree(bake / ".ruff_cache", ignore_errors=True)
    assert run("git", "status", "--porcelain", cwd=bake).stdout == ""
    assert (bake / ".git" / "hooks" / "pre-commit").exists()

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    imported = "import experiment, models.knn, os; print(os.environ['MLFLOW_DISABLE_TELEMETRY'])"
    assert run(bake / ".venv" / "bin" / "python", "-c", imported, cwd=elsewhere).stdout == "true\n"
