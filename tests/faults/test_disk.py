"""An sqlite store that is locked or cannot be written, and disks that are full: what is on a screen, what is kept."""

import subprocess

import mlflow
import pytest

from ..helpers import away, experiment, lacking
from .disk import fill, locked, small_disk
from .training import content

needs_mount = pytest.mark.skipif(bool(lacking("mount")), reason=lacking("mount"))


@pytest.fixture
def small(tmp_path):
    with small_disk(tmp_path / "small") as folder:
        yield folder


def kept(ended, place, problem: str) -> None:
    """Assert that a training said what is wrong, and that the run is kept because of it."""
    assert ended.code == 75
    note, error = [line for line in ended.lines if not line.startswith("steady: ")]
    assert note.startswith(f"note: tracking store {place.store}: {problem}; it is tried again")
    assert f"{problem}; the run is kept in" in error


def whole(place) -> None:
    """Assert that the store has the one run, and all of it."""
    (run,) = place.runs()
    found = content(place.store, run)
    assert found["status"] == "FINISHED"
    assert [step for step, _ in found["metrics"]["loss"]] == list(range(10))
    assert [value > 0 for _, value in found["metrics"]["mae"]] == 10 * [False] + [True]
    assert found["metrics"].keys() == {"loss", "speed", "rmse", "mae", "r2"}
    assert found["files"].keys() == {"coefficients.png"}
    assert found["model"][0] == "READY"


def test_a_store_that_is_locked_for_a_while_gets_the_run(local):
    local.patience = "60"
    with local.training() as training, locked(local) as other:
        training.reach_trouble()
        other.execute("rollback")
        ended = training.let_go()
    assert ended.code == 0
    note, back, *_ = [line for line in ended.lines if line.startswith("note: ")]
    assert note.startswith(f"note: tracking store {local.store}: it takes too long; it is tried again")
    assert back == "note: the tracking store answers again"
    assert local.spooled() == []
    whole(local)


def test_a_store_that_stays_locked_gets_the_run_by_upload(local):
    with local.training() as training, locked(local):
        training.reach_trouble()
        ended = training.let_go()
    kept(ended, local, "it takes too long")
    local.upload()
    whole(local)


def test_a_store_that_is_locked_at_the_start_is_told(local):
    local.patience = "10"  # sqlite itself waits for half as long
    with locked(local):
        done = experiment(local.project, "train", "steady", env=local.env, check=False)
    away(done, local.store, "another process has locked the file")


@needs_mount
@pytest.mark.parametrize("what", ["the store", "an artifact"])
def test_a_full_disk_loses_nothing(what, local, small):
    local.patience = "5"
    if what == "the store":
        local.address = local.store = f"sqlite:///{small}/mlflow.db"
    else:
        client = mlflow.MlflowClient(local.store)
        client.create_experiment(local.folder.name, str(small / "artifacts"))
    with local.training() as training:
        filler = fill(small)
        ended = training.let_go()
    kept(ended, local, "no space is left on its disk")
    filler.unlink()
    local.upload()
    whole(local)


@needs_mount
@pytest.mark.parametrize("leaving", [0, 1_000_000])
def test_a_spool_that_is_full_too_is_told_with_the_metrics_and_left_clean(leaving, local, small):
    fill(small, leaving)
    with local.training(SPOOL_DIR=str(small / "spool")) as training, locked(local):
        ended = training.let_go()
    assert ended.code == 1, "a Job tries it again"
    metrics, error = [line for line in ended.lines if not line.startswith("note: ")]
    assert metrics.startswith("steady: rmse 58.5")
    assert f"the run cannot be kept in {small}/spool: no space is left on its disk; make room" in error
    assert not list(small.glob("spool/*"))


@needs_mount
def test_a_spool_that_is_read_only_is_told_with_what_helps(local, small):
    subprocess.run(["mount", "-o", "remount,ro", small], check=True)
    with local.training(SPOOL_DIR=str(small / "spool")) as training, locked(local):
        ended = training.let_go()
    assert ended.code == 1
    fix = f"the run cannot be kept in {small}/spool: it cannot be written; name a place that can: SPOOL_DIR"
    assert ended.lines[-1].endswith(fix)
