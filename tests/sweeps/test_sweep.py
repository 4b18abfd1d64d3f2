"""What a sweep leaves in the store and on the screen."""

import csv
import json
import os
import pty
import re
import shlex
import subprocess
import termios

import pytest

from ..forks import python
from ..helpers import PYTHON, experiment, refused, run, runs


def family(store) -> tuple:
    """The one sweep in the store, and the runs of its sets."""
    found = runs(store)
    children = [run for run in found if "mlflow.parentRunId" in run.data.tags]
    (parent,) = [run for run in found if run not in children]
    assert {run.data.tags["mlflow.parentRunId"] for run in children} == {parent.info.run_id}
    return parent, children


def artifact(run, name: str) -> str:
    import mlflow

    return mlflow.artifacts.load_text(f"{run.info.artifact_uri}/{name}")


def results(children) -> dict:
    return {tuple(sorted(run.data.params.items())): run.data.metrics for run in children}


def test_a_sweep_is_a_parent_with_a_child_per_set_and_the_same_each_time(project, store):
    said = experiment(project, "sweep", "drive_failure").stdout
    parent, children = family(store)
    assert len(results(children)) == len(children) == 12
    assert {run.info.status for run in (parent, *children)} == {"FINISHED"}
    assert {run.data.tags["model"] for run in (parent, *children)} == {"drive_failure"}
    assert all(run.inputs.dataset_inputs[0].dataset.name == "simulated_drives" for run in (parent, *children))
    assert len({run.data.tags["set"] for run in children}) == 12
    for child in children:
        tried = dict(pair.split("=") for pair in child.info.run_name.split())
        assert tried.keys() == {"loss", "alpha", "class_weight"}
        assert tried.items() <= child.data.params.items()

    best = max(children, key=lambda run: run.data.metrics["f1_bad"])
    first = next(line for line in said.splitlines() if line.startswith("  0."))
    assert float(first.split()[0]) == pytest.approx(best.data.metrics["f1_bad"], rel=1e-4)
    again = re.search(r"next: python -m experiment (train drive_failure .*)", said)[1]
    experiment(project, *again.split())
    trained = runs(store)[0]
    assert trained.data.params == best.data.params
    assert trained.data.metrics["f1_bad"] == best.data.metrics["f1_bad"]

    store.delete_run(trained.info.run_id)
    store.delete_run(parent.info.run_id)
    for child in children:
        store.delete_run(child.info.run_id)
    # forks have the hashes of one Python, this has others
    run(PYTHON, "-m", "experiment", "sweep", "drive_failure", "--jobs", "1", cwd=project)
    twin, others = family(store)
    assert results(others) == results(children)
    assert {run.data.tags["set"] for run in others} == {run.data.tags["set"] for run in children}
    assert twin.data.tags["best"] == parent.data.tags["best"]


def test_the_parent_says_which_was_the_best_whose_model_is_stored(tiny, store):
    import mlflow

    said = json.loads(experiment(tiny, "sweep", "tiny", "--b", "0", "--json").stdout)
    parent, children = family(store)
    best = min(children, key=lambda run: run.data.metrics["mae"])
    assert parent.info.run_id == said["run_id"]
    assert parent.data.tags["best_run"] == best.info.run_id == said["best"]["run_id"]
    assert parent.data.tags["best"] == f"--a={best.data.params['a']} --b=0"
    assert parent.data.metrics == {"best_mae": best.data.metrics["mae"]}
    assert (said["best"]["metrics"], said["best"]["params"]) == (best.data.metrics, best.data.params)
    assert (said["finished"], said["failed"]) == (20, 0)

    table = list(csv.DictReader(artifact(parent, "sets.csv").splitlines()))
    assert table[0]["run_id"] == best.info.run_id
    assert {row["run_id"]: (row["a"], float(row["mae"])) for row in table} == {
        run.info.run_id: (run.data.params["a"], run.data.metrics["mae"]) for run in children
    }
    assert {file.path for file in store.list_artifacts(parent.info.run_id)} == {"sweep.json", "sets.csv", "sets.png"}

    (stored,) = [run for run in children if run.outputs.model_outputs]
    assert stored.info.run_id == best.info.run_id
    assert stored.data.tags["model_format"]
    loaded = python("-c", LOADED, f"models:/{stored.outputs.model_outputs[0].model_id}", cwd=tiny)
    assert float(loaded.stdout) == float(best.data.params["a"])
    assert mlflow.get_experiment(parent.info.experiment_id).name == "ml-project"


