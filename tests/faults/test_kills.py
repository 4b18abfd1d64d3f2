"""A server that is killed under many trainings, each at another moment of its life; and one that leaves a sweep."""

import os
import random
import re
import shutil
import signal
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from .. import sweeps
from ..cluster.tracking import serving
from ..forks import forked
from ..helpers import experiment, free_port, until
from .training import Place, content, moments

TRAININGS = int(os.environ.get("TRAININGS", "4"))
LONGEST = float(os.environ.get("LONGEST", "4"))  # seconds of a fit


def test_a_server_that_is_killed_loses_no_run(steady, tmp_path):
    (folder := tmp_path / "served").mkdir()
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    places = [Place(steady, tmp_path / f"training{number}", address, address) for number in range(TRAININGS + 1)]
    places[0].patience = "60"
    with ExitStack() as all_of_them:
        with serving(folder, port=port):
            for place in places:
                place.folder.mkdir()
            pauses = ["0", *(str(random.random() * LONGEST / 10) for _ in places[1:])]  # noqa: S311
            trainings = [
                all_of_them.enter_context(place.started("--pause", pause))
                for place, pause in zip(places, pauses, strict=True)
            ]
            for training in trainings:
                training.reach_the_middle()
            assert trainings[0].let_go().code == 0
            for training in trainings[1:]:
                training.release()
            time.sleep(random.random() * LONGEST / 2)  # noqa: S311
        codes = [training.end().code for training in trainings[1:]]
    assert set(codes) <= {0, 75}
    with serving(folder, port=port):
        undisturbed = content(address, *places[0].runs())
        for code, place, pause in zip(codes, places[1:], pauses[1:], strict=True):
            kept = [place.runs(f"sqlite:///{spooled}/mlflow.db")[0] for spooled in place.spooled()]
            assert len(kept) == (code == 75)
            as_kept = [moments(f"sqlite:///{place.spooled()[0]}/mlflow.db", each) for each in kept]
            place.upload()
            place.upload()
            (run,) = place.runs()
            found = content(address, run)
            assert found["params"].pop("pause") == str(float(pause))
            assert found == undisturbed | {"params": found["params"]}
            assert as_kept in ([], [moments(address, run)])
    print(f"killed under {TRAININGS} trainings: {Counter(codes)}")


def test_a_sweep_whose_server_goes_away_keeps_what_is_finished_and_goes_on_later(behind, proxy, bake, held):
    shutil.copy(Path(sweeps.__file__).with_name("tiny.py"), bake / "models")
    words = ("sweep", "tiny", "--b", "0", "--limit", "12")
    waiting = held(4)
    with forked("-m", "experiment", *words, cwd=bake, env=behind.env | waiting) as process:
        sweep = re.search("sweep ([0-9a-f]{32}), ", process.stdout.readline())[1]
        until(lambda: states(behind)["FINISHED"] >= 4, 60, "four sets")
        proxy.fault = "gone"
        Path(waiting["HOLD"], "go").touch()
        lines = process.communicate().splitlines()
    assert process.returncode == 75, lines
    assert len(lines) == 3, "\n".join(lines)
    assert lines[0].startswith(f"note: tracking store {proxy.address}: the connection broke; it is tried again")
    assert lines[1] == f"to go on: python -m experiment sweep tiny --resume {sweep}"
    assert re.search(r"^error: .* runs are kept in .*; later: python -m experiment upload$", lines[2]), lines[2]
    proxy.fault = None
    before = states(behind)["FINISHED"]
    behind.upload()
    assert states(behind)["FINISHED"] > before
    done = experiment(bake, "sweep", "tiny", "--resume", sweep, env=behind.env)
    assert "12 of 12 sets, 0 failed" in done.stderr
    finished = [run for run in children(behind) if run.info.status == "FINISHED"]
    assert len({run.data.tags["set"] for run in finished}) == len(finished) == 12
    assert states(behind)["RUNNING"] == 0
    assert behind.spooled() == []
    assert all(run.data.metrics.keys() == {"mae", "bias"} for run in finished)


def test_a_sweep_that_is_stopped_under_load_is_all_in_a_store_that_is_well(behind, proxy, bake, held):
    """Each answer takes more than a second, and there are as many requests in a row as keep it busy for many more."""
    shutil.copy(Path(sweeps.__file__).with_name("tiny.py"), bake / "models")
    waiting = held(6)
    words = ("-m", "experiment", "sweep", "tiny", "--b", "0", "--limit", "12")
    with forked(*words, cwd=bake, env=behind.env | waiting) as process:
        until(lambda: len(children(behind)) >= 8, 60, "six sets that are being tracked, and two that wait")
        proxy.fault = 1.5
        process.send_signal(signal.SIGINT)
        said = process.communicate()
    assert process.returncode == 130, said
    assert behind.spooled() == [], said
    assert states(behind)["RUNNING"] == 0
    assert {run.info.status for run in behind.runs() if "sweep" in run.data.tags} == {"KILLED"}


def children(place: Place) -> list:
    return [run for run in place.runs() if "set" in run.data.tags]


def states(place: Place) -> Counter:
    return Counter(run.info.status for run in children(place))
