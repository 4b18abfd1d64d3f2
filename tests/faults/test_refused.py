"""A store that takes a part of a run and refuses another: what is refused stops nothing else, and is not forgotten."""

from functools import partial

import mlflow
import pytest

from ..helpers import experiment
from .training import content


@pytest.mark.parametrize(("what", "name"), [("/coefficients.png", "coefficients.png"), ("/artifacts/MLmodel", "model")])
def test_what_is_refused_of_a_run_is_kept_and_the_rest_is_there(what, name, behind, proxy, server, undisturbed):
    behind.patience = "60"
    with behind.training() as training:
        proxy.fault, proxy.only = 413, what
        ended = training.let_go()
    assert ended.code == 75
    assert f"it refuses {name}: " in ended.lines[-1]
    assert "the server answers 413" in ended.lines[-1]
    (run,) = behind.runs()
    assert run.info.status == "FAILED", "FINISHED means all of it"
    assert run.data.tags["left_out"].startswith(f"{name}: ")
    assert run.data.metrics.keys() == undisturbed["metrics"].keys()
    files = {file.path for file in mlflow.MlflowClient(server).list_artifacts(run.info.run_id)}
    assert files == ({"coefficients.png"} if name == "model" else set())

    refused = experiment(behind.project, "upload", env=behind.env, check=False)
    assert refused.returncode == 2
    assert f"{name} of steady is not in run {run.info.run_id}" in refused.stderr
    assert behind.runs()[0].info.status == "FAILED"
    proxy.fault = None
    assert "brought" in behind.upload()
    (run,) = behind.runs()
    assert content(server, run) == undisturbed
    assert "left_out" not in run.data.tags


def test_a_gateway_that_knows_no_value_costs_none(behind, proxy, server, undisturbed):
    behind.patience = "60"
    with behind.training() as training:
        proxy.fault, proxy.only = 400, "/runs/log-batch"
        ended = training.let_go()
    assert ended.code == 75
    assert " more values: the server answers 400; the run is kept in " in ended.lines[-1]
    proxy.fault = None
    behind.upload()
    assert content(server, *behind.runs()) == undisturbed


def delivered(client, **settings):
    """A run of a store that has a param already, with a record of others delivered to it."""
    from experiment.formats.metrics import milliseconds
    from experiment.tracking.delivery import Delivery
    from experiment.tracking.record import Record, batches
    from mlflow.entities import Metric, Param

    run = client.create_run("0")
    client.log_param(run.info.run_id, "depth", "1")
    record = Record(run.info.run_id, "one", 1, {}, end=("FINISHED", milliseconds()), **settings)
    params = [Param(name, "2") for name in ("rate", "depth", "width")]
    record.parts += batches([Metric(f"m{place}", place, 1, 0) for place in range(990)], params)
    delivery = Delivery(record, client, run.info.run_id)
    delivery.go_on()
    return delivery, client.get_run(run.info.run_id)


def test_a_value_that_is_refused_is_left_out_and_named(store):
    delivery, run = delivered(store)
    assert run.info.status == "FINISHED"
    assert run.data.params == {"depth": "1", "rate": "2", "width": "2"}
    assert len(run.data.metrics) == 990
    assert run.data.tags["left_out"].startswith("param depth: ")
    (note,) = delivery.notes
    assert note.startswith("param depth is left out, as the store refuses it: ")
    assert delivery.whole


def test_what_the_spool_refuses_too_costs_nothing_else(store, tmp_path, monkeypatch):
    from experiment.tracking import kept, spool
    from experiment.tracking.record import Part, Record, batches
    from mlflow import MlflowClient
    from mlflow.entities import Param

    monkeypatch.setenv("SPOOL_DIR", str(tmp_path / "spool"))
    gone = Part("gone.png", partial(MlflowClient.log_artifact, local_path=str(tmp_path / "gone.png")))
    params = batches(params=[Param("a//b", "1"), Param("c", "2")])
    record = Record("0" * 32, f"path=/a/b {'long' * 60}", 1, {}, parts=[gone, *params])
    said = spool.undelivered("no server", "any", [record])
    assert said.code == 75
    assert "; not kept is param a//b: " in str(said)
    assert "; not kept is gone.png: " in str(said)
    (folder,) = kept.folders()
    (again,) = kept.read(folder)
    assert again.end[0] == "KILLED"
    (values,) = again.parts
    assert [param.key for param in values.params] == ["c"]
    assert "left_out" in {tag.key for tag in values.tags}
