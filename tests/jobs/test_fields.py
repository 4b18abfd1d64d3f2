"""What the cluster would refuse in a screenful, or take for something else, make refuses in a line that names the field."""

import json
import re
import subprocess
import sys

import pytest
import yaml

from ..cluster.openshift import param_file
from ..cluster.pods import pod
from ..cluster.templates import problems
from ..helpers import MEAN, PRODUCT, calls, experiment, objects, only_error, only_line, run
from .test_hostile import CHECKED, HOSTILE

NAMES = ["data_claim", "spool_claim", "data_secret", "tracking_secret", "service_account", "queue", "git_secret"]
WRONG = {
    "cpu": ["0", "0.0", "two", "0.0001", "2 cores", "-1", "2G"],
    "memory": ["4GB", "4", "4gi", "0Gi", "4 Gi", "8192m"],
    "ephemeral_storage": ["10GB", "10"],
    "gpu": ["0", "a100", "1.5", "true"],
    "retries": ["-1", "two", "08", "1e3"],
    "deadline": ["0", "1h", "99999999999"],
    "keep": ["-1", "a week"],
    "tag": ["-a", "a:b", "a b"],
    "service_account_token": ["yes", "True", "1"],
    "time_zone": ["Europe Berlin"],
    "name": ["other"],
    **{name: ["a_b", "-a", "a-", "A", "a/b", "a..b", "a" * 64] for name in NAMES},
    "queue": ["a.b", "-a", "A", "a" * 64],
    "NAME": ["a b", '"a"', "a_b", "A"],
    "schedule": ["hello", "0 3 * *", "@never", "0 3 * * 1 $", "3"],
    "job": ["a b", "-a"],
    "MODEL": ["-h", "--leave", "Knn", "knn_", "a-b", "a b", "*", "m" * 64],
}
RIGHT = {
    "cpu": ["2", "500m", "0.5", "2.500"],
    "memory": ["4Gi", "1.5Gi", "0.5Gi", "512Mi", "4G"],
    "ephemeral_storage": ["100Gi"],
    "gpu": ["1", "16", "null"],
    "retries": ["0", "10"],
    "deadline": ["1", "604800"],
    "keep": ["0", "60"],
    "tag": ["latest", "v1.0_b"],
    "service_account_token": ["true", "false"],
    "time_zone": ["Etc/UTC", "Europe/Berlin", "Etc/GMT+3"],
    **{name: ["a", "1234", "true", "team-a.b"] for name in NAMES},
    "queue": ["a", "1234", "true", "team-a"],
    "NAME": ["a", "my-project"],
    "schedule": ["@daily", "@every 2h", "0 3 * * 1", "*/5  0-6 1,15 JAN MON-FRI"],
    "job": ["a-job-1", "job/a", "job.batch/a"],
    "MODEL": ["knn", "drive_failure", "m" * 63],
}
# What steers a terminal, turns a line round or ends it; and bytes that are no letters, which JSON would have as others
SIGNS = [
    "\t",
    "\x1b[2J",
    "\x7f",
    "\x85",
    "\x9b",
    "\u2028",
    "\u2029",
    "\u202e",
    "\u2066",
    "\udcff",
    "\udcc3",
    "\udced\udca0\udc80",
]


def checked(*words: str) -> subprocess.CompletedProcess:
    return run("sh", "openshift/fields.sh", *words, cwd=PRODUCT, check=False)


def test_every_field_has_values_that_are_wrong_and_such_that_are_right():
    assert WRONG.keys() == CHECKED
    assert RIGHT.keys() == CHECKED - {"name"}


@pytest.mark.parametrize("field", WRONG)
def test_what_no_cluster_takes_is_refused_in_a_line_that_names_the_field(field):
    for value in ["", HOSTILE, *WRONG[field]]:
        done = checked("n_neighbors=7", f"{field}={value}")
        (line,) = done.stderr.splitlines()
        assert (done.returncode, line.startswith(f"error: {field}={value}: give it ")) == (2, True), line
    assert "n_neighbors" in checked("n-neighbors=7").stderr


