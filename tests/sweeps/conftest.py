"""The project in which sweeps are tried."""

import shutil
from pathlib import Path

import pytest

from ..helpers import cookiecutter


@pytest.fixture(scope="package")
def tiny(template, tmp_path_factory):
    """A bake with the model `tiny`; tests leave its files alone."""
    cookiecutter(template, folder := tmp_path_factory.mktemp("tiny"))
    shutil.copy(Path(__file__).with_name("tiny.py"), folder / "ml-project" / "models")
    return folder / "ml-project"
