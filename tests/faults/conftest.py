"""A project to damage, and a faulty proxy through which the real tracking server can be reached."""

import shutil
from pathlib import Path

import pytest

from ..helpers import copied
from .proxy import proxied
from .training import Place, content


@pytest.fixture(scope="package")
def steady(project, tmp_path_factory):
    """A bake with the model `steady`; tests leave its files alone."""
    made = copied(project, tmp_path_factory.mktemp("steady"))
    shutil.copy(Path(__file__).with_name("steady.py"), made / "models")
    return made


@pytest.fixture
def proxy(server):
    with proxied(server) as made:
        yield made


@pytest.fixture
def behind(steady, server, proxy, tmp_path) -> Place:
    """Where to train with a server behind the proxy, in an experiment of this test alone."""
    return Place(steady, tmp_path, proxy.address, server)


@pytest.fixture
def local(steady, store, tmp_path) -> Place:
    """Where to train with an sqlite store of this test alone."""
    address = f"sqlite:///{tmp_path}/store/mlflow.db"
    return Place(steady, tmp_path, address, address)


@pytest.fixture(scope="package")
def undisturbed(steady, server, tmp_path_factory) -> dict:
    """What a run holds when nothing goes wrong."""
    place = Place(steady, tmp_path_factory.mktemp("undisturbed"), server, server, patience="60")
    with place.training() as training:
        assert training.let_go().code == 0
    (run,) = place.runs()
    return content(server, run)