@pytest.mark.parametrize("field", ["data", "user", "cpu", "MODEL"])
def test_what_cannot_be_printed_is_refused_and_not_shown(field):
    for sign in SIGNS:
        done = checked(f"{field}=a{sign}b")
        told = "letters in UTF-8" if sign >= "\udc00" else "signs that can be printed: no tab"
        assert done.stderr.startswith(f"error: {field}=…: give it {told}"), sign
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert checked("data=é – ß 日本 🙂 \u200d\u2070").returncode == 0


@pytest.mark.parametrize("field", RIGHT)
def test_what_a_cluster_takes_passes(project, field):
    for value in RIGHT[field]:
        assert (done := checked(f"{field}={value}")).returncode == 0, done.stderr
    path = project / "openshift" / "train-knn.yaml"
    if field.upper() in {each["name"] for each in yaml.safe_load(path.read_text())["parameters"]}:
        for value in RIGHT[field]:
            given = json.dumps(value) if field == "queue" else value
            assert not problems(path, {"NAME": "a", "MLFLOW_TRACKING_URI": "http://a", field.upper(): given})


@pytest.mark.parametrize("verb", ["job-knn", "retrain-on schedule=@daily", "upload-job spool_claim=kept", "build"])
def test_every_verb_refuses_it_before_it_asks_the_cluster(project, oc, verb):
    assert "error: memory=4GB: give it a size, as in memory=8Gi" in only_error(
        run("make", *verb.split(), "memory=4GB", cwd=project, check=False)
    )
    assert not calls(oc)


@pytest.mark.parametrize("verb", ["job-knn", "retrain-on schedule=@daily"])
@pytest.mark.parametrize("name", ["1234", "true", "null"])
def test_a_queue_is_a_name_whatever_it_looks_like(project, oc, verb, name):
    run("make", *verb.split(), f"queue={name}", cwd=project)
    (made,) = objects(oc)
    metadata = made["spec"]["jobTemplate"]["metadata"] if made["kind"] == "CronJob" else made["metadata"]
    expected = {} if name == "null" else {"kueue.x-k8s.io/queue-name": name}
    assert {key: value for key, value in metadata["labels"].items() if "kueue" in key} == expected


@pytest.mark.parametrize(
    "name", ["QUEUE", "CPU", "Queue", "SEND", "GIVEN", "STRANGE", "NAMED", "QUOTED", "MAKE", "BIN", "a;>owned;b", "9"]
)
def test_what_is_no_name_is_refused_by_every_verb(project, oc, name):
    """Capitals are the Makefile's own; what else a shell might read is in no name."""
    for verb in ("job-knn", "train-knn", "retrain-on", "build", "logs", "best"):
        line = only_line(run("make", verb, f"{name}=1", cwd=project, check=False))
        assert line.endswith(
            ": a name is typed in small letters, as in n_neighbors=7; variables of programs go before the word make.  Stop."
        )
    assert not calls(oc)
    assert not (project / "owned").exists()


def test_the_makefile_keeps_small_letters_for_what_is_typed():
    """Else a hyperparameter of such a name would replace a part of it, or would not be seen."""
    text = (PRODUCT / "Makefile").read_text()
    defined = re.findall(r"^(?:override |export )?([\w.]+) *[:?]?=|^define (\w+)$", text, re.MULTILINE)
    defined = ["".join(pair) for pair in defined]
    loops = re.findall(r"foreach ([^,]+),", text)
    assert "MODEL" in defined
    assert "SEND" in defined
    assert not [name for name in [*defined, *loops] if re.fullmatch("[a-z][a-z0-9_]*", name)]


# A loop's, and a part of a recipe, of the Makefile before; like a field that make writes otherwise
@pytest.mark.parametrize("name", ["v", "send", "my_claim", "args", "cronjob"])
def test_a_hyperparameter_of_any_name_arrives(bake, oc, store, name):
    shift = '    shift: float = Field(0.0, description="added to the mean")\n'
    text = f'    {name}: str = Field("none", description="a remark")\n'
    (bake / "models" / "mean.py").write_text(MEAN.replace(shift, shift + text))
    experiment(bake, "sync")
    for value in ("first,second", 'a" "--b=c', "a\\"):
        run("make", "job-mean", f"{name}={value}", "shift=1.5", cwd=bake)
        run("make", "retrain-on", "MODEL=mean", "schedule=@daily", f"{name}={value}", "shift=1.5", cwd=bake)
        (schedule,) = [each for each in objects(oc) if each["kind"] == "CronJob"]
        *_, job = [each for each in objects(oc) if each["kind"] == "Job"]
        for made in (job, schedule):
            args = {arg.replace("my-claim", "my_claim") for arg in pod(made)["spec"]["containers"][0]["args"]}
            assert {f"--{name}={value}", "--shift=1.5"} <= args  # the program takes both


