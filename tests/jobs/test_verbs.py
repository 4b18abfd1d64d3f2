"""`make job-<model>` and its kin: what they ask `oc` for, what is on the cluster then, and what they refuse."""

import json
import re
from pathlib import Path

import pytest

from ..cluster.pods import pod
from ..helpers import MEAN, calls, objects, only_error, only_line, run

FILES = ["--param-file=openshift/params.env", "--param-file=openshift/jobs.env"]
each_verb = pytest.mark.parametrize(
    "verb",
    ["job-knn", "sweep-job", "upload-job", "retrain-on schedule=@daily", "check-off", "logs", "jobs", "clean-jobs"],
)
GIVEN = {"upload-job": ["spool_claim=kept"]}  # without which a verb is refused
PLAIN = ["jobs", "clean-jobs", "retrain-off", "sweep-off", "logs"]
OURS = ["-l", "app.kubernetes.io/part-of=ml-project"]


def there(oc: Path, kind: str) -> dict[str, dict]:
    """What is on the cluster of a kind, by name."""
    return {each["metadata"]["name"]: each for each in objects(oc) if each["kind"] == kind}


def told(container: dict) -> list[str]:
    """What the program is told, in command and args together."""
    words = container["command"] + container["args"]
    assert words[:3] == ["python", "-m", "experiment"]
    return words[3:]


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
    verb, model, *given = told(container)
    assert (verb, model) == ("train", "drive_failure")
    assert sorted(given) == ["--class_weight=balanced", "--data=s3://a/b's.csv", "--loss=hinge"]
    assert "oc process" in said
    run("make", "retrain-on", "MODEL=drive_failure", "schedule=0 4 * * *", cwd=project)
    ((_, made),) = there(oc, "CronJob").items()
    (container,) = pod(made)["spec"]["containers"]
    assert (made["spec"]["schedule"], told(container)) == ("0 4 * * *", ["train", "drive_failure"])
    calls(oc)
    run("make", "retrain-off", "MODEL=drive_failure", cwd=project)
    assert calls(oc)[-1] == ["delete", "--cascade=orphan", "cronjob/ml-project-drive-failure"]
    assert there(oc, "CronJob") == {}


def test_every_verb_of_the_program_is_a_job_but_what_writes_into_a_repository(project, oc):
    from experiment.__main__ import VERBS

    verbs = {verb: verb not in ("check", "upload") for verb in VERBS if verb != "sync"}
    for verb, of_a_model in verbs.items():
        model = ["kmeans"] if of_a_model else []
        words = {"predict": ["out=b.csv", "data=a.csv"]}.get(verb, [])  # without which it is refused
        run("make", f"{verb}-job", *(f"MODEL={name}" for name in model), *words, "spool_claim=kept", cwd=project)
        *_, made = objects(oc)
        said = "-".join(["ml-project", *([] if verb == "train" else [verb]), *model])
        assert re.fullmatch(rf"{said}-\w{{5}}", made["metadata"]["name"])
        first, *rest = told(pod(made)["spec"]["containers"][0])
        assert (first, sorted(rest)) == (verb, sorted([*model, *(f"--{word}" for word in words)]))
        for each in (made, pod(made)):
            labels = each["metadata"]["labels"]
            assert labels["app.kubernetes.io/component"] == verb
            assert [labels[key] for key in labels if key == "app.kubernetes.io/instance"] == model
    assert len({*run("make", "jobs", cwd=project).stdout.split()} & {*there(oc, "Job")}) == len(verbs)
    for word in ("job", "on", "off"):
        done = run("make", f"sync-{word}", cwd=project, check=False)
        assert done.stderr == f"make: *** No rule to make target 'sync-{word}'.  Stop.\n"


def test_the_words_of_a_verb_are_a_list_and_the_rest_is_the_pods(project, oc):
    words = ["where=metrics.`a b` > 0.9 and tags.x = 'it''s \"so\"  '", "top=3", "json=true"]
    run("make", "best-job", "MODEL=kmeans", *words, "memory=8Gi", "tag=latest", "data_secret=ceph", cwd=project)
    (made,) = objects(oc)
    (container,) = pod(made)["spec"]["containers"]
    verb, model, *given = told(container)
    assert (verb, model, sorted(given)) == ("best", "kmeans", sorted(f"--{word}" for word in words))
    assert container["resources"]["limits"]["memory"] == "8Gi"


