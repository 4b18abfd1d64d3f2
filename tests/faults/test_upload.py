"""What is kept gets to the store once, over nothing that came later, whatever else lies in the spool."""

import json
import os
import re
import shutil
from pathlib import Path

import mlflow
import pytest
from filelock import FileLock

from .. import sweeps
from ..forks import forked
from ..helpers import experiment, refused, until
from .training import Place, content


@pytest.fixture
def keeping(behind, proxy):
    """Makes a place where as many runs are kept, and the server is well again; returns their folders, oldest first."""

    def call(count: int) -> list[Path]:
        behind.patience = "0"
        for _ in range(count):
            with behind.training("--pause", "0") as training:
                proxy.fault = "gone"
                assert training.let_go().code == 75
            proxy.fault = None
        behind.patience = "60"
        return sorted(behind.spooled(), key=lambda folder: folder.stat().st_mtime)

    return call


@pytest.fixture(scope="package")
def unpaused(undisturbed) -> dict:
    """What each of these runs should hold in the end."""
    return undisturbed | {"params": undisturbed["params"] | {"pause": "0.0"}}


def test_two_uploads_at_once_bring_each_run_once(keeping, behind, server, unpaused):
    keeping(2)
    words = ("-m", "experiment", "upload")
    with (
        forked(*words, cwd=behind.project, env=behind.env) as one,
        forked(*words, cwd=behind.project, env=behind.env) as other,
    ):
        said = one.communicate() + other.communicate()
    assert (one.returncode, other.returncode) == (0, 0), said
    assert said.count("brought") == 2
    assert [content(server, run) for run in behind.runs()] == [unpaused, unpaused]
    assert len(mlflow.MlflowClient(server).search_logged_models([behind.runs()[0].info.experiment_id])) == 2


def noise(folder: Path) -> None:
    (folder / "mlflow.db").write_bytes(os.urandom(5000))


def noise_in_an_old_one(folder: Path) -> None:
    noise(folder)
    (folder / "SHA256SUMS").unlink()


def empty(folder: Path) -> None:
    (folder / "mlflow.db").write_bytes(b"")
    (folder / "SHA256SUMS").unlink()


def cut_short(folder: Path) -> None:
    (folder / "SHA256SUMS").write_text("")


DAMAGES = {
    noise: "its mlflow.db is not as it was kept; figures and models are in ",
    noise_in_an_old_one: "the file is not a database",
    empty: "its mlflow.db holds no run",
    cut_short: "its mlflow.db is not as it was kept",
}


def test_a_damaged_folder_is_named_and_the_next_run_is_brought(keeping, behind, server, unpaused):
    *damaged, _ = keeping(5)
    for folder, damage in zip(damaged, DAMAGES, strict=True):
        damage(folder)
    for count in (1, 0):
        done = experiment(behind.project, "upload", env=behind.env, check=False)
        assert done.returncode == 2
        assert done.stdout.count("brought") == count
        said = {line.split(": ")[1]: line for line in done.stderr.splitlines()}
        for folder, words in zip(damaged, DAMAGES.values(), strict=True):
            assert said.pop(str(folder)).startswith(f"error: {folder}: {words}")
        assert not said
    (run,) = [run for run in behind.runs() if run.info.status == "FINISHED"]
    assert content(server, run) == unpaused
    assert behind.spooled() == sorted(damaged)


def without_model(folder: Path) -> None:
    shutil.rmtree(next(folder.glob("artifacts/models")))