def test_a_model_is_named_once_and_no_pattern(project, oc):
    for verb in ("job-knn", "train-knn"):
        line = only_line(run("make", verb, "MODEL=kmeans", f"VENV={sys.prefix}", cwd=project, check=False))
        assert f"make {verb} has its model in its name; leave out MODEL=kmeans" in line
    for model in ("kn*", "knn kmeans", "knn.yaml ;touch owned;", "%"):
        line = only_line(run("make", "retrain-on", f"MODEL={model}", "schedule=@daily", cwd=project, check=False))
        assert f"error: MODEL={model}: give it the name of a model" in line
        run("make", "train", f"MODEL={model}", cwd=project, check=False)
    assert not (oc / "objects").exists()
    assert not (project / "owned").exists()


def test_what_is_typed_needs_no_line_in_a_file(bake, oc):
    path = bake / "openshift" / "jobs.env"
    path.write_text("MEMORY=6Gi\n")
    for verb in ("job-knn", "retrain-on schedule=@daily"):
        done = run("make", *verb.split(), "mlflow_tracking_uri=http://mlflow", "memory=8Gi", cwd=bake)
        assert done.stderr == ""
        assert pod(objects(oc)[-1])["spec"]["containers"][0]["resources"]["limits"]["memory"] == "8Gi"


def test_none_for_a_volume_takes_the_one_of_the_file_away(bake, oc):
    path = bake / "openshift" / "jobs.env"
    path.write_text('MLFLOW_TRACKING_URI=http://mlflow\nSPOOL_VOLUME={"name": "spool", "emptyDir": {}}\n')
    run("make", "job-knn", "spool_claim=null", "data_claim=null", cwd=bake)
    (made,) = objects(oc)
    assert [each["emptyDir"]["sizeLimit"] for each in pod(made)["spec"]["volumes"]] == ["10Gi", "1Mi", "1Mi"]


def test_a_text_that_looks_like_a_number_is_one(project, oc):
    given = {"mlflow_workspace": "2026", "mlflow_tracking_auth": "true", "mlflow_tracking_server_cert_path": "/a/b.crt"}
    run("make", "job-knn", *(f"{name}={value}" for name, value in given.items()), cwd=project)
    (made,) = objects(oc)
    env = pod(made)["spec"]["containers"][0]["env"]
    assert [{"name": name.upper(), "value": value} for name, value in given.items()] == [
        each for name in given for each in env if each["name"] == name.upper()
    ]


def test_hyperparameters_and_addresses_with_commas_are_one_value_without_a_warning(project, oc):
    address = "data=https://example.com/rows.csv?x=1,y=2"
    done = run("make", "retrain-on", "schedule=@daily", "n_neighbors=7", "weights=distance", address, cwd=project)
    assert done.stderr == ""
    (made,) = objects(oc)
    (container,) = pod(made)["spec"]["containers"]
    assert sorted(container["args"]) == [f"--{address}", "--n_neighbors=7", "--weights=distance", "knn"]


def test_what_oc_would_cut_off_in_a_file_is_refused(bake, oc):
    path = bake / "openshift" / "jobs.env"
    before = path.read_text()
    odd = [
        "DATA=s3://b/a#b.csv",
        "DATA=a # mine",
        "DATA=a # it's mine",
        "DATA=a\t",
        "DATA=a ",
        "DATA= a",
        "export DATA=a",
    ]
    for line in [*odd, "DATA='a\\b'", "DATA='a' # mine", "DATA: a", 'SPOOL_VOLUME={"name": "a#b", "emptyDir": {}}']:
        path.write_text(f"{before}{line}\n")
        said = only_error(run("make", "job-knn", cwd=bake, check=False))
        assert f"openshift/jobs.env, line {len(before.splitlines()) + 1}: write NAME=value, no blanks around" in said
    assert not (oc / "objects").exists()
    path.write_text(f"{before}DATA='s3://b/a#b.csv'\n")
    run("make", "job-knn", cwd=bake)
    (made,) = objects(oc)
    assert "--data=s3://b/a#b.csv" in pod(made)["spec"]["containers"][0]["command"]


