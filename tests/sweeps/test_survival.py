"""A sweep that is stopped or killed loses nothing: another process goes on with what it has not finished."""

import os
import random
import re
import signal
import subprocess
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import pytest

from ..forks import forked, python
from ..helpers import PYTHON, experiment, refused, run, runs, until


@contextmanager
def started(project, *words, **env):
    """A sweep that runs, in a process group of its own as a shell starts it, and its id."""
    with forked("-m", "experiment", "sweep", "tiny", *words, cwd=project, env=env, group=True) as process:
        yield process, re.search("sweep ([0-9a-f]{32}), ", process.stdout.readline())[1]


def states(store, sweep: str) -> Counter:
    return Counter(run.info.status for run in children(store, sweep))


def children(store, sweep: str) -> list:
    return [run for run in runs(store) if run.data.tags.get("mlflow.parentRunId") == sweep]


def group(pid: int) -> list[str]:
    """The processes of a group that are still there; one that is ending has no memory any more, and so no arguments:
    it has closed its end of the pipe, by which its parent's end is known, a moment before it is a zombie.
    """
    listed = subprocess.run(["ps", "-eo", "pgid,stat,args"], capture_output=True, text=True, check=True).stdout
    lines = [line for line in listed.splitlines() if line.split()[0] == str(pid) and "Z" not in line.split()[1]]
    return [line for line in lines if not line.split(maxsplit=2)[2].startswith("[")]


def finished(store, sweep: str, count: int):
    return lambda: states(store, sweep)["FINISHED"] >= count


def test_a_sweep_that_is_killed_again_and_again_tries_each_set_once(tiny, store, held):
    words = ()
    for _ in range(5):
        with started(tiny, *words, **held(30)) as (process, sweep):
            until(finished(store, sweep, states(store, sweep)["FINISHED"] + 5), 60, "five more sets")
            time.sleep(random.random() / 2)  # noqa: S311
            os.killpg(process.pid, signal.SIGKILL)
        words = ("--resume", sweep)
    assert 25 <= states(store, sweep)["FINISHED"] < 200
    # All before were forks, with the hashes of one Python; this has others.
    said = run(PYTHON, "-m", "experiment", "sweep", "tiny", *words, cwd=tiny)
    assert "200 of 200 sets, 0 failed" in said.stderr
    done = Counter(run.data.tags["set"] for run in children(store, sweep) if run.info.status == "FINISHED")
    assert len(done) == 200
    assert set(done.values()) == {1}
    assert "RUNNING" not in states(store, sweep)
    parent = store.get_run(sweep)
    assert parent.info.status == "FINISHED"
    best = min((run for run in children(store, sweep) if run.data.metrics), key=lambda run: run.data.metrics["mae"])
    assert parent.data.tags["best_run"] == best.info.run_id
    assert store.get_run(best.info.run_id).outputs.model_outputs, "the best of an earlier process is fitted again"


