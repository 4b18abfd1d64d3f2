"""Images, made once for the tests of one process."""

import shutil

import pytest

from ..cluster.s2i import BUILD, PROGRAMS, Engine
from ..helpers import lacking


@pytest.fixture(scope="session")
def engine():
    """A container engine with an S2I builder image; tests of one file share it, and its images."""
    if reason := lacking(PROGRAMS):
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


@pytest.fixture(scope="session")
def image(engine, libraries, project) -> str:
    """The image that the second BuildConfig makes of a bake: that one and the code."""
    engine.build(project, "localhost/ml-project", "--from", libraries, env=BUILD)
    return "localhost/ml-project"
