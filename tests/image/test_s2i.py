"""Images as source-to-image makes them: what they hold, what they do as OpenShift runs them, which are refused."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from sklearn import datasets

from ..cluster import pods
from ..cluster.ceph import Ceph
from ..cluster.openshift import process
from ..cluster.s2i import BUILD
from ..cluster.tracking import serving
from ..faults.proxy import proxied
from ..helpers import MEAN, PRODUCT, ROOT, experiment, objects, run, runs

pytestmark = pytest.mark.e2e
POD_USER = "1000650000"
STORE = {"MLFLOW_TRACKING_URI": "sqlite:////volume/mlflow.db"}
LAYERS = "{{range .RootFS.Layers}}{{.}} {{end}}"


@pytest.fixture
def volume(tmp_path) -> dict[str, dict]:
    """A folder that the pod's user may write to, as a mounted volume is."""
    (tmp_path / "volume").mkdir()
    (tmp_path / "volume").chmod(0o777)
    tmp_path.chmod(0o755)
    return {"mounts": {tmp_path / "volume": "/volume"}}


def tracked(folder: Path) -> list:
    """The runs in the sqlite file that a container wrote to its volume."""
    import mlflow

    return runs(mlflow.MlflowClient(f"sqlite:///{folder}/volume/mlflow.db"))


def test_the_default_command_trains_and_the_run_says_where_it_comes_from(engine, image, volume, tmp_path, project):
    engine.run(image, env=STORE, **volume)
    engine.run(image, env=STORE | {"MODEL": "kmeans", "PARAM_K": "8"}, **volume)
    named, default = tracked(tmp_path)
    assert (named.data.tags["model"], named.data.params["k"]) == ("kmeans", "8")
    tags = default.data.tags
    assert (default.info.status, tags["model"]) == ("FINISHED", "knn")
    assert tags["mlflow.user"].removeprefix("uid ") == POD_USER  # engines may give the number itself as a name
    assert default.data.params == {"n_neighbors": "5", "weights": "uniform", "seed": "0"}
    assert default.data.metrics["accuracy"] > 0.9
    assert tags["mlflow.source.git.commit"] == BUILD["OPENSHIFT_BUILD_COMMIT"]
    assert (tags["mlflow.source.git.branch"], tags["image"]) == ("main", BUILD["OPENSHIFT_BUILD_NAME"])
    assert tags["requirements_sha256"] == hashlib.sha256((project / "requirements.txt").read_bytes()).hexdigest()
    artifacts = {path.name for path in (tmp_path / "volume").rglob("*") if path.is_file()}
    assert {"confusion_matrix.png", "MLmodel"} <= artifacts


