import pytest


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    """A tracking store that only these tests use, as MLflow's client sees it."""
    uri = f"sqlite:///{tmp_path_factory.mktemp('store')}/mlflow.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", uri)
        patch.delenv("MLFLOW_RUN_ID", raising=False)
        from experiment.tracking import store

        yield store.connect().client
