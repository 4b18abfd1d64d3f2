"""Sweeps: which sets are tried, and what they leave in the store."""

import re
import shlex

import pytest

from ..helpers import experiment, runs


@pytest.fixture
def sets():
    """The sets that a sweep of a model would try."""
    from experiment.declaration import load, space

    def call(name: str, limit: int = 12, **fixed: str):
        return space.sets(load(name), {key: (value, f"--{key}") for key, value in fixed.items()}, limit)

    return call


@pytest.mark.parametrize("name", ["kmeans", "knn", "elasticnet", "drive_failure"])
def test_every_space_gives_twelve_distinct_sets_by_default(sets, name):
    assert len(set(sets(name))) == len(sets(name)) == 12
    assert sets(name) == sets(name)


def test_a_grid_is_tried_in_full_and_what_is_fixed_leaves_it(sets):
    assert {(each.n_neighbors, each.weights) for each in sets("knn", weights="distance")} == {
        (k, "distance") for k in (1, 3, 4, 5, 6, 9)
    }
    assert len(set(sets("knn", limit=7))) == 7


def test_a_range_is_drawn_within_its_ends_and_by_the_seed(sets):
    drawn = sets("elasticnet", limit=200)
    assert len(drawn) == 200
    assert all(1e-3 <= each.alpha <= 10 and 0 <= each.l1_ratio <= 1 for each in drawn)
    # Even among orders of magnitude: a quarter of the draws is below 0.01.
    assert 30 < sum(each.alpha < 0.01 for each in drawn) < 70
    assert sets("elasticnet", seed="1") != sets("elasticnet", seed="2")


def test_a_sweep_is_a_parent_with_a_child_per_set_and_says_the_best(project, store):
    said = experiment(project, "sweep", "drive_failure").stdout
    found = runs(store)
    children = [run for run in found if "mlflow.parentRunId" in run.data.tags]
    (parent,) = [run for run in found if run not in children]
    assert len({tuple(sorted(run.data.params.items())) for run in children}) == 12
    assert {run.data.tags["mlflow.parentRunId"] for run in children} == {parent.info.run_id}
    assert {run.info.status for run in found} == {"FINISHED"}
    assert {run.data.tags["model"] for run in found} == {"drive_failure"}
    assert all(run.inputs.dataset_inputs[0].dataset.name == "simulated_drives" for run in found)

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


def test_a_set_that_fails_stops_no_other(bake, store):
    model = bake / "models" / "knn.py"
    broken = "    if params.n_neighbors == 4:\n        raise RuntimeError('four is unlucky')\n    train.at_least("
    model.write_text(model.read_text().replace("    train.at_least(", broken))
    done = experiment(bake, "sweep", "knn", "--weights", "uniform")
    assert "1 sets failed" in done.stdout
    found = {run.data.params.get("n_neighbors"): run for run in runs(store)}
    assert found["4"].info.status == "FAILED"
    assert "four is unlucky" in found["4"].data.tags["problem"]
    assert {run.info.status for k, run in found.items() if k != "4"} == {"FINISHED"}


def test_a_sweep_where_all_fail_is_a_failed_run(bake, store):
    model = bake / "models" / "knn.py"
    model.write_text(
        model.read_text().replace("    train.at_least(", "    raise OSError('no luck')\n    train.at_least(")
    )
    done = experiment(bake, "sweep", "knn", "--limit", "2", check=False)
    assert done.returncode != 0
    assert "none of 2 sets could be fitted" in done.stderr.splitlines()[-1]
    assert "no luck" in done.stderr.splitlines()[-1]
    assert {run.info.status for run in runs(store)} == {"FAILED"}