def test_without_a_store_the_image_says_how_long_the_run_lives(engine, image):
    done = engine.run(image)
    where = "MLFLOW_TRACKING_URI is not set: the run is kept in /tmp/mlflow.db and ends with this container\n"
    assert done.stderr == where
    assert "knn: accuracy" in done.stdout


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The address of a tracking server that containers reach."""
    with serving(tmp_path_factory.mktemp("server")) as address:
        yield address


def started(oc: Path, *words: str, cwd: Path) -> tuple[str, pods.Container]:
    """Start a Job by `make`; its name, and what its container is started with."""
    run("make", *words, cwd=cwd)
    *_, made = objects(oc)
    name = made["metadata"]["name"] + ("-29400000" if made["kind"] == "CronJob" else "")
    return name, pods.started(made, name, {"data-credentials": {"AWS_ENDPOINT_URL": "http://ceph"}})


# A hyperparameter of each model; the last one is not in the repository.
TUNED = {
    "kmeans": "k=8",
    "knn": "n_neighbors=7",
    "elasticnet": "alpha=0.5",
    "drive_failure": "epochs=3",
    "mean": "shift=1.5",
}


def test_the_job_of_every_model_trains_and_its_run_says_who_and_where(engine, image, server, bake, oc):
    import mlflow

    (bake / "models" / "mean.py").write_text(MEAN)
    experiment(bake, "sync")
    new = {bake / "models" / "mean.py": "/opt/app-root/src/models/mean.py"}
    client = mlflow.MlflowClient(server)
    for model, given in TUNED.items():
        name, container = started(oc, f"job-{model}", given, f"mlflow_tracking_uri={server}", cwd=bake)
        done = engine.start(image, container, mounts=new)
        found = runs(client)[0]
        assert f"run {found.info.run_id}: {server}" in done.stdout
        assert (found.info.status, found.data.tags["model"]) == ("FINISHED", model)
        asked = dict(arg.removeprefix("--").replace("-", "_").split("=") for arg in container.args)
        assert given.split("=")[1] == asked[given.split("=")[0]]
        assert found.data.params == asked
        tags = found.data.tags
        assert (tags["mlflow.user"], tags["job"], tags["pod"]) == ("dana", name, f"{name}-x7k2p")
        assert tags["mlflow.source.git.commit"] == BUILD["OPENSHIFT_BUILD_COMMIT"]
        assert found.outputs.model_outputs
    assert len(runs(client)) == len(TUNED)


def test_the_job_of_a_schedule_trains_on_the_table_of_a_claim(engine, image, server, bake, oc, tmp_path):
    import mlflow

    (rows := tmp_path / "rows").mkdir(mode=0o755)
    tmp_path.chmod(0o755)
    (rows / "new.csv").write_text("a,b,y\n" + "".join(f"{n},{n % 7},{n % 3 * 1.5}\n" for n in range(60)))
    words = ["MODEL=elasticnet", "schedule=@daily", "alpha=0.25", "data=/data/new.csv", "target=y", "data_claim=rows"]
    name, container = started(oc, "retrain-on", *words, f"mlflow_tracking_uri={server}", cwd=bake)
    assert container.env["AWS_ENDPOINT_URL"] == "http://ceph"
    engine.start(image, container, mounts={rows: "/data:ro"})
    found = runs(mlflow.MlflowClient(server))[0]
    assert (found.data.tags["job"], found.data.params["alpha"]) == (name, "0.25")
    assert found.inputs.dataset_inputs[0].dataset.name == "new"


def test_a_run_that_the_server_does_not_take_is_kept_on_a_claim_until_a_job_brings_it(
    engine, image, server, project, oc, volume, tmp_path
):
    import mlflow

    client, claim = mlflow.MlflowClient(server), {tmp_path / "volume": "/spool"}
    before = {each.info.run_id for each in runs(client)} if client.get_experiment_by_name("ml-project") else set()
    with proxied(server) as proxy:
        proxy.fault, proxy.only = 503, "runs/log-batch"
        for words, mounts, code in ((["spool_claim=kept"], claim, 75), ([], {}, 1)):
            _, container = started(oc, "job-elasticnet", f"mlflow_tracking_uri={proxy.address}", *words, cwd=project)
            container.env["SPOOL_AFTER"] = "1"
            done = engine.start(image, container, mounts=mounts, check=False)
            assert done.returncode == code, done.stderr
            assert "the server answers 503" in done.stderr
        assert "the Job has no spool_claim" in done.stderr
    _, container = started(oc, "upload-job", "spool_claim=kept", f"mlflow_tracking_uri={server}", cwd=project)
    assert "elasticnet: brought" in engine.start(image, container, mounts=claim).stdout
    lost, brought = [each for each in runs(client) if each.info.run_id not in before]
    assert (lost.info.status, brought.info.status) == ("RUNNING", "FINISHED")
    assert brought.data.params["alpha"] == "0.1"
    assert brought.data.metrics["r2"] > 0.3
    assert brought.outputs.model_outputs


def test_every_verb_runs_as_a_job(engine, image, server, project, oc, tmp_path_factory):
    """Upload does in the test before."""
    import fsspec
    import mlflow
    import pandas as pd

    def did(*words: str, env: dict[str, str] | None = None, **settings) -> str:
        _, container = started(oc, *words, f"mlflow_tracking_uri={server}", cwd=project)
        container.env.update({"MLFLOW_EXPERIMENT_NAME": "verbs"} | (env or {}))
        return engine.start(image, container, **settings).stdout

    did("train-job", "MODEL=kmeans", "k=8")
    said = did("sweep-job", "MODEL=kmeans", "limit=2", "jobs=1", "json=true", "strategy=random")
    client = mlflow.MlflowClient(server)
    *sets, sweep, single = runs(client, "verbs")
    assert [found.info.status for found in (*sets, sweep, single)] == ["FINISHED"] * 4
    assert (single.data.params["k"], json.loads(said)["run_id"]) == ("8", sweep.info.run_id)
    assert {each.data.tags["mlflow.parentRunId"] for each in sets} == {sweep.info.run_id}
    assert sweep.data.tags["job"].startswith("ml-project-sweep-kmeans-")
    (best,) = json.loads(did("best-job", "MODEL=kmeans", "top=1", "json=true"))
    judged = {each.info.run_id: each.data.metrics["silhouette"] for each in (*sets, single)}
    assert best["run_id"] == max(judged, key=judged.get)
    promoted = json.loads(did("promote-job", "MODEL=kmeans", "min_gain=0.5", "json=true"))
    name = "ml-project-kmeans"
    assert (promoted["run"], promoted["promoted_by"]) == (best["run_id"], "dana")
    assert client.get_model_version_by_alias(name, "champion").run_id == best["run_id"]
    assert f"version 1 is the champion of {name}" in did("champion-job", "MODEL=kmeans")
    (claim := tmp_path_factory.mktemp("claim")).chmod(0o755)
    table = datasets.load_digits(as_frame=True).data.assign(id=[f"{n:04}" for n in range(1797)])
    table.to_csv(claim / "new.csv", index=False)
    mlflow.set_tracking_uri(server)
    expected = mlflow.pyfunc.load_model(f"models:/{name}@champion").predict(table.drop(columns="id"))
    mlflow.set_tracking_uri(None)
    (folder := tmp_path_factory.mktemp("ceph")).chmod(0o755)
    with Ceph(folder) as secret:
        keys = {"key": secret["AWS_ACCESS_KEY_ID"], "secret": secret["AWS_SECRET_ACCESS_KEY"]}
        s3 = fsspec.filesystem("s3", **keys, endpoint_url=secret["AWS_ENDPOINT_URL"])
        s3.mkdir("jobs")
        s3.put(str(claim / "new.csv"), "jobs/new.csv")
        for data, settings in (("/data/new.csv", {"mounts": {claim: "/data"}}), ("s3://jobs/new.csv", {})):
            words = ("MODEL=kmeans", "data_claim=rows", f"data={data}", "out=s3://jobs/{date}.parquet", "keep=id")
            assert "1,797 rows, predicted by version 1" in did("predict-job", *words, env=secret, **settings)
            (made,) = s3.glob("jobs/20??-??-??.parquet")
            predicted = pd.read_parquet(s3.open(made))
            assert (predicted.prediction == expected).all()
            assert predicted.id.equals(table.id)
            s3.rm(made)
    assert did("check-job", "MODEL=kmeans") == "models/kmeans.py: ok\n"
    assert len(runs(client, "verbs")) == 4


def test_a_wrong_value_is_refused_in_the_words_of_a_laptop_before_anything_is_read(engine, image, project, oc):
    nowhere = ["data=s3://nowhere/rows.csv", "mlflow_tracking_uri=http://127.0.0.1:9"]
    _, container = started(oc, "job-knn", "n_neighbors=1000", *nowhere, cwd=project)
    in_the_image = engine.start(image, container, check=False)
    here = experiment(project, "train", "knn", "--n-neighbors", "1000", check=False)
    assert (in_the_image.returncode, in_the_image.stderr) == (here.returncode, here.stderr)
    assert here.returncode == 2


HOLDS = """
import os, pathlib
here = pathlib.Path.cwd()
print(*sorted(path.name for path in here.iterdir()))
print(*sorted(str(path.relative_to(here)) for path in here.glob("[em]*/**/*.py")))
print(*here.rglob("*.pyc"))
print(*[path for path in here.rglob("*") if os.access(path, os.W_OK)])
"""


def test_the_image_holds_what_training_needs_and_no_more(engine, image, project):
    top, sources, compiled, writable = engine.run(image, "python", "-c", HOLDS).stdout.splitlines()
    assert top == ".s2i .s2iignore MLproject app.sh bin experiment models python_env.yaml requirements.txt"
    files = [file for room in ("experiment", "models") for file in (project / room).rglob("*.py")]
    needed = {str(file.relative_to(project)) for file in files if file.parent.name != "manifests"}
    assert set(sources.split()) == needed - {"experiment/sync.py"}
    assert "sync: no such verb" in engine.run(image, "python", "-m", "experiment", "sync", check=False).stderr
    assert compiled == ""
    assert writable == "", "the root is read-only"


def test_the_builds_check_passes_and_refuses_what_breaks_the_contract(engine, image, libraries, project, bake):
    build = process(project / "openshift" / "build.yaml", {"NAME": "ml-project", "GIT_URI": "x"})
    (command,) = [each["spec"]["postCommit"]["command"] for each in build if "postCommit" in each["spec"]]
    assert "models/knn.py: ok" in engine.run(image, *command).stdout
    model = bake / "models" / "knn.py"
    model.write_text(model.read_text().replace('METRIC = "f1_macro"', 'METRIC = "f1"'))
    engine.build(bake, "localhost/broken", "--from", libraries)
    refused = engine.run("localhost/broken", *command, check=False)
    assert refused.returncode == 2
    assert refused.stderr.startswith("error: models/knn.py")
    assert "METRIC is f1" in refused.stderr


def test_new_code_is_a_thin_layer_and_a_newer_lock_installs_only_the_difference(
    engine, image, libraries, project, bake
):
    before, after = ([engine.inspect(each, what) for what in (LAYERS, "{{.Size}}")] for each in (libraries, image))
    assert len(after[0].split()) == len(before[0].split()) + 1
    assert 0 < int(after[1]) - int(before[1]) < 1_000_000
    added = re.search(
        r"^(iniconfig)==(\S+).*\n(    --hash.*\n)+", (project / "requirements-dev.txt").read_text(), re.MULTILINE
    )
    with (bake / "requirements.txt").open("a") as lock:
        lock.write(added[0])
    said = engine.build(bake, "localhost/difference", "--from", libraries).stdout
    assert re.findall(r"^Successfully installed (.*)$", said, re.MULTILINE) == [f"{added[1]}-{added[2]}"]
    engine.run("localhost/difference", "python", "-c", "import iniconfig, mlflow")


@pytest.mark.parametrize("unhashed", ["-e", "numpy"])
def test_a_lock_without_hashes_is_refused_before_anything_is_installed(engine, libraries, bake, unhashed):
    with (bake / "requirements.txt").open("a") as lock:
        lock.write({"-e": "-e git+https://example.com/a#egg=a\n", "numpy": "numpy==2.4.6\n"}[unhashed])
    done = engine.build(bake, "localhost/unhashed", "--from", libraries, check=False)
    assert done.returncode != 0
    lines = [line for line in done.stderr.splitlines() if line.startswith("error: requirements.txt")]
    assert len(lines) == 1, done.stderr
    assert unhashed in lines[0]
    assert "make lock" in lines[0]
    assert "Installing" not in done.stdout


LISTING = """
import hashlib, pathlib
for path in sorted(pathlib.Path.cwd().rglob("*")):
    if path.is_file() and path.suffix != ".pyc":
        print(oct(path.stat().st_mode), path, hashlib.sha256(path.read_bytes()).hexdigest())
    elif path.is_file():
        print(path)
