"""A hostile value in every field: it arrives as it was typed or is refused in one line, and nothing is executed."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest
import yaml

from ..cluster.api import admitted
from ..cluster.openshift import process
from ..cluster.pods import started
from ..cluster.templates import opening
from ..forks import python
from ..helpers import MEAN, PRODUCT, calls, copied, experiment, objects, only_line, run, runs

# All that a shell, make, `oc process`, YAML, JSON or Kubernetes might read; what Kubernetes replaces is refused.
HOSTILE = """it's  "x"; touch owned; `touch owned` && >owned $HOME ${NAME} ${{TAG}} $NAME \\" \\' # 100 % {"a": [1]} --seed=9 |"""
REPLACED = "note={}: give it without $( and $$, which Kubernetes replaces"
# Fields of which the cluster takes only some values: names, numbers, sizes
CASES = re.findall(
    r"^    ([A-Za-z_]+(?: \| [a-z_]+)*)\)", (PRODUCT / "openshift" / "fields.sh").read_text(), re.MULTILINE
)
CHECKED = {name for case in CASES for name in case.split(" | ")} - {"user"}
TYPED = {"MLFLOW_TRACKING_AUTH", "MLFLOW_TRACKING_SERVER_CERT_PATH", "MLFLOW_WORKSPACE"}
REFUSED = {
    "$(touch owned)": REPLACED,
    "$(shell touch owned)": REPLACED,
    "$(MLFLOW_TRACKING_PASSWORD)": REPLACED,
    "a$$b": REPLACED,
    "a\ntouch owned\n'\ntouch owned": "note: a value is one line, and this one is more",
}


@pytest.fixture(scope="module")
def tuned(project, tmp_path_factory) -> Path:
    """A bake with a model that has a text among its hyperparameters; nobody changes it."""
    bake = copied(project, tmp_path_factory.mktemp("tuned"))
    shift = '    shift: float = Field(0.0, description="added to the mean")\n'
    assert shift in MEAN
    note = '    note: str = Field("none", description="a remark")\n'
    (bake / "models" / "mean.py").write_text(MEAN.replace(shift, shift + note))
    experiment(bake, "sync")
    return bake


def fields(template: Path) -> list[str]:
    """All but the project's name, which params.env gives."""
    return [each["name"] for each in yaml.safe_load(template.read_text())["parameters"] if each["name"] != "NAME"]


def made(oc: Path) -> dict:
    """The one object on the cluster."""
    (found,) = objects(oc)
    return found


@pytest.mark.parametrize("verb", ["job-mean", "retrain-on MODEL=mean schedule=@daily", "sweep-job MODEL=mean"])
def test_a_value_stands_in_its_place_and_does_no_more(tuned, oc, verb):
    files = {"job-mean": "train-mean.yaml", "sweep-job": "run.yaml", "retrain-on": "schedule.yaml"}
    template = tuned / "openshift" / files[verb.split()[0]]
    own = {"JOB", "VERB", "ARGS", "MODEL", "DATA_VOLUME", "SPOOL_VOLUME"}
    names = [name for name in fields(template) if name not in own and name.lower() not in CHECKED]
    run("make", *verb.split(), *(f"{name.lower()}={HOSTILE}" for name in names), cwd=tuned)
    asked = [call for call in calls(oc) if call[0] == "process"][-1]
    assert {f"{name}={json.dumps(HOSTILE) if name in TYPED else HOSTILE}" for name in names} <= {*asked}

    marks = {name: f"<{name}>" for name in names}
    own = dict(
        word.split("=", 1) for word in asked if word.startswith(("JOB=", "VERB=", "ARGS=", "MODEL=", "SCHEDULE="))
    )
    (expected,) = process(template, opening(template) | {"NAME": "ml-project"} | own | marks)
    expected = json.dumps(expected)
    for name in names:
        assert f"<{name}>" in expected
        expected = expected.replace(f"<{name}>", json.dumps(HOSTILE)[1:-1])
    found = made(oc)
    if found["kind"] == "Job":
        del found["metadata"]["name"]
    assert found == admitted(json.loads(expected), {"ml-project:latest": "registry/ml-project@sha256:0"})
    assert not list(tuned.rglob("owned"))


@pytest.mark.parametrize("verb", ["job-mean", "retrain-on MODEL=mean schedule=@daily", "train-job MODEL=mean"])
def test_the_program_gets_a_value_as_it_was_typed(tuned, oc, store, verb):
    data = tuned / f"{HOSTILE} rows.parquet"
    pd.DataFrame({"a": range(40), HOSTILE: [number % 5 for number in range(40)]}).to_parquet(data)
    given = [f"{name}={HOSTILE}" for name in ("note", "target", "user")]
    run("make", *verb.split(), *given, f"data={data}", cwd=tuned)
    env, command, args = started(made(oc), "a-job")
    assert command[0] == "python"
    env.pop("MLFLOW_TRACKING_URI")  # the test's own store instead
    python(*command[1:], *args, cwd=tuned, env=env)
    (tracked,) = runs(store)
    assert tracked.data.params == {"note": HOSTILE, "shift": "0.0", "seed": "0"}
    assert (tracked.data.tags["target"], tracked.data.tags["mlflow.user"]) == (HOSTILE, HOSTILE)
    assert json.loads(tracked.inputs.dataset_inputs[0].dataset.source)["uri"] == str(data)
    assert (tracked.data.tags["job"], tracked.data.tags["pod"]) == ("a-job", "a-job-x7k2p")
    assert not list(tuned.rglob("owned"))


@pytest.mark.parametrize("verb", ["job-mean", "retrain-on MODEL=mean schedule=@daily", "train-job MODEL=mean"])
@pytest.mark.parametrize(("value", "told"), REFUSED.items())
def test_what_would_not_arrive_is_refused(tuned, oc, verb, value, told):
    done = run("make", *verb.split(), f"note={value}", cwd=tuned, check=False)
    assert told.format(value) in only_line(done)
    assert not (oc / "objects").exists()
    assert not list(tuned.rglob("owned"))


def test_what_kubernetes_does_replace():
    """The stand-in for the kubelet does what the values above are refused for."""
    env = [{"name": "SECRET", "value": "hunter2"}]
    container = {"env": env, "command": ["$(SECRET)", "$$(SECRET)", "a$$b", "$(touch owned)", "$SECRET $("]}
    job = {"kind": "Job", "spec": {"template": {"metadata": {"labels": {}}, "spec": {"containers": [container]}}}}
    assert started(job, "a").command == ["hunter2", "$(SECRET)", "a$b", "$(touch owned)", "$SECRET $("]
