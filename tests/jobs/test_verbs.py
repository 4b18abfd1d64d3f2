"""`make job-<model>` and its kin: what they ask `oc` for, what is on the cluster then, and what they refuse."""

import json
import re
from pathlib import Path

import pytest

from ..cluster.pods import pod
from ..helpers import calls, objects, only_error, only_line, run

FILES = ["--param-file=openshift/params.env", "--param-file=openshift/jobs.env"]
each_verb = pytest.mark.parametrize(
    "verb", ["job-knn", "upload-job", "retrain-on schedule=@daily", "retrain-off", "logs", "jobs", "clean-jobs"]
)
GIVEN = {"upload-job": ["spool_claim=kept"]}  # without which a verb is refused
PLAIN = ["jobs", "clean-jobs", "retrain-off", "logs"]
OURS = ["-l", "app.kubernetes.io/part-of=ml-project,app.kubernetes.io/component=training"]


def there(oc: Path, kind: str) -> dict[str, dict]:
    """What is on the cluster of a kind, by name."""
    return {each["metadata"]["name"]: each for each in objects(oc) if each["kind"] == kind}


def ended(oc: Path, name: str, condition: str) -> None:
    """Let a Job end."""
    present = objects(oc)
    (job,) = [each for each in present if each["metadata"]["name"] == name]
    job["status"] = {"conditions": [{"type": "SuccessCriteriaMet"}, {"type": condition}]}
    (oc / "objects").write_text(json.dumps(present))


def test_a_job_is_started_with_what_was_typed(project, oc):
    said = run("make", "job-drive_failure", "loss=hinge", "memory=8Gi", "data_claim=rows", cwd=project).stdout
    image, process, create = calls(oc)
    assert image == ["get", "imagestreamtag/ml-project:latest"]
    assert process[:5] == ["process", *FILES, "-f", "openshift/train-drive_failure.yaml"]
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": "rows"}}
    given = {"USER=dana", "LOSS=hinge", "MEMORY=8Gi", f"DATA_VOLUME={json.dumps(volume)}"}
    assert {*process[6::2]} == given
    assert create == ["create", "-f", "-"]
    ((name, job),) = there(oc, "Job").items()
    assert re.fullmatch(r"ml-project-drive-failure-\w{5}", name)
    (container,) = pod(job)["spec"]["containers"]
    assert "--loss=hinge" in container["args"]
    assert {"name": "USER", "value": "dana"} in container["env"]
    assert {"name": "MLFLOW_TRACKING_URI", "value": "http://mlflow:5000"} in container["env"]
    assert volume in pod(job)["spec"]["volumes"]
    assert f"job.batch/{name} created" in said
    user, shown, *_ = said.splitlines()
    assert user == "user=$(oc whoami)"
    assert shown.startswith(f"oc process {' '.join(FILES)} -f openshift/train-drive_failure.yaml ")
    assert shown.endswith("| oc create -f -"), "the command that ran was not shown"
    assert said.splitlines()[-1] == "follow it: make logs"


def test_what_jobs_kept_is_brought_over_by_a_job(project, oc):
    said = run("make", "upload-job", "spool_claim=kept", cwd=project).stdout
    ((name, job),) = there(oc, "Job").items()
    assert re.fullmatch(r"ml-project-upload-\w{5}", name)
    assert {"name": "spool", "persistentVolumeClaim": {"claimName": "kept"}} in pod(job)["spec"]["volumes"]
    assert said.splitlines()[-1] == "follow it: make logs"


def test_jobs_are_listed_and_cleaned(project, oc):
    for _ in range(4):
        run("make", "job-knn", cwd=project)
    first, second, third, newest = there(oc, "Job")
    calls(oc)
    assert {first, second, third, newest} <= set(run("make", "jobs", cwd=project).stdout.split())
    assert calls(oc) == [["get", "cronjobs,jobs", *OURS]]

    ended(oc, first, "Complete")
    ended(oc, second, "Failed")
    ended(oc, third, "FailureTarget")  # its pod is still being ended
    run("make", "clean-jobs", cwd=project)
    assert set(there(oc, "Job")) == {third, newest}
    assert calls(oc)[-1] == ["delete", "job", first, second]
    run("make", "clean-jobs", cwd=project)
    assert [call[0] for call in calls(oc)] == ["get"], "nothing had ended"