def with_a_bit_turned(folder: Path) -> None:
    (model,) = folder.glob("artifacts/models/*/artifacts/model.*")
    content = bytearray(model.read_bytes())
    content[len(content) // 2] ^= 1
    model.write_bytes(content)


def without_figure(folder: Path) -> None:
    next(folder.rglob("coefficients.png")).unlink()


LOSSES = {without_model: "model", with_a_bit_turned: "model", without_figure: "coefficients.png"}


def test_what_is_left_of_a_damaged_run_is_brought_and_what_is_not_is_named(keeping, behind, unpaused):
    folders = keeping(3)
    for folder, damage in zip(folders, LOSSES, strict=True):
        damage(folder)
    done = experiment(behind.project, "upload", env=behind.env, check=False)
    assert done.returncode == 2
    said = {line.split(": ")[1]: line for line in done.stderr.splitlines()}
    for folder, name in zip(folders, LOSSES.values(), strict=True):
        (saved,) = [run for run in behind.runs() if run.info.run_id in said[str(folder)]]
        words = f"{name} of steady is not in run {saved.info.run_id}, which has all else: "
        assert said[str(folder)].startswith(f"error: {folder}: {words}")
        assert saved.info.status == "FAILED"
        assert saved.data.tags["left_out"].startswith(f"{name}: ")
        assert saved.data.metrics.keys() == unpaused["metrics"].keys()
        assert bool(saved.outputs.model_outputs) == (name != "model")
    again = experiment(behind.project, "upload", env=behind.env, check=False)
    assert "brought" not in again.stdout
    assert again.stderr == done.stderr


def test_an_upload_beside_a_store_that_is_away_leaves_all_for_the_next(keeping, behind, proxy):
    keeping(2)
    proxy.fault, proxy.only = "gone", "/log-batch"
    done = experiment(behind.project, "upload", env=behind.env, check=False)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 2, "each run is tried, as the store answers"
    proxy.only = "/"
    with forked("-m", "experiment", "upload", cwd=behind.project, env=behind.env) as uploading:
        assert "it is waited for" in uploading.stdout.readline()
        proxy.fault = None
        assert "answers again" in uploading.stdout.readline()
        assert uploading.wait(60) == 0
    assert {run.info.status for run in behind.runs()} == {"FINISHED"}
    assert behind.spooled() == []


def test_a_run_that_was_finished_stays_that_whatever_was_kept_of_it(behind, proxy, server, bake, held):
    """Kept twice on its way, then finished: what was kept of the attempts before it changes nothing."""
    shutil.copy(Path(sweeps.__file__).with_name("tiny.py"), bake / "models")
    client, words = mlflow.MlflowClient(server), ("--b", "0", "--limit", "8")
    for finished in (2, 5):
        waiting = held(3)
        with forked("-m", "experiment", "sweep", "tiny", *words, cwd=bake, env=behind.env | waiting) as process:
            sweep = re.search("sweep ([0-9a-f]{32}), ", process.stdout.readline())[1]
            until(lambda: states(behind).count("FINISHED") >= finished, 60, "some sets")  # noqa: B023
            proxy.fault = "gone"
            Path(waiting["HOLD"], "go").touch()
            assert process.wait(60) == 75
        proxy.fault, words = None, ("--resume", sweep)
        behind.upload(leave=True)
        assert client.get_run(sweep).info.status == "KILLED"
    experiment(bake, "sweep", "tiny", *words, env=behind.env)
    before = {run.info.run_id: (run.info.status, run.info.end_time, run.data.tags) for run in behind.runs()}
    assert before[sweep][0] == "FINISHED"
    for _ in range(2):
        assert "brought" not in behind.upload(leave=True)
        assert {run.info.run_id: (run.info.status, run.info.end_time, run.data.tags) for run in behind.runs()} == before
    assert len(behind.spooled()) == 2
    behind.upload()
    assert behind.spooled() == []


def states(place: Place) -> list[str]:
    return [run.info.status for run in place.runs() if "set" in run.data.tags]


def test_what_was_closed_by_somebody_else_still_gets_what_its_fit_made(behind, proxy, server, undisturbed):
    """As a later attempt of a Job, `mlflow run` and --resume close a run that they find RUNNING."""
    with behind.training() as training:
        proxy.fault = "gone"
        assert training.let_go().code == 75
    (begun,) = behind.runs()
    mlflow.MlflowClient(server).set_terminated(begun.info.run_id, "KILLED")
    behind.upload()
    assert content(server, *behind.runs()) == undisturbed


def test_an_upload_of_another_process_is_waited_for(keeping, behind):
    keeping(1)
    lock = FileLock(behind.folder / "spool" / ".upload.lock", thread_local=False)
    lock.acquire()
    done = experiment(behind.project, "upload", env=behind.env | {"SPOOL_AFTER": "1"}, check=False)
    note, error = done.stderr.splitlines()
    assert note.endswith("another upload is at it; it is waited for")
    assert error.endswith("another upload is at it")
    assert done.returncode == 1
    with forked("-m", "experiment", "upload", cwd=behind.project, env=behind.env) as uploading:
        assert "it is waited for" in uploading.stdout.readline()
        lock.release()
        assert uploading.wait(60) == 0


def test_a_run_that_mlflow_began_is_kept_whatever_its_name_was(behind, proxy, server, undisturbed):
    """MLflow gives the run of `mlflow run` a name of two words and a number, and refuses two names for one run."""
    client = mlflow.MlflowClient(server)
    begun = client.create_run(client.create_experiment(behind.folder.name)).info.run_id
    with behind.training(MLFLOW_RUN_ID=begun) as training:
        proxy.fault = "gone"
        assert training.let_go().code == 75
    behind.upload()
    (run,) = behind.runs()
    assert run.info.run_id == begun
    assert run.info.run_name == "steady"
    found = content(server, run)
    assert found | {"tags": {}} == undisturbed | {"tags": {}}


@pytest.mark.parametrize("skew", [-60_000, 0, 60_000])
def test_a_run_that_another_machine_went_on_with_is_left_to_that_whatever_its_clock_says(skew, store):
    from experiment.tracking import bringing
    from experiment.tracking.health import Health
    from experiment.tracking.record import Record
    from experiment.tracking.store import Store

    run = store.create_run("0", tags={"resumed": str(10**12 + skew), "pod": "new"})
    kept = Record(run.info.run_id, "one", 1, {"pod": "old"}, end=("KILLED", 10**12))
    opened = Store(store, "sqlite:///any", "any", "0", Health("sqlite:///any"))
    assert not bringing.bring(opened, kept).written
    now = store.get_run(run.info.run_id)
    assert (now.info.status, now.data.tags["pod"]) == ("RUNNING", "new")
    own = Record(run.info.run_id, "one", 1, dict(run.data.tags), end=("KILLED", 10**12))
    assert bringing.bring(opened, own).written
    assert store.get_run(run.info.run_id).info.status == "KILLED"


def kept_by(behind: Place, proxy, *jobs: str) -> list:
    """Let a pod of each Job train while the server goes away, so that the run is kept; the runs, oldest first."""
    behind.patience = "0"
    for job in jobs:
        with behind.training(JOB_NAME=job, POD_NAME="a-pod") as training:
            proxy.fault = "gone"
            assert training.let_go().code == 75
        proxy.fault = None
    behind.patience = "60"
    return behind.runs()[::-1]


def test_a_second_try_of_a_job_first_brings_what_the_first_one_kept(behind, proxy, server, undisturbed):
    first, _ = kept_by(behind, proxy, "a-job", "a-job-2")
    with behind.started(JOB_NAME="a-job", POD_NAME="another-pod") as training:
        assert training.line() == f"steady: brought {first.info.run_id}"
        training.reach_the_middle()
        assert training.let_go().code == 0
    second, _, first = behind.runs()
    own = {"tags": undisturbed["tags"] | {"job": "a-job", "pod": "a-pod"}}
    assert content(server, first) == undisturbed | own
    assert second.info.status == "FINISHED"
    assert second.data.tags["earlier_attempt"] == first.info.run_id
    assert [re.sub("-[0-9a-f]{32}-.*", "", folder.name) for folder in behind.spooled()] == ["a-job-2"]


def test_a_sweep_that_is_tried_again_first_brings_what_was_kept_too(behind, proxy):
    (first,) = kept_by(behind, proxy, "a-job")
    words = ("sweep", "steady", "--pause", "0", "--jobs", "1", "--limit", "1", "--json")
    done = experiment(behind.project, *words, env=behind.env | {"JOB_NAME": "a-job", "POD_NAME": "another-pod"})
    assert json.loads(done.stdout)["finished"] == 1
    assert f"steady: brought {first.info.run_id}" in done.stderr
    assert not behind.spooled()
    assert {run.info.status for run in behind.runs()} == {"FINISHED"}


def test_a_second_try_of_a_job_goes_on_without_what_is_damaged(behind, proxy):
    kept_by(behind, proxy, "a-job")
    (folder,) = behind.spooled()
    noise(folder)
    with behind.started(JOB_NAME="a-job", POD_NAME="another-pod") as training:
        assert training.line().startswith(f"error: {folder}: its mlflow.db is not as it was kept")
        training.reach_the_middle()
        assert training.let_go().code == 0
    second, first = behind.runs()
    assert (first.info.status, second.info.status) == ("KILLED", "FINISHED")
    assert behind.spooled() == [folder]


def test_a_second_try_of_a_job_does_not_wait_for_ever_for_another_upload(behind, proxy):
    kept_by(behind, proxy, "a-job")
    behind.patience = "2"
    with (
        FileLock(behind.folder / "spool" / ".upload.lock"),
        behind.started(JOB_NAME="a-job", POD_NAME="another-pod") as training,
    ):
        assert training.line().endswith("another upload is at it; it is waited for")
        assert training.line().endswith("another upload is at it")
        training.reach_the_middle()
        assert training.let_go().code in (0, 75), "two seconds may be too few for the server"
    assert "brought" in behind.upload()
    assert {run.info.status for run in behind.runs()} == {"FINISHED"}


@pytest.mark.parametrize("volume", [{"emptyDir": {"sizeLimit": "1Mi"}}, {"ephemeral": {}}, {}])
def test_a_job_without_a_volume_that_outlives_it_has_nothing_to_bring(behind, volume):
    env = behind.env | {"SPOOL_VOLUME": json.dumps({"name": "spool"} | volume)}
    refused(experiment(behind.project, "upload", env=env, check=False), "SPOOL_VOLUME", "make upload-job spool_claim=")
