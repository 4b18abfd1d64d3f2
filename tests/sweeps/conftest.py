"""The project in which sweeps are tried."""

import shutil
from pathlib import Path

import pytest

from ..helpers import copied


@pytest.fixture(scope="package")
def tiny(project, tmp_path_factory):
    """A bake with the model `tiny`; tests leave its files alone."""
    made = copied(project, tmp_path_factory.mktemp("tiny"))
    shutil.copy(Path(__file__).with_name("tiny.py"), made / "models")
    return made