"""


def test_the_template_builds_itself_as_what_it_renders_is_built(engine, image, libraries, template):
    itself = "localhost/template"
    engine.build(template, itself, "--from", libraries, env=BUILD | {"PROJECT": "ml-project"})
    environments = [engine.inspect(each, '{{join .Config.Env "\\n"}}').splitlines() for each in (image, itself)]
    assert set(environments[1]) - set(environments[0]) == {"PROJECT=ml-project"}
    assert set(environments[0]) <= set(environments[1])
    for what in ("{{.Config.Cmd}}", "{{.Config.Entrypoint}}", "{{.Config.WorkingDir}}", "{{.Config.User}}"):
        assert engine.inspect(itself, what) == engine.inspect(image, what)
    listings = [engine.run(each, "python", "-c", LISTING).stdout for each in (image, itself)]
    assert listings[0] == listings[1]
    assert len(listings[0].splitlines()) > 50


def test_both_environments_say_the_same():
    assert (ROOT / ".s2i" / "environment").read_bytes() == (PRODUCT / ".s2i" / "environment").read_bytes()


def test_no_line_of_the_ignore_file_means_all_there_is():
    """An empty pattern is the repository itself to source-to-image's pkg/ignore."""
    assert all(line.strip() for line in (PRODUCT / ".s2iignore").read_text().splitlines())


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"DESCRIPTION": "{{ cookiecutter.project }}"}, "error: DESCRIPTION {{ cookiecutter.project }}: holds {{"),
        ({"AUTHOR": "{% raw %}"}, "error: AUTHOR {% raw %}: holds {{"),
        ({"GIT_URL": "a{#b"}, "error: GIT_URL a{#b: holds {{"),
        ({"PROJECT": "My Project"}, "error: project 'My Project': it names objects on the cluster"),
    ],
)
def test_a_wrong_answer_is_refused_and_never_executed(engine, libraries, template, answers, message):
    done = engine.build(template, "localhost/refused", "--from", libraries, env=answers, check=False)
    assert done.returncode != 0
    assert [line for line in done.stderr.splitlines() if line.startswith(message)], done.stderr[-2000:]
    assert "Traceback" not in done.stdout + done.stderr