LOADED = "import mlflow, pandas, sys; print(mlflow.pyfunc.load_model(sys.argv[1]).predict(pandas.DataFrame({'x': [1.0]}))[0])"


@pytest.mark.parametrize(("which", "count"), [("all", 3), ("none", 0)])
def test_all_fitted_models_are_stored_or_none(which, count, tiny, store):
    experiment(tiny, "sweep", "tiny", "--b", "0", "--limit", "3", "--jobs", "1", "--log-models", which)
    _, children = family(store)
    assert sum(bool(run.outputs.model_outputs) for run in children) == count


def test_tpe_is_a_sweep_like_any(tiny, store):
    experiment(tiny, "sweep", "tiny", "--strategy", "tpe", "--limit", "15", "--jobs", "1")
    parent, children = family(store)
    assert len(results(children)) == len(children) == 15
    assert parent.data.tags["sweep"] == "tpe, 15 sets"


def test_what_to_train_next_names_the_data_too(project, store, tmp_path):
    (tmp_path / "my rows.csv").write_text("a,b,y\n" + "".join(f"{n},{n % 7},{n % 3 * 1.5}\n" for n in range(60)))
    given = ("--data", tmp_path / "my rows.csv", "--target", "y", "--limit", "2", "--jobs", "1")
    said = experiment(project, "sweep", "elasticnet", *given).stdout
    again = re.search(r"next: python -m experiment (train elasticnet .*)", said)[1]
    experiment(project, *shlex.split(again))
    trained, *tried = runs(store)
    digests = {each.inputs.dataset_inputs[0].dataset.digest for each in (trained, *tried)}
    assert len(digests) == 1
    assert trained.data.metrics["rmse"] == min(each.data.metrics.get("rmse", 9e9) for each in tried)


def test_a_set_that_fails_stops_no_other(tiny, store):
    asked = {
        "ON_1_0": "raise",
        "ON_2_0": "exit",
        "ON_4_0": "die",
        "ON_5_0": "nan",
        "ON_6_0": "forget",
        "ON_7_0": "less",
    }
    done = experiment(tiny, "sweep", "tiny", "--b", "0", env=asked)
    assert "5 sets failed; their runs say why" in done.stdout
    assert "20 of 20 sets, 5 failed, best mae" in done.stderr.splitlines()[-1]
    parent, children = family(store)
    found = {run.data.params["a"]: run for run in children}
    assert len(found) == 20
    problems = {
        "1": "RuntimeError: no such luck",
        "2": "SystemExit: enough",
        "4": "its process died of SIGKILL(-9): out of memory, or a crash",
        "5": "models/tiny.py: mae is nan; a run needs a number to be ranked by",
        "6": "models/tiny.py: METRIC is mae, but evaluate returns bias",
    }
    assert {a: run.data.tags.get("problem") for a, run in found.items() if run.info.status == "FAILED"} == problems
    assert {run.info.status for a, run in found.items() if a not in problems} == {"FINISHED"}
    assert 'raise RuntimeError("no such luck")' in artifact(found["1"], "traceback.txt")
    assert parent.info.status == "FINISHED"
    assert "bias" not in found["7"].data.metrics

    table = {row["a"]: row for row in csv.DictReader(artifact(parent, "sets.csv").splitlines())}
    assert (table["7"]["status"], table["7"]["bias"]) == ("FINISHED", "")
    assert (table["5"]["status"], table["5"]["mae"], table["5"]["problem"]) == ("FAILED", "", problems["5"])


