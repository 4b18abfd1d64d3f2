"""Every file in models/ keeps its contract, and leaves a complete run whose model can be loaded back."""

import pytest

from experiment import Source
from experiment.check import check
from experiment.declaration import load, names, text
from experiment.train import train

each = pytest.mark.parametrize("run", names(), indirect=True)


@pytest.fixture(scope="session")
def run(request, store):
    """A run of the model with its defaults, tracked once for all tests."""
    model = load(request.param)
    return store.get_run(train(model, model.hyperparameters(), Source()))


def test_all_keep_the_contract():
    assert [model.name for model in check(names())] == names()


@each
def test_leaves_a_complete_run(run):
    model = load(run.data.tags["model"])
    assert run.info.status == "FINISHED"
    assert run.data.params == {key: text(value) for key, value in model.hyperparameters()}
    assert model.metric in run.data.metrics
    assert {"split", "model_format", "requirements_sha256", "mlflow.user"} <= run.data.tags.keys()
    assert run.inputs.dataset_inputs[0].dataset.digest
    assert run.outputs.model_outputs


@each
def test_predicts_the_same_when_loaded_back(run):
    import mlflow

    model = load(run.data.tags["model"])
    params = model.hyperparameters()
    fitting, judging = model.split(model.data(Source()), params.seed)
    stored = mlflow.pyfunc.load_model(f"models:/{run.outputs.model_outputs[0].model_id}")
    assert list(stored.predict(judging.X)) == list(model.fit(fitting, params).predict(judging.X))