def test_a_schedule_is_set_changed_and_taken_away(project, oc):
    words = ["MODEL=drive_failure", "schedule=0 3 * * 1", "data=s3://a/b's.csv", "loss=hinge", "class_weight=balanced"]
    said = run("make", "retrain-on", *words, cwd=project).stdout
    ((name, made),) = there(oc, "CronJob").items()
    assert (name, made["spec"]["schedule"]) == ("ml-project-drive-failure", "0 3 * * 1")
    (container,) = pod(made)["spec"]["containers"]
    assert container["command"][3:] == ["train", "drive_failure", "--data=s3://a/b's.csv", "--target="]
    assert sorted(container["args"]) == ["--class_weight=balanced", "--loss=hinge"]
    assert "oc process" in said
    run("make", "retrain-on", "MODEL=drive_failure", "schedule=0 4 * * *", cwd=project)
    ((_, made),) = there(oc, "CronJob").items()
    (container,) = pod(made)["spec"]["containers"]
    assert (made["spec"]["schedule"], container["args"]) == ("0 4 * * *", [])
    calls(oc)
    run("make", "retrain-off", "MODEL=drive_failure", cwd=project)
    assert calls(oc) == [["delete", "--cascade=orphan", "cronjob/ml-project-drive-failure"]]
    assert there(oc, "CronJob") == {}


@each_verb
def test_a_dry_run_only_shows_the_commands(project, oc, verb):
    said = run("make", *verb.split(), *GIVEN.get(verb, []), "DRY_RUN=1", cwd=project).stdout
    assert not calls(oc)
    assert "oc " in said or said == "sh openshift/logs.sh ml-project\n", "which tells its oc when the pod is known"


@each_verb
def test_without_oc_or_a_login_one_line_says_so(project, oc, monkeypatch, verb):
    words = [*verb.split(), *GIVEN.get(verb, [])]
    monkeypatch.delenv("OC_USER")
    line = only_error(run("make", *words, cwd=project, check=False))
    assert re.search(r"oc: Missing or incomplete configuration info.*; log in first: oc login", line)
    monkeypatch.setenv("OC_USER", "")  # what a library logs comes first
    line = only_error(run("make", *words, cwd=project, check=False))
    assert "oc: You must be logged in to the server (Unauthorized); log in first: oc login" in line
    (oc / "oc").write_text("#!/bin/sh\necho 'Unable to connect to the server: no such host' >&2; exit 1\n")
    assert only_error(run("make", *words, cwd=project, check=False)).endswith("server: no such host")
    (oc / "oc").unlink()
    assert "oc is not installed" in only_error(run("make", *words, cwd=project, check=False))


@pytest.mark.parametrize("verb", ["job-knn", "upload-job", "retrain-on schedule=@daily"])
def test_without_an_image_one_line_says_what_helps(project, oc, monkeypatch, verb):
    words = ["make", *verb.split(), *GIVEN.get(verb, [])]
    line = only_error(run(*words, "tag=stable", cwd=project, check=False))
    assert re.search(
        r'imagestreamtags.* "ml-project:stable" not found; .*oc tag ml-project:latest ml-project:stable', line
    )
    (oc / "images").write_text('{"ml-project:stable": "registry/ml-project@sha256:0"}')
    assert re.search(r"latest.* not found; first: make build", only_error(run(*words, cwd=project, check=False)))
    run(*words, "tag=stable", cwd=project)
    (oc / "images").write_text("{}")
    assert re.search(r"imagestreams.* not found; first: make build", only_error(run(*words, cwd=project, check=False)))
    monkeypatch.setenv("OC_FORBIDDEN", "imagestreamtags")
    line = only_error(run(*words, cwd=project, check=False))
    assert "is forbidden" in line
    assert "make build" not in line


@pytest.mark.parametrize("verb", ["logs", "jobs", "clean-jobs"])
def test_who_may_not_read_jobs_is_told_that(project, oc, monkeypatch, verb):
    monkeypatch.setenv("OC_FORBIDDEN", "jobs")
    assert "jobs.batch is forbidden" in only_line(run("make", verb, cwd=project, check=False))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["job-knm"], "there is no openshift/train-knm.yaml; make sync writes it for models/knm.py"),
        (["job-knn;touch owned"], "there is no openshift/train-knn;touch owned.yaml"),
        (["job-knn", "n_neighbours=7"], 'unknown parameter name "N_NEIGHBOURS"'),
        (["retrain-on", "schedule=@daily", "MODEL=knm"], "there is no openshift/train-knm.yaml"),
        (
            ["retrain-on", "schedule=@daily", "MODEL=$(shell touch owned);touch owned"],
            "there is no openshift/train-$(shell",
        ),
        (["retrain-on", "schedule=@daily", "n_neighbours=7"], 'unknown parameter name "N_NEIGHBOURS"'),
        *(([verb, "data=a"], f"make {verb} knows no data=") for verb in PLAIN),
        (["logs", "jbo=a-job"], "make logs knows no jbo=; it knows job="),
        (["upload-job"], "say where runs are kept: make upload-job spool_claim=ml-project-spool"),
        (["retrain-on", "MODEL=kmeans"], 'say when: make retrain-on MODEL=kmeans schedule="0 3 * * 1"'),
    ],
)
def test_what_cannot_work_is_one_line_and_nothing_is_started(project, oc, words, told):
    done = run("make", *words, cwd=project, check=False)
    assert told in only_line(done)
    assert not (oc / "objects").exists()
    assert not (project / "owned").exists()