@pytest.mark.parametrize(("words", "failed"), [(["--max-failures", "1"], 2), (["--fail-fast"], 1)])
def test_more_failures_than_may_end_the_sweep(words, failed, tiny, store):
    asked = {f"ON_{a}_0": "raise" for a in range(20)}
    done = experiment(tiny, "sweep", "tiny", "--b", "0", "--jobs", "1", *words, env=asked, check=False)
    assert done.returncode == 2
    assert f"{failed} sets failed, where {failed - 1} may; the last said: RuntimeError" in done.stderr.splitlines()[-1]
    parent, children = family(store)
    assert parent.info.status == "FAILED"
    assert sum(run.info.status == "FAILED" for run in children) >= failed
    assert len(children) < 20
    assert "RUNNING" not in {run.info.status for run in children}


def test_a_sweep_where_all_fail_is_a_failed_run(tiny, store):
    asked = {f"ON_{a}_0": "raise" for a in range(20)}
    done = experiment(tiny, "sweep", "tiny", "--b", "0", "--limit", "2", "--jobs", "1", env=asked, check=False)
    assert done.returncode == 2
    assert "none of 2 sets could be fitted" in done.stderr.splitlines()[-1]
    assert "no such luck" in done.stderr.splitlines()[-1]
    parent, children = family(store)
    assert {run.info.status for run in (parent, *children)} == {"FAILED"}


def test_what_a_model_prints_is_not_in_the_answer(tiny, store):
    words = ("--b", "0", "--limit", "20", "--jobs", "1", "--json", "--log-models", "none")
    done = experiment(tiny, "sweep", "tiny", *words, env={"ON_3_0": "talk"})
    assert json.loads(done.stdout)["finished"] == 20
    assert {"by print", "by a program"} <= set(done.stderr.splitlines())


def test_a_terminal_has_a_bar_without_colours(tiny, store):
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 120))
    words = (PYTHON, "-m", "experiment", "sweep", "tiny", "--b", "0", "--limit", "6", "--log-models", "none")
    process = subprocess.Popen(
        [str(word) for word in words], cwd=tiny, stdout=subprocess.PIPE, stderr=theirs, text=True
    )
    os.close(theirs)
    said = b""
    while True:
        try:
            said += os.read(ours, 4096)
        except OSError:  # it has ended
            break
    assert "mae, lowest first:" in process.communicate(timeout=60)[0]
    shown = said.decode()
    assert re.search(r"tiny: \|?█+.* 6 of 6 sets, 0 failed, best mae [\d.]+, .* left", shown), shown
    assert "\x1b[3" not in shown, "a colour"


def test_a_resumed_sweep_needs_one_of_its_model(tiny, store):
    experiment(tiny, "train", "tiny")
    (trained,) = runs(store)
    wrong = {
        "0" * 32: ["--resume 0", "not found"],
        "no/id": ["--resume no/id"],
        trained.info.run_id: [f"--resume {trained.info.run_id}: is no sweep but a run of tiny"],
    }
    for run_id, parts in wrong.items():
        refused(experiment(tiny, "sweep", "tiny", "--resume", run_id, check=False), *parts)
    experiment(tiny, "sweep", "tiny", "--b", "0", "--limit", "2", "--jobs", "1")
    sweep = next(run for run in runs(store) if "sweep" in run.data.tags)
    child = next(run for run in runs(store) if "set" in run.data.tags)
    refused(experiment(tiny, "sweep", "knn", "--resume", sweep.info.run_id, check=False), "a sweep of tiny, not of knn")
    refused(
        experiment(tiny, "sweep", "tiny", "--resume", child.info.run_id, check=False), f"a set of {sweep.info.run_id}"
    )
    for words in (["--limit", "3"], ["--strategy", "tpe"], ["--nap", "1"]):
        done = experiment(tiny, "sweep", "tiny", "--resume", sweep.info.run_id, *words, check=False)
        refused(done, f"{words[0]}: a sweep is resumed as it began")
