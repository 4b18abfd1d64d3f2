"""The Templates that `make sync` writes: a form for each model, and what runs any verb, once or on a schedule."""

import json
import re
from pathlib import Path

import pytest
import yaml

from ..cluster.openshift import process
from ..cluster.pods import pod, started
from ..cluster.templates import CHANGED, changed, opening, problems
from ..helpers import MEAN, experiment, refused


def made(template: Path, given) -> dict:
    """The one object that a Template makes."""
    (found,) = process(template, given(template))
    return found


def with_a_job(project: Path) -> list[Path]:
    """The Templates that `make sync` writes."""
    found = [path for path in (project / "openshift").glob("*.yaml") if "Written by `make sync`" in path.read_text()]
    assert len(found) == 6
    return found


def test_every_field_of_a_job_is_a_word_that_no_hyperparameter_may_have(project):
    from experiment.declaration import load
    from experiment.declaration.contract import RESERVED

    for path in with_a_job(project):
        fields = {each["name"].lower() for each in yaml.safe_load(path.read_text())["parameters"]}
        trained = path.stem.removeprefix("train-")
        tuned = load(trained).hyperparameters.model_fields.keys() if trained != path.stem else {"verb", "args"}
        assert tuned <= fields
        assert fields - tuned <= RESERVED, "or make would take a hyperparameter for a setting of the pod"


def test_no_setting_of_a_job_hides_a_flag_of_a_verb(project):
    """What is typed as name=value is one or the other: of `predict`, `make` takes keep= for the verb's own."""
    from experiment.__main__ import VERBS

    path = project / "openshift" / "schedule.yaml"
    settings = {each["name"].lower() for each in yaml.safe_load(path.read_text())["parameters"]}
    for verb in VERBS:
        words = [verb] if verb in ("check", "upload", "sync") else [verb, "knn"]
        flags = set(re.findall(r"--([a-z-]+)", experiment(project, *words, "--help").stdout))
        own = {"keep"} if verb == "predict" else set()
        assert {flag.replace("-", "_") for flag in flags} & settings == own, verb