def test_two_verbs_of_a_model_have_a_schedule_each_and_off_ends_the_right_one(project, oc):
    for verb in ("retrain-on", "sweep-on", "check-on"):
        run("make", verb, "MODEL=drive_failure", "schedule=@daily", cwd=project)
    run("make", "check-on", "schedule=@weekly", cwd=project)
    names = ["ml-project-drive-failure", "ml-project-sweep-drive-failure", "ml-project-check-drive-failure"]
    assert [*there(oc, "CronJob")] == [*names, "ml-project-check"]
    said = run("make", "sweep-on", "MODEL=drive_failure", "schedule=@hourly", "limit=3", cwd=project).stdout
    assert "cronjob.batch/ml-project-sweep-drive-failure configured" in said
    assert said.splitlines()[-1] == "end it: make sweep-off MODEL=drive_failure"
    run("make", "check-off", cwd=project)
    assert [*there(oc, "CronJob")] == names
    run("make", "sweep-off", "MODEL=drive_failure", cwd=project)
    assert [*there(oc, "CronJob")] == [names[0], names[2]]
    run("make", "train-off", "MODEL=drive_failure", cwd=project)
    assert [*there(oc, "CronJob")] == names[2:]


def test_what_predict_keeps_are_columns_and_any_other_verb_its_job(project, oc):
    words = ["MODEL=knn", "data=s3://a/new.csv", "out=s3://a/{date}.csv", "keep=id,date"]
    run("make", "predict-on", "schedule=@daily", *words, cwd=project)
    run("make", "sweep-job", "MODEL=knn", "keep=60", cwd=project)
    predicts, sweeps = (each["spec"] for each in objects(oc))
    (container,) = predicts["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    flags = {"--data=s3://a/new.csv", "--out=s3://a/{date}.csv", "--keep=id,date"}
    assert (told(container)[:2], set(told(container)[2:])) == (["predict", "knn"], flags)
    kept = predicts["jobTemplate"]["spec"]["ttlSecondsAfterFinished"], sweeps["ttlSecondsAfterFinished"]
    assert kept == (604800, 60)
    hostile = run("make", "predict-job", *words[:3], "keep=$(id)", cwd=project, check=False)
    assert "which Kubernetes replaces" in only_error(hostile)


def relabelled(oc: Path, **labels: str) -> None:
    """Let the schedule on the cluster have other labels, or none of an empty text."""
    (made,) = objects(oc)
    changed = made["metadata"]["labels"] | {f"app.kubernetes.io/{key}": value for key, value in labels.items()}
    made["metadata"]["labels"] = {key: value for key, value in changed.items() if value}
    (oc / "objects").write_text(json.dumps([made]))


# Another model's, whose name ends alike; another project's; a person's own
@pytest.mark.parametrize(
    "labels",
    [
        {"component": "train", "instance": "sweep_knn"},
        {"part-of": "ml"},
        {"component": "", "instance": "", "part-of": ""},
    ],
)
def test_a_schedule_that_is_anothers_is_neither_replaced_nor_ended(project, oc, labels):
    run("make", "sweep-on", "MODEL=knn", "schedule=@daily", cwd=project)
    relabelled(oc, **labels)
    before = objects(oc)
    for words in (["sweep-on", "MODEL=knn", "schedule=@hourly"], ["sweep-off", "MODEL=knn"]):
        line = only_error(run("make", *words, cwd=project, check=False))
        assert "cronjob/ml-project-sweep-knn is not of project, verb and model 'ml-project sweep knn', but of '" in line
        assert " ".join(filter(None, labels.values())) in line
        assert objects(oc) == before


def test_a_schedule_of_an_earlier_version_is_set_again_and_ended(project, oc):
    run("make", "retrain-on", "MODEL=knn", "schedule=@daily", cwd=project)
    relabelled(oc, component="training")
    run("make", "retrain-on", "MODEL=knn", "schedule=@hourly", cwd=project)
    assert there(oc, "CronJob")["ml-project-knn"]["spec"]["schedule"] == "@hourly"
    relabelled(oc, component="training")
    run("make", "retrain-off", "MODEL=knn", cwd=project)
    assert not objects(oc)


def test_a_schedule_whose_name_is_too_long_is_refused_with_both_names(bake, oc):
    """A model's name fits that of its training; with a verb in it, it may not."""
    longest = "m" * (52 - len("ml-project-"))
    for name, fits in ((longest, ["retrain-on"]), (longest[6:], ["retrain-on", "sweep-on"])):
        (bake / "models" / f"{name}.py").write_text(MEAN)
        for verb in ("retrain-on", "sweep-on"):
            done = run("make", verb, f"MODEL={name}", "schedule=@daily", cwd=bake, check=False)
            assert (done.returncode == 0) == (verb in fits)
            if verb not in fits:
                line = only_error(done)
                assert f"ml-project-sweep-{name}: a CronJob's name has 52 letters at most, and this one 58" in line
                assert f"models/{name}.py, or of the project, ml-project" in line
    assert len(there(oc, "CronJob")) == 3


def test_a_machine_without_the_libraries_brings_over_what_was_kept(project, oc, monkeypatch):
    """It starts Jobs of models, too, whose fields are those of a Template; only words of a verb ask the program."""
    monkeypatch.delenv("VENV")
    run("make", "upload-job", "spool_claim=kept", cwd=project)
    run("make", "job-knn", "n_neighbors=7", cwd=project)
    line = only_error(run("make", "upload-job", "spool_claim=kept", "keepp=1", cwd=project, check=False))
    assert line == "error: .venv is missing; run: make setup"
    for words in (["sweep-job"], ["retrain-on", "schedule=@daily"]):
        assert only_error(run("make", *words, cwd=project, check=False)) == line
    assert len(there(oc, "Job")) == len(objects(oc)) == 2


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


@pytest.mark.parametrize("verb", ["job-knn", "train-job", "upload-job spool_claim=kept", "sweep-on schedule=@daily"])
def test_what_is_set_on_this_machine_is_not_passed_over(project, oc, monkeypatch, verb):
    """Nor does it count in what is asked beforehand, where a Job has another."""
    monkeypatch.setenv("MODEL", "-h")  # a default, which has to be one
    if verb.startswith(("train", "sweep")):
        assert "-h: asks for help" in only_error(run("make", *verb.split(), cwd=project, check=False))
    for value in ("", "knn"):
        monkeypatch.setenv("MODEL", value)
        monkeypatch.setenv("MLFLOW_RUN_ID", "abc")
        run("make", *verb.split(), *(["resume=a"] if verb.startswith("sweep") else []), cwd=project)
    monkeypatch.setenv("PARAM_N_NEIGHBORS", "7")
    line = only_line(run("make", *verb.split(), cwd=project, check=False))
    assert "PARAM_N_NEIGHBORS: a Job does not see what is set on this machine; unset it, and type it" in line
    assert len(objects(oc)) == (1 if verb.startswith("sweep") else 2)


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
        (["retrain-on", "schedule=@daily", "MODEL=knm"], "knm: no such model in models/; did you mean knn?"),
        (
            ["retrain-on", "schedule=@daily", "MODEL=$(shell touch owned);touch owned"],
            "error: MODEL=$(shell touch owned);touch owned: give it",
        ),
        (["retrain-on", "schedule=@daily", "n_neighbours=7"], "--n-neighbours: unknown to python -m experiment train"),
        (["retrain-on", "schedule=@daily", "n_neighbors=0"], "--n-neighbors 0: n_neighbors must be a whole number"),
        (["sweep-job", "n_neighbors=0"], "--n-neighbors 0: n_neighbors must be a whole number"),
        (["sweep-job", "limit=0"], "argument --limit: 0 must be 1 or more"),
        (["sweep-job", "schedule=@daily"], 'unknown parameter name "SCHEDULE"'),
        (["sweep-on", "schedule=@daily", "strategie=tpe"], "did you mean --strategy or "),
        (["best-job", "MODEL=knn", "model=kmeans"], "--model: unknown to python -m experiment best knn"),
        (["check-job", "MODEL=knm"], "knm: no such model in models/; did you mean knn?"),
        (["upload-job", "MODEL=knn", "spool_claim=kept"], "knn: unknown to python -m experiment upload"),
        (["check-on", "MODEL=knn"], 'say when: make check-on MODEL=knn schedule="0 3 * * 1"'),
        (["check-on"], 'say when: make check-on schedule="0 3 * * 1"'),
        (["upload-on", "schedule=@daily"], "say where runs are kept: spool_claim=ml-project-spool"),
        (["upload-job", "spool_claim=null"], "say where runs are kept: spool_claim=ml-project-spool"),
        (["retrain-on", "schedule=@daily", "MODEL="], "error: MODEL=: give it the name of a model"),
        (["train-job", "help=true"], "knn --help=true: asks for help"),
        (["sweep-job", "MODEL=kmeans", "k=3"], "nothing is left to sweep"),
        (["sweep-on", "schedule=@daily", "MODEL=elasticnet", "strategy=grid"], "is a Range; a grid has lists"),
        (["sweep-job", "fail_fast=true", "max_failures=5"], "not allowed with argument --"),
        *(([verb, "data=a"], f"make {verb} knows no data=") for verb in PLAIN),
        (["logs", "jbo=a-job"], "make logs knows no jbo=; it knows job="),
        (["upload-job"], "say where runs are kept: spool_claim=ml-project-spool"),
        (["retrain-on", "MODEL=kmeans"], 'say when: make retrain-on MODEL=kmeans schedule="0 3 * * 1"'),
    ],
)
def test_what_cannot_work_is_one_line_and_nothing_is_started(project, oc, words, told):
    done = run("make", *words, cwd=project, check=False)
    assert told in only_line(done)
    assert ("oc process" in done.stdout) == ("unknown parameter" in told), "what is not sent was shown"
    assert not (oc / "objects").exists()
    assert not (project / "owned").exists()
