"""A schedule on a cluster that writes into a CronJob, when it is made, the image that its tag names then."""

import json
from itertools import pairwise
from pathlib import Path

from ..cluster.api import changes
from ..cluster.openshift import process
from ..cluster.pods import pod
from ..helpers import calls, objects, run

RETRAIN = ["retrain-on", "MODEL=knn", "schedule=@daily", "n_neighbors=7"]


def images(oc: Path) -> dict[str, str]:
    return json.loads((oc / "images").read_text())


def tags(oc: Path, **named: str) -> None:
    """Let tags name other images than they did."""
    (oc / "images").write_text(json.dumps({f"ml-project:{tag}": image for tag, image in named.items()}))


def trained_with(oc: Path, kind: str) -> str:
    """The image of the newest object of a kind."""
    *_, made = [each for each in objects(oc) if each["kind"] == kind]
    return pod(made)["spec"]["containers"][0]["image"]


def test_a_schedule_trains_with_the_image_that_was_built_last(project, oc):
    tags(oc, latest="registry/ml-project@sha256:1", stable="registry/ml-project@sha256:0")
    run("make", *RETRAIN, cwd=project)
    assert trained_with(oc, "CronJob") == "registry/ml-project@sha256:1"
    run("make", "build", "git_uri=https://example.com", cwd=project)
    newest = images(oc)["ml-project:latest"]
    assert trained_with(oc, "CronJob") == newest != "registry/ml-project@sha256:1"
    run("make", *RETRAIN, cwd=project)
    assert trained_with(oc, "CronJob") == newest, "an old image came back"
    run("make", "job-knn", cwd=project)
    assert trained_with(oc, "Job") == newest
    run("make", *RETRAIN, "tag=stable", cwd=project)
    run("make", "build", "git_uri=https://example.com", cwd=project)
    assert trained_with(oc, "CronJob") == "registry/ml-project@sha256:0", "it follows another tag than its own"


def test_to_set_a_schedule_again_changes_no_more_than_the_image(project, oc):
    run("make", *RETRAIN, cwd=project)
    (live,) = objects(oc)
    asked = [call for call in calls(oc) if call[0] == "process"][-1]
    given = dict(word.split("=", 1) for flag, word in pairwise(asked) if flag == "-p")
    given |= {"NAME": "ml-project", "MLFLOW_TRACKING_URI": "http://mlflow:5000"}
    (made,) = process(project / "openshift" / "schedule.yaml", given)
    assert [*changes(made, live)] == [".spec.jobTemplate.spec.template.spec.containers.0.image"]


def test_what_a_second_apply_would_change_for_ever(project):
    """The stand-in sees what a cluster does: empty variables, and volumes without a source."""
    live = {"env": [{"name": "A"}], "volumes": [{"name": "a", "emptyDir": {}}], "other": 1}
    assert [*changes({"env": [{"name": "A", "value": ""}], "volumes": [{"name": "a"}]}, live)] == [
        ".env.0.value",
        ".volumes.0",
    ]
    assert not [*changes({"env": [{"name": "A"}], "volumes": [{"name": "a", "emptyDir": {}}]}, live)]
