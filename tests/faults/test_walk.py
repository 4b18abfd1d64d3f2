"""Walks at random over all that happens to trainings, sweeps and what is kept of them; what must hold in the end does.

A walk is told by its seed: `WALKS=7,8 python -m pytest tests/faults/test_walk.py` walks these.
"""

import os
import random
import re
import shutil
import signal
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import mlflow
import pytest

from .. import sweeps
from ..forks import forked
from ..helpers import copied
from .training import Place

SEEDS = [int(seed) for seed in os.environ.get("WALKS", "1,2,3").split(",")]
STEPS, SETS = 6, 5
FAULTS = ["dead", "gone", 503, "lost"]


@pytest.fixture(scope="module")
def walked(steady, tmp_path_factory) -> Path:
    """A bake with both models."""
    made = copied(steady, tmp_path_factory.mktemp("walked"))
    shutil.copy(Path(sweeps.__file__).with_name("tiny.py"), made / "models")
    return made


@dataclass
class Done:
    """A process that has ended. killed: by -9; pause: a training's own number, by which its run is found."""

    words: tuple[str, ...]
    said: str
    code: int
    killed: bool
    pause: str = ""


@dataclass
class Walk:
    place: Place
    proxy: object
    random: random.Random
    done: list[Done] = field(default_factory=list)
    finished: set[str] = field(default_factory=set)
    damaged: set[str] = field(default_factory=set)  # the runs that a damaged folder held
    models: dict[str, str] = field(default_factory=dict)  # which models a sweep stores

    def step(self) -> None:
        """One thing happens, and something else to it."""
        what = self.random.choice(
            [self.train, self.train, self.sweep, self.sweep, self.resume, self.upload, self.damage]
        )
        fault, begin, last = self.random.choice([None, *FAULTS]), self.random.random() * 2, self.random.random() * 4
        over = threading.Event()
        weather = threading.Thread(target=self.turn, args=(fault, begin, last, over))
        weather.start()
        what()
        over.set()
        weather.join()
        self.check()

    def turn(self, fault: str | int | None, begin: float, last: float, over: threading.Event) -> None:
        """The server has this fault for a while, at most as long as the step takes."""
        over.wait(begin)
        if fault == "dead":
            self.proxy.die()
        else:
            self.proxy.fault = fault
        over.wait(last)
        if fault == "dead":
            self.proxy.start()
        self.proxy.fault = None

    def train(self) -> None:
        pause = f"{0.02 + len(self.done) / 1e5:.5f}"
        self.run("train", "steady", "--steps", "5", "--pause", pause, pause=str(float(pause)))

    def sweep(self) -> None:
        models = self.random.choice(["all", "best"])
        done = self.run("sweep", "tiny", "--b", "0", "--nap", "0.1", "--limit", str(SETS), "--log-models", models)
        if begun := re.search("sweep ([0-9a-f]{32}), ", done.said):
            self.models[begun[1]] = models

    def resume(self) -> None:
        if known := self.sweeps():
            self.go_on(self.random.choice(known))

    def go_on(self, sweep: str, **settings) -> Done:
        models = self.models.setdefault(sweep, "best")
        return self.run("sweep", "tiny", "--resume", sweep, "--log-models", models, **settings)

    def upload(self) -> None:
        two = self.random.random() < 0.5
        others = [threading.Thread(target=self.run, args=("upload",)) for _ in range(1 + two)]
        for other in others:
            other.start()
        for other in others:
            other.join()

    def damage(self) -> None:
        """A folder that holds one training; those of sweeps are what --resume makes anew."""
        if found := [folder for folder in self.place.spooled() if folder.name.startswith("steady-")]:
            folder = self.random.choice(found)
            self.damaged.add(folder.name.split("-")[1])
            (folder / "mlflow.db").write_bytes(self.random.randbytes(2000))

    def run(self, *words: str, pause: str = "", well: bool = False) -> Done:
        """A process to its end; unless all is to be well, something may be done to it on the way."""
        end = None if well else self.random.choice([None, None, signal.SIGINT, signal.SIGKILL])
        after = 0.3 + self.random.random() * 3
        with forked("-m", "experiment", *words, cwd=self.place.project, env=self.place.env, group=True) as process:
            timer = threading.Timer(after, self.end, [process, end])
            timer.start()
            said = process.communicate()
            timer.cancel()
            killed = process.returncode == -signal.SIGKILL
            self.done.append(Done(words, said, process.returncode, killed, pause))
        assert "Traceback" not in said, said
        return self.done[-1]

    @staticmethod
    def end(process, signum: int | None) -> None:
        if signum:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signum)

    def sweeps(self) -> list[str]:
        return [run.info.run_id for run in self.place.runs() if "sweep" in run.data.tags]

    def check(self) -> None:
        """A run that was FINISHED never becomes anything else."""
        status = {run.info.run_id: run.info.status for run in self.place.runs()}
        assert {status[run_id] for run_id in self.finished} <= {"FINISHED"}
        self.finished |= {run_id for run_id, each in status.items() if each == "FINISHED"}

    def come_to_an_end(self) -> None:
        """All is well again, and a person does what the program says."""
        self.run("upload", well=True)
        for sweep in self.sweeps():
            done = self.go_on(sweep, well=True)
            assert done.code == 0 or "begin a new sweep" in done.said, done
        assert self.run("upload", well=True).code == (2 if self.place.spooled() else 0)
        self.check()


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_happens_nothing_is_lost_or_there_twice(seed, walked, proxy, server, tmp_path):
    place = Place(walked, tmp_path, proxy.address, server, patience="2")
    walk = Walk(place, proxy, random.Random(seed))  # noqa: S311
    for _ in range(STEPS):
        walk.step()
    walk.come_to_an_end()
    client, runs = mlflow.MlflowClient(server), place.runs()
    print(f"walk {seed}: {Counter(done.words[0] for done in walk.done)}, {Counter(run.info.status for run in runs)}")
    for done in walk.done:
        if "steady: rmse" in done.said and not done.killed:
            mine = [run for run in runs if run.data.params.get("pause") == done.pause]
            if not mine:  # nothing got there, and what was kept is damaged
                assert walk.damaged & set(re.findall(r"steady-([0-9a-f]{32})-", done.said)), done
                continue
            (run,) = mine
            if run.info.run_id not in walk.damaged:
                assert run.info.status == ("KILLED" if done.code == 130 else "FINISHED"), done
                assert run.info.status == "KILLED" or whole(client, run), done
    # Its beginning may have arrived at a server that has not answered since.
    away = [done for done in walk.done if done.words[0] == "train" and done.code and "kept in" not in done.said]
    lost = len(away) + len(walk.damaged)
    running = [run for run in runs if run.info.status == "RUNNING"]
    assert all(run.data.tags["model"] == "steady" for run in running), "of sweeps none is"
    assert len(running) <= lost
    for sweep in walk.sweeps():
        sets = [run for run in runs if run.data.tags.get("mlflow.parentRunId") == sweep]
        if client.get_run(sweep).info.status == "KILLED":  # so early that it has no set
            assert not sets
            continue
        assert client.get_run(sweep).info.status == "FINISHED"
        assert len({run.data.tags["set"] for run in sets if run.info.status == "FINISHED"}) == SETS
        assert all("mae" in run.data.metrics for run in sets if run.info.status == "FINISHED")
        if walk.models[sweep] == "all":
            assert all(modelled(client, run) for run in sets if run.info.status == "FINISHED")


def whole(client, run) -> bool:
    """Has a training all that it makes?"""
    files = {file.path for file in client.list_artifacts(run.info.run_id)}
    points = client.get_metric_history(run.info.run_id, "loss")
    return files == {"coefficients.png"} and modelled(client, run) and len(points) == 5 and "rmse" in run.data.metrics


def modelled(client, run) -> bool:
    """Has a run one model, and all of it?"""
    return [client.get_logged_model(output.model_id).status for output in run.outputs.model_outputs] == ["READY"]