@pytest.mark.parametrize("verb", ["job-knn", "retrain-on schedule=@daily", "upload-job spool_claim=kept", "build"])
def test_what_is_wrong_is_told_once(project, oc, verb):
    words = [*verb.split(), "git_uri=https://example.com"] if verb == "build" else verb.split()
    line = only_line(run("make", *words, "nobody_knows=7", cwd=project, check=False))
    by_oc = 'unknown parameter name "NOBODY_KNOWS"'
    assert (by_oc if verb in ("job-knn", "build") else "--nobody-knows: unknown to python -m experiment ") in line
    assert not (oc / "objects").exists()


def test_a_project_without_a_name_has_no_jobs(bake, oc):
    path = bake / "openshift" / "params.env"
    for text in ("", "NAME=\n", 'NAME="a"\n', "NAME=a\nNAME=b\n", None):
        path.unlink() if text is None else path.write_text(text)
        for words in (["jobs"], ["check-off"], ["clean-jobs"], ["check-job"]):
            line = only_error(run("make", *words, cwd=bake, check=False))
            assert re.match("error: NAME=.*: give it the project's name, in openshift/params.env", line)
    assert not calls(oc)


def test_a_file_of_settings_says_what_settings_are(bake, oc):
    path = bake / "openshift" / "jobs.env"
    before = path.read_text()
    for line in ("MODEL=kmeans", 'ARGS="a"', "VERB=upload", "JOB=a", "SCHEDULE=@daily"):
        path.write_text(f"{before}{line}\n")
        said = only_error(run("make", "check-job", cwd=bake, check=False))
        assert f"openshift/jobs.env, line {len(before.splitlines()) + 1}: what is done, with which model" in said
    path.write_text(f"{before}TAG=stable\n")
    assert '"ml-project:stable" not found' in only_error(run("make", "check-job", cwd=bake, check=False))
    path.unlink()
    said = only_error(run("make", "check-job", cwd=bake, check=False))
    assert (
        said
        == "error: openshift/jobs.env: is not there, or cannot be read; git checkout openshift/jobs.env brings it back"
    )
    assert not (oc / "objects").exists()


def test_a_field_of_a_file_that_a_template_does_not_have_is_told_with_its_place(bake, oc):
    path = bake / "openshift" / "jobs.env"
    before = path.read_text()
    path.write_text(f"{before}DATA=s3://b/a.csv\n")
    run("make", "job-knn", cwd=bake)  # whose form has it
    line = only_error(run("make", "sweep-job", cwd=bake, check=False))
    place = f"openshift/jobs.env, line {len(before.splitlines()) + 1}"
    assert line == f"error: {place}: openshift/run.yaml has no field DATA; take it out, and type it where it is meant"
    path.write_bytes(path.read_bytes().replace(b"a.csv", b"\xe9.csv"))
    line = only_error(run("make", "job-knn", cwd=bake, check=False))
    assert line == "error: openshift/jobs.env: is no UTF-8; save the file as UTF-8"
    assert len(objects(oc)) == 1


def test_a_volume_for_kept_runs_may_be_named_for_all_jobs(bake, oc):
    path = bake / "openshift" / "jobs.env"
    volume = '{"name": "spool", "persistentVolumeClaim": {"claimName": "ml-project-spool"}}'
    path.write_text(path.read_text().replace("# SPOOL_VOLUME=", "SPOOL_VOLUME="))
    path.write_text(path.read_text().replace("<this project's name>-spool", "ml-project-spool"))
    assert param_file(path)["SPOOL_VOLUME"] == volume
    run("make", "upload-job", cwd=bake)
    (made,) = objects(oc)
    assert json.loads(volume) in pod(made)["spec"]["volumes"]
