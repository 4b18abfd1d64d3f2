"""Every file in models/ keeps its contract and leaves a complete run in the store."""

import pytest

from experiment import Source
from experiment.check import check
from experiment.declaration import load, names, text
from experiment.train import train

each = pytest.mark.parametrize("name", names())


def test_all_keep_the_contract():
    assert [model.name for model in check([load(name) for name in names()])] == names()


@each
def test_leaves_a_complete_run(name, store):
    model = load(name)
    params = model.hyperparameters()
    run = store.get_run(train(model, params, Source()))
    assert run.info.status == "FINISHED"
    assert run.data.params == {key: text(value) for key, value in params}
    assert model.metric in run.data.metrics
    assert {"model", "split", "model_format", "requirements_sha256", "mlflow.user"} <= run.data.tags.keys()
    assert run.inputs.dataset_inputs[0].dataset.digest
    assert run.outputs.model_outputs


@each
def test_predicts_the_same_when_loaded_back(name, store):
    import mlflow

    model = load(name)
    run_id = train(model, model.hyperparameters(), Source())
    fitting, judging = model.split(model.data(Source()), 0)
    again = model.fit(fitting, model.hyperparameters()).predict(judging.X)
    stored = store.get_run(run_id).outputs.model_outputs[0].model_id
    assert list(mlflow.pyfunc.load_model(f"models:/{stored}").predict(judging.X)) == list(again)