def test_a_job_is_what_its_parameters_say(project):
    job = made(project / "openshift" / "train-knn.yaml", changed)
    spec, pod_spec = job["spec"], pod(job)["spec"]
    (container,) = pod_spec["containers"]
    assert job["metadata"]["generateName"] == f"{CHANGED['NAME']}-knn-"
    assert job["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "1234"
    assert (spec["backoffLimit"], spec["ttlSecondsAfterFinished"]) == (0, 60)
    assert "activeDeadlineSeconds" not in spec, "it would delete the pod, and the log that is to be kept"
    assert pod_spec["activeDeadlineSeconds"] == 7200
    assert pod_spec["enableServiceLinks"] is False
    assert container["image"] == f"{CHANGED['NAME']}:stable"
    size = {"cpu": "2500m", "memory": "3Gi", "ephemeral-storage": "20Gi", "nvidia.com/gpu": 2}
    assert container["resources"] == {"requests": size, "limits": size}
    assert (pod_spec["serviceAccountName"], pod_spec["automountServiceAccountToken"]) == ("trainer", True)
    assert {"name": "data", "persistentVolumeClaim": {"claimName": "rows"}} in pod_spec["volumes"]
    assert {"name": "spool", "persistentVolumeClaim": {"claimName": "kept"}} in pod_spec["volumes"]
    assert container["args"] == ["--seed=7", "--n-neighbors=7", "--weights=distance"]
    assert container["command"][-2:] == [f"--data={CHANGED['DATA']}", "--target=a,b"]


def test_what_is_not_asked_for_is_not_in_a_job(project):
    job = made(project / "openshift" / "train-knn.yaml", opening)
    spec = pod(job)["spec"]
    assert "kueue.x-k8s.io/queue-name" not in job["metadata"]["labels"]
    assert spec["containers"][0]["resources"]["limits"].keys() == {"cpu", "memory", "ephemeral-storage"}
    assert [each["name"] for each in spec["volumes"]] == ["tmp", "spool", "data"]
    assert all(each["emptyDir"]["sizeLimit"] for each in spec["volumes"])
    (told,) = [each["value"] for each in spec["containers"][0]["env"] if each["name"] == "SPOOL_VOLUME"]
    assert json.loads(told) == spec["volumes"][1], "so that nothing is kept in it"
    assert spec["automountServiceAccountToken"] is False
    assert "suspend" not in job["spec"], "Kueue's to set"


@pytest.mark.parametrize("value", ['{"a": 1}', "[]", "some"])
@pytest.mark.parametrize(
    "name", ["SERVICE_ACCOUNT_TOKEN", "RETRIES", "DEADLINE", "KEEP", "GPU", "DATA_VOLUME", "SPOOL_VOLUME"]
)
def test_what_is_no_number_and_no_claim_is_not_taken_for_one(project, name, value):
    path = project / "openshift" / "train-knn.yaml"
    found = problems(path, opening(path) | {name: value})
    assert found or (name, value) == ("GPU", "some"), "which is no quantity, as the API server knows"


def test_what_cannot_succeed_is_not_tried_again_and_an_eviction_does_not_count(project):
    from experiment.errors import Exit

    job = made(project / "openshift" / "train-kmeans.yaml", opening)
    evicted, refused = job["spec"]["podFailurePolicy"]["rules"]
    assert evicted == {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}
    exits = refused.pop("onExitCodes")
    assert refused == {"action": "FailJob"}
    assert (exits["operator"], exits["values"]) == ("In", [Exit.BAD_INPUT, Exit.NEGATIVE, Exit.SPOOLED])
    assert exits["containerName"] == pod(job)["spec"]["containers"][0]["name"]
    assert pod(job)["spec"]["restartPolicy"] == "Never", "pod failure policies want it"


def test_a_schedule_runs_the_job_that_is_run_once(project):
    schedule = made(project / "openshift" / "schedule.yaml", changed)
    spec = schedule["spec"]
    assert (schedule["metadata"]["name"], spec["schedule"]) == (CHANGED["JOB"], CHANGED["SCHEDULE"])
    assert (spec["timeZone"], spec["concurrencyPolicy"]) == ("Europe/Berlin", "Forbid")
    assert (spec["successfulJobsHistoryLimit"], spec["failedJobsHistoryLimit"]) == (3, 3)
    assert spec["jobTemplate"]["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "1234"
    scheduled = spec["jobTemplate"]["spec"]
    once = made(project / "openshift" / "run.yaml", changed)
    assert scheduled == once["spec"]
    assert once["metadata"]["generateName"] == f"{CHANGED['JOB']}-"
    job = made(project / "openshift" / "train-drive_failure.yaml", changed)
    words = [each["spec"]["template"]["spec"]["containers"][0] for each in (once, job)]
    assert words[0].pop("command") == ["python", "-m", "experiment", "sweep"]
    assert words[0].pop("args") == json.loads(CHANGED["ARGS"])
    del words[1]["command"], words[1]["args"]
    for each in (once, job):
        verb = each["spec"]["template"]["metadata"]["labels"].pop("app.kubernetes.io/component")
        assert verb == ("sweep" if each is once else "train")
    assert once["spec"] == job["spec"], "a form's Job is another one"


def test_a_verb_of_no_model_has_no_model_among_its_labels(project):
    path = project / "openshift" / "run.yaml"
    for model, label in (("null", []), ("knn", ["knn"])):
        (job,) = process(path, opening(path) | {"MODEL": model})
        for each in (job, pod(job)):
            found = [value for key, value in each["metadata"]["labels"].items() if key == "app.kubernetes.io/instance"]
            assert found == label


def test_what_is_kept_is_brought_over_from_the_volume_that_jobs_keep_it_on(project):
    job, trained = (made(project / "openshift" / f"{name}.yaml", changed) for name in ("run", "train-knn"))
    (container,), (training,) = (pod(each)["spec"]["containers"] for each in (job, trained))
    assert {"name": "SPOOL_DIR", "value": "/spool"} in container["env"]
    assert container["env"] == training["env"]
    assert container["volumeMounts"] == training["volumeMounts"]
    path = project / "openshift" / "spool.yaml"
    claim = made(path, opening)
    assert claim["metadata"]["name"] == f"{opening(path)['NAME']}-spool"
    assert claim["spec"]["accessModes"] == ["ReadWriteMany"]


def test_a_service_that_is_named_like_a_hyperparameter_is_none(project):
    job = made(project / "openshift" / "train-kmeans.yaml", opening)
    assert not [name for name in started(job, "a-job").env if name.startswith("PARAM_")]
    del pod(job)["spec"]["enableServiceLinks"]
    assert "PARAM_K_PORT" in started(job, "a-job").env, "the stand-in tells it, as a kubelet does"


def test_the_console_shows_every_template_in_its_catalog(project):
    for path in (project / "openshift").glob("*.yaml"):
        shown = yaml.safe_load(path.read_text())["metadata"]["annotations"]
        assert (shown["tags"], shown["iconClass"]) == ("machine-learning,mlflow", "icon-python")


def test_an_account_has_no_rights_unless_they_are_asked_for(project):
    path = project / "openshift" / "service-account.yaml"
    account, binding = process(path, opening(path))
    assert account["automountServiceAccountToken"] is False
    assert account["metadata"]["labels"]["app.kubernetes.io/component"] == "training"
    assert binding["metadata"]["labels"]["app.kubernetes.io/component"] == "tracking", "else the -l would bind, too"
    assert binding["roleRef"]["name"] == "mlflow-operator-mlflow-integration"
    assert [each["name"] for each in binding["subjects"]] == [account["metadata"]["name"]]


def test_a_new_model_has_a_template_and_one_that_is_gone_has_none(bake):
    mean, mine = (bake / "openshift" / f"train-{name}.yaml" for name in ("mean", "mine"))
    (bake / "models" / "mean.py").write_text(MEAN)
    (bake / "models" / "kmeans.py").unlink()
    mine.write_text("# a person's own\n")
    said = experiment(bake, "sync", "--check", check=False)
    assert said.returncode == 1
    assert "openshift/train-mean.yaml: missing; run `make sync`\n" in said.stdout
    assert "openshift/train-kmeans.yaml: its model is gone; run `make sync`\n" in said.stdout
    experiment(bake, "sync")
    assert problems(mean, opening(mean)) == problems(mean, changed(mean)) == []
    assert mean.read_text().startswith("# Trains mean once, as a Job. The mean: a model of a library")
    assert not (bake / "openshift" / "train-kmeans.yaml").exists()
    assert mine.exists()
    assert experiment(bake, "sync", "--check").stdout == ""

    (bake / "models" / "mine.py").write_text(MEAN)
    refused(experiment(bake, "sync", check=False), "openshift/train-mine.yaml", "rename it")
    assert mine.read_text() == "# a person's own\n"


def test_a_model_whose_name_no_cluster_takes_is_refused(bake):
    """As a label's value, and with the project's as a CronJob's name, whose Jobs and pods have longer ones."""
    longest = 52 - len("ml-project-")
    good, *wrong = ("m" * longest, "m" * (longest + 1), "mean_")
    for name in (good, *wrong):
        (bake / "models" / f"{name}.py").write_text(MEAN)
    done = experiment(bake, "sync", check=False)
    assert done.returncode == 2
    assert [line.split(":")[1] for line in done.stderr.splitlines()] == [f" models/{name}.py" for name in sorted(wrong)]
    assert all(
        f"{longest} letters at most, and no _ at the end; rename it" in line for line in done.stderr.splitlines()
    )
    assert (bake / "openshift" / f"train-{good}.yaml").exists()
    assert not [name for name in wrong if (bake / "openshift" / f"train-{name}.yaml").exists()]
    for name in wrong:
        (bake / "models" / f"{name}.py").unlink()
    assert experiment(bake, "sync", "--check").stdout == ""


def test_a_copy_of_a_template_is_a_persons_own(bake):
    copies = [bake / "openshift" / f"{name}.yaml" for name in ("train-knn-gpu", "train-mean", "schedule-nightly")]
    for copy, of in zip(copies, ("train-knn", "train-knn", "schedule"), strict=True):
        copy.write_text((bake / "openshift" / f"{of}.yaml").read_text() + "# mine\n")
    assert experiment(bake, "sync").stdout == ""
    (bake / "models" / "mean.py").write_text(MEAN)
    refused(experiment(bake, "sync", check=False), "openshift/train-mean.yaml", "rename it")
    assert all(copy.read_text().endswith("# mine\n") for copy in copies)


def test_a_template_that_was_edited_is_told_with_its_line_and_a_change_to_all_is_made_once(bake):
    path = bake / "openshift" / "train-knn.yaml"
    path.write_text(path.read_text().replace("neighbours that vote", "voters"))
    said = experiment(bake, "sync", "--check", check=False)
    line = next(number for number, text in enumerate(path.read_text().splitlines(), 1) if "voters" in text)
    assert said.stdout.startswith(f"openshift/train-knn.yaml, line {line}: is ")

    job = bake / "experiment" / "manifests" / "job.yaml"
    job.write_text(job.read_text().replace("    volumes:", "    nodeSelector: {gpu: a100}\n    volumes:"))
    experiment(bake, "sync")
    for path in with_a_job(bake):
        assert pod(made(path, opening))["spec"]["nodeSelector"] == {"gpu": "a100"}
        assert problems(path, opening(path)) == []
