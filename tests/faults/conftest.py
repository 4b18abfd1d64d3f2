"""A project to damage, and a real tracking server that can be reached through a faulty proxy."""

import shutil
from pathlib import Path

import pytest

from ..cluster.tracking import serving
from ..helpers import cookiecutter
from .proxy import proxied
from .training import Place


@pytest.fixture(scope="package")
def steady(template, tmp_path_factory):
    """A bake with the model `steady`; tests leave its files alone."""
    cookiecutter(template, folder := tmp_path_factory.mktemp("steady"))
    shutil.copy(Path(__file__).with_name("steady.py"), folder / "ml-project" / "models")
    return folder / "ml-project"


@pytest.fixture(scope="package")
def server(tmp_path_factory):
    """The address of a tracking server that is well."""
    with serving(tmp_path_factory.mktemp("server")) as address:
        yield address


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