@pytest.mark.parametrize(("stop", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_sweep_says_how_to_go_on_and_leaves_nothing_behind(stop, code, tiny, store, held):
    with started(tiny, **held(2)) as (process, sweep):
        until(finished(store, sweep, 2), 60, "two sets")
        until(lambda: states(store, sweep)["RUNNING"] >= 1, 60, "a set that is being fitted")
        os.killpg(process.pid, stop) if stop == signal.SIGINT else process.send_signal(stop)
        said = process.communicate()
        assert process.returncode == code
        assert said.splitlines() == [
            f"to go on: python -m experiment sweep tiny --resume {sweep}",
            f"stopped by signal {stop.value}",
        ]
        assert group(process.pid) == []
    assert store.get_run(sweep).info.status == "KILLED"
    left = states(store, sweep)
    assert left["KILLED"] >= 1
    assert left["RUNNING"] == 0
    assert all(run.data.params for run in children(store, sweep))


def test_a_sweep_that_is_killed_alone_leaves_no_process_behind(tiny, store, held, tmp_path):
    (tmp_path / "scratch").mkdir()
    with started(tiny, TMPDIR=str(tmp_path / "scratch"), **held(1)) as (process, sweep):
        until(finished(store, sweep, 1), 60, "a set")
        assert len([line for line in group(process.pid) if "loky" in line]) >= 2
        process.kill()
        until(lambda: not group(process.pid), 60, "its processes end")
    assert not list((tmp_path / "scratch").glob("sweep-*")), "the table and the models are left"


def test_a_sweep_that_runs_is_left_alone_by_one_that_would_go_on_with_it(tiny, store, held):
    waiting = held(2)
    with started(tiny, "--b", "0", **waiting) as (process, sweep):
        until(finished(store, sweep, 2), 60, "two sets")
        refused(experiment(tiny, "sweep", "tiny", "--resume", sweep, check=False), sweep, "another process is at it")
        assert "KILLED" not in states(store, sweep)
        Path(waiting["HOLD"], "go").touch()
        assert process.wait(60) == 0
    assert states(store, sweep) == {"FINISHED": 20}
    assert "0 of 20 sets to try" in experiment(tiny, "sweep", "tiny", "--resume", sweep).stderr


def test_tpe_goes_on_after_a_kill(tiny, store, held):
    with started(tiny, "--strategy", "tpe", "--limit", "20", **held(6)) as (process, sweep):
        until(finished(store, sweep, 6), 60, "six sets")
        os.killpg(process.pid, signal.SIGKILL)
    experiment(tiny, "sweep", "tiny", "--resume", sweep)
    done = [run for run in children(store, sweep) if run.info.status == "FINISHED"]
    assert len({run.data.tags["set"] for run in done}) == len(done) == 20


def test_sets_that_failed_are_tried_again(tiny, store):
    failing = {"ON_1_0": "raise", "ON_2_0": "die"}
    experiment(tiny, "sweep", "tiny", "--b", "0", env=failing)
    (sweep,) = [run.info.run_id for run in runs(store) if "sweep" in run.data.tags]
    experiment(tiny, "sweep", "tiny", "--resume", sweep)
    assert states(store, sweep) == {"FINISHED": 20, "FAILED": 2}
    again = experiment(tiny, "sweep", "tiny", "--resume", sweep)
    assert "0 of 20 sets to try" in again.stderr
    assert states(store, sweep) == {"FINISHED": 20, "FAILED": 2}


def test_what_has_changed_is_refused_with_what_differs_unless_forced(bake, tiny, store, tmp_path):
    model, table = bake / "models" / "tiny.py", tmp_path / "rows.csv"
    text = (tiny / "models" / "tiny.py").read_text()
    model.write_text(text)
    table.write_text("x,y\n" + "".join(f"{row},{row % 5}\n" for row in range(50)))
    failing = {"ON_1_0": "raise"}
    experiment(bake, "sweep", "tiny", "--b", "0", "--data", table, "--limit", "4", "--seed", "1", env=failing)
    (sweep,) = [run.info.run_id for run in runs(store) if "sweep" in run.data.tags]
    resume = ("sweep", "tiny", "--resume", sweep)

    table.write_text(table.read_text().replace("1,1", "1,3"))
    line = refused(experiment(bake, *resume, check=False), f"--resume {sweep}: the data was rows ", "--force")
    assert "models/tiny.py" not in line
    model.write_text(text.replace("range(20)", "range(21)"))
    parts = (
        "SPACE['a'] was [0, 1, 2",
        "and is [0, 1, 2",
        "the data was",
        "models/tiny.py, or what it imports, has changed",
        "--force",
    )
    refused(experiment(bake, *resume, check=False), *parts)
    before = states(store, sweep)
    forced = experiment(bake, *resume, "--force")
    assert states(store, sweep)["FINISHED"] == 4
    assert (count := before["FINISHED"]) in (3, 4)
    assert f"note: {count} of the finished sets were judged on other rows" in forced.stderr


LAZILY = "    from models._constant import Constant\n\n    return Constant(params.a + params.b / 10)"


@pytest.fixture
def models(bake, tiny) -> Path:
    """The models of a bake with a `tiny` whose fit imports from a file beside it."""
    text, models = (tiny / "models" / "tiny.py").read_text(), bake / "models"
    (models / "_constant.py").write_text(text[text.index("class Constant") : text.index("def numbers")])
    (models / "tiny.py").write_text(text.replace("    return Constant(params.a + params.b / 10)", LAZILY))
    return models


EDITS = {
    "the model": ("tiny.py", "\n# another version\n", "models/tiny.py has been edited"),
    "what it imports": ("_constant.py", "\n# another version\n", "models/_constant.py has been edited"),
    "half a sentence": ("tiny.py", "\ndef (", "SyntaxError"),
}


@pytest.mark.parametrize(("edited", "more", "told"), EDITS.values(), ids=EDITS)
def test_a_file_that_is_edited_slips_into_no_sweep(edited, more, told, bake, models, store, held):
    """The process of a set dies, and the one that takes its place would import the file as it is then."""
    with started(bake, "--b", "0", "--jobs", "1", ON_2_0="die", **(hold := held(2))) as (process, sweep):
        until(finished(store, sweep, 2), 60, "two sets")
        before = (models / edited).read_text()
        (models / edited).write_text(before + more)
        Path(hold["HOLD"], "go").touch()
        said = process.communicate()
    assert process.returncode == 2, said
    assert told in said
    assert f"--resume {sweep} --force" in said
    assert states(store, sweep).keys() == {"FINISHED", "FAILED", "KILLED"}
    (died,) = [run.info.end_time for run in children(store, sweep) if run.info.status == "FAILED"]
    assert all(run.info.end_time <= died for run in children(store, sweep) if run.info.status == "FINISHED")
    resume = ("sweep", "tiny", "--resume", sweep)
    if told != "SyntaxError":
        refused(experiment(bake, *resume, check=False), "models/tiny.py, or what it imports, has changed", "--force")
        experiment(bake, *resume, "--force")
    else:
        (models / edited).write_text(before)
        experiment(bake, *resume)
    assert states(store, sweep)["FINISHED"] == 20


def test_edits_while_a_sweep_runs_are_left_to_their_author(bake, models, store, held):
    """What is imported late, by `fit`, is that of the beginning too."""
    with started(bake, "--b", "0", "--jobs", "1", **(hold := held(0))) as (process, sweep):
        until(lambda: (Path(hold["HOLD"]) / "0").exists(), 60, "the first fit")
        (models / "_constant.py").write_text("class Constant:\n    value = predict = lambda *_: 99\n")
        (models / "tiny.py").write_text("a sentence that is being written")
        Path(hold["HOLD"], "go").touch()
        process.communicate()
    assert process.returncode == 0
    assert states(store, sweep) == {"FINISHED": 20}
    best = store.get_run(store.get_run(sweep).data.tags["best_run"])
    model = f"models:/{best.outputs.model_outputs[0].model_id}"
    load = f"import mlflow, pandas; print(mlflow.pyfunc.load_model({model!r}).predict(pandas.DataFrame({{'x': [1]}})))"
    assert python("-c", load, cwd=bake.parent).stdout == f"[{float(best.data.params['a'])}]\n"


def test_another_machine_goes_on_over_a_server(tiny, server, held, tmp_path, monkeypatch):
    """Nothing but the id is needed: the second process has another home, folder and scratch."""
    import mlflow

    monkeypatch.setenv("MLFLOW_TRACKING_URI", server)
    client = mlflow.MlflowClient(server)
    with started(tiny, "--b", "0", **held(3)) as (process, sweep):
        until(finished(client, sweep, 3), 60, "three sets")
        os.killpg(process.pid, signal.SIGKILL)
    elsewhere = {"HOME": str(tmp_path), "TMPDIR": str(tmp_path)}
    experiment(tiny, "sweep", "tiny", "--resume", sweep, env=elsewhere)
    done = [run for run in children(client, sweep) if run.info.status == "FINISHED"]
    assert len({run.data.tags["set"] for run in done}) == len(done) == 20
    parent = client.get_run(sweep)
    assert {file.path for file in client.list_artifacts(sweep)} == {"sweep.json", "sets.csv", "sets.png"}
    assert client.get_run(parent.data.tags["best_run"]).outputs.model_outputs


def test_what_a_sweep_that_was_killed_has_left_goes_with_the_next(tiny, store, held, tmp_path):
    (scratch := tmp_path / "scratch").mkdir()
    (scratch / "sweep-of-another-program").mkdir()
    env = {"TMPDIR": str(scratch)} | held(1)
    with started(tiny, "--b", "0", "--limit", "4", **env) as (process, sweep):
        until(finished(store, sweep, 1), 60, "a set")
        left = {*scratch.glob("sweep-*"), *scratch.glob("run-*")}
        experiment(tiny, "sweep", "tiny", "--limit", "1", env={"TMPDIR": str(scratch)})
        assert left == {*scratch.glob("sweep-*"), *scratch.glob("run-*")}, "one that lives is left alone"
        os.killpg(process.pid, signal.SIGKILL)
    assert len(left) == 3
    experiment(tiny, "sweep", "tiny", "--resume", sweep, env={"TMPDIR": str(scratch)})
    assert [folder.name for folder in scratch.glob("*-*") if folder.is_dir()] == ["sweep-of-another-program"]


def test_a_set_is_finished_when_its_model_is_stored(tiny, store, held):
    words = ("--b", "0", "--limit", "10", "--log-models", "all")
    for _ in range(2):
        with started(tiny, *words, **held(6)) as (process, sweep):
            until(finished(store, sweep, states(store, sweep)["FINISHED"] + 2), 60, "two more sets")
            os.killpg(process.pid, signal.SIGKILL)
        words = ("--log-models", "all", "--resume", sweep)
    said = experiment(tiny, "sweep", "tiny", *words).stderr
    done = [run for run in children(store, sweep) if run.info.status == "FINISHED"]
    assert len(done) == 10
    assert all(run.data.tags["model_format"] for run in done)
    models = store.search_logged_models([done[0].info.experiment_id])
    assert {run.info.run_id for run in done} <= {model.source_run_id for model in models if model.status == "READY"}
    assert "stay so" not in said


def test_models_that_were_not_asked_for_at_first_are_missed_aloud(tiny, store):
    experiment(tiny, "sweep", "tiny", "--b", "0", env={"ON_1_0": "raise"})
    (sweep,) = [run.info.run_id for run in runs(store) if "sweep" in run.data.tags]
    said = experiment(tiny, "sweep", "tiny", "--resume", sweep, "--log-models", "all").stderr
    assert "note: 18 sets were finished before without their models being stored, and stay so" in said


def test_tpe_goes_on_over_another_space_when_forced(bake, tiny, store, held):
    model, text = bake / "models" / "tiny.py", (tiny / "models" / "tiny.py").read_text()
    model.write_text(text)
    with started(bake, "--strategy", "tpe", "--limit", "9", **held(3)) as (process, sweep):
        until(finished(store, sweep, 3), 60, "three sets")
        os.killpg(process.pid, signal.SIGKILL)
    model.write_text(text.replace('"a": list(range(20)), "b": list(range(10))', '"a": [40, 50, 60], "b": [20, 30]'))
    assert "9 of 9 sets, 0 failed" in experiment(bake, "sweep", "tiny", "--resume", sweep, "--force").stderr
    tried = {run.data.params["a"] for run in children(store, sweep) if run.info.status == "FINISHED"}
    assert {"40", "50", "60"} < tried


def test_data_that_is_elsewhere_is_asked_for_with_the_flag_that_names_it(tiny, store, tmp_path):
    (tmp_path / "rows.csv").write_text("x,y\n" + "".join(f"{row},{row % 5}\n" for row in range(50)))
    words = ("-m", "experiment", "sweep", "tiny")
    at, path = tmp_path, {"PYTHONPATH": str(tiny)}
    python(*words, "--limit", "2", "--data", "rows.csv", cwd=at, env=path)
    (sweep,) = [run.info.run_id for run in runs(store) if "sweep" in run.data.tags]
    done = python(*words, "--resume", sweep, cwd=tiny, check=False)
    refused(done, f"--resume {sweep}: --data rows.csv: cannot be read", "say where that is, seen from here, by --data")
    python(*words, "--resume", sweep, "--data", at / "rows.csv", cwd=tiny)


EARLY = """
import os, signal, sys, threading
from experiment.__main__ import run

start = threading.Thread.start

def starts(thread):
    if getattr(thread._target, "__name__", "") == "_lane":
        os.kill(os.getpid(), signal.SIGINT)
    start(thread)

threading.Thread.start = starts
sys.argv[1:] = ["sweep", "tiny", "--limit", "2"]
sys.exit(run())
"""


def test_ctrl_c_while_threads_are_started_is_a_line(tiny, store):
    done = python("-c", EARLY, cwd=tiny, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (130, False), done.stderr
    assert "to go on: python -m experiment sweep tiny --resume" in done.stderr
