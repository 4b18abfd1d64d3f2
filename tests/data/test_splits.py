"""Which rows are held back: at random, the last, whole groups, or as the model file says; and several targets."""

import re

import pytest

from ..helpers import experiment, refused, runs


def data(rows: int = 50, **more):
    """Rows whose number is in column `day`, ten to a patient."""
    import pandas as pd
    from experiment import Source

    def visits():
        days = list(range(rows))
        return pd.DataFrame({"day": days, "patient": [f"p{day // 10}" for day in days], "y": [d % 2 for d in days]})

    return Source().read(visits, target="y", **({"columns": ["day"]} | more))


def test_ordered_rows_are_judged_on_the_last_of_them():
    from experiment.data import splits

    fitting, judging = splits.ordered(data())
    assert list(fitting.X.day) == list(range(40))
    assert list(judging.X.day) == list(range(40, 50))


def test_rows_of_a_group_stay_together():
    from experiment.data import splits

    grouped = data(columns=None, group="patient")
    assert list(grouped.X) == ["day"]  # whose row it is predicts nothing about others
    for seed in range(5):
        fitting, judging = splits.grouped(grouped, seed)
        assert {*fitting.groups} | {*judging.groups} == {"p0", "p1", "p2", "p3", "p4"}
        assert judging.groups.nunique() == 1
        assert not {*fitting.groups} & {*judging.groups}
    assert len({splits.grouped(grouped, seed)[1].groups.iloc[0] for seed in range(9)}) > 1


@pytest.mark.parametrize(
    ("rows", "group", "part"),
    [(50, "patients", "did you mean patient?"), (9, "patient", "column patient is p0 in all rows")],
)
def test_groups_that_cannot_be_are_refused(rows, group, part):
    from experiment import BadInput
    from experiment.data import splits

    with pytest.raises(BadInput) as refusal:
        splits.grouped(data(rows, columns=None, group=group), 0)
    assert part in str(refusal.value)


def test_the_digest_sees_how_rows_are_grouped():
    assert data().digest != data(group="patient").digest
    assert data(columns=["day"], group="patient").frame.columns.tolist() == ["day", "y", "patient"]


SERIES = '''"""Persistence: tomorrow is like today."""

import numpy as np
import pandas as pd

from experiment import Data, Field, Params, Source

TASK = "regression"
METRIC = "-rmse"
SPACE = {"weight": [0.5, 1.0]}
SPLIT = "ordered"


class Hyperparameters(Params):
    weight: float = Field(1.0, description="share of today")


def walk():
    value = np.random.default_rng(0).normal(size=1000).cumsum()
    return pd.DataFrame({"today": value[:-1], "tomorrow": value[1:], "season": np.arange(999) % 7})


def load(source: Source) -> Data:
    return source.read(walk, target="tomorrow")


class Persistence:
    def __init__(self, weight, last):
        self.weight, self.last = weight, last

    def predict(self, table):
        return self.weight * table["today"].to_numpy()


def fit(train: Data, params: Hyperparameters):
    assert train.X.index.is_monotonic_increasing
    return Persistence(params.weight, train.X.index[-1])


def evaluate(model, test: Data):
    assert test.X.index[0] > model.last, "the future leaked"
    return {"rmse": float(np.sqrt(np.mean((test.y - model.predict(test.X)) ** 2)))}
'''
OWN = """

def split(data, seed):
    monday = data.X.season == 0
    return data.rows(~monday), data.rows(monday)
"""


def test_an_ordered_series_is_checked_trained_and_swept_in_its_order(bake, store):
    (bake / "models" / "walk.py").write_text(SERIES)
    experiment(bake, "check", "walk")
    experiment(bake, "train", "walk")
    experiment(bake, "sweep", "walk", "--jobs", "1")
    assert {each.info.status for each in runs(store)} == {"FINISHED"}
    assert {(each.data.tags["split"], each.data.tags["target"]) for each in runs(store)} == {("ordered", "tomorrow")}


@pytest.fixture
def walk():
    """A model with a `split` of its own in it, and what it says of its data."""
    from types import ModuleType

    from experiment import Source
    from experiment.declaration import Model

    def call(split: str, read: str = 'target="tomorrow"'):
        module = ModuleType("walk")
        source = SERIES.replace('SPLIT = "ordered"\n', "").replace('target="tomorrow"', read) + split
        exec(compile(source, "models/walk.py", "exec"), module.__dict__)  # noqa: S102
        model = Model("walk", module)
        return model, model.data(Source())

    return call


def test_a_split_of_ones_own_is_taken(walk):
    model, table = walk(OWN)
    fitting, judging = model.split(table, 0)
    assert set(judging.X.season) == {0}
    assert set(fitting.X.season) == {1, 2, 3, 4, 5, 6}
    assert model.held_back(table, 3, judging) == f"own by seed 3, rows {judging.digest[:8]}"
    assert model.held_back(table, 3, fitting) != model.held_back(table, 3, judging)


def test_a_model_that_groups_its_rows_is_judged_on_other_groups(walk):
    from experiment import BadInput

    model, table = walk("", 'target="tomorrow", group="season"')
    fitting, judging = model.split(table, 0)
    assert model.held_back(table, 0, judging) == "group by seed 0"
    assert not {*fitting.groups} & {*judging.groups}
    model, table = walk("\nSPLIT = 'ordered'\n", 'target="tomorrow", group="season"')
    with pytest.raises(BadInput, match="SPLIT is 'ordered', and load names the group season; keep one"):
        model.split(table, 0)


@pytest.mark.parametrize(
    ("pattern", "replacement", "part"),
    [
        (r"data.rows\(~monday\)", "data", "split gives row 0 both to fit and to judge on, as it does 143 rows"),
        (r"== 0", "== 9", "999 rows to fit on and 0 to judge on"),
        (r"return .*", "return monday", "let it return data.rows(…), data.rows(…)"),
    ],
)
def test_a_split_that_leaks_or_leaves_nothing_is_refused(walk, pattern, replacement, part):
    from experiment import BadInput

    model, table = walk(re.sub(pattern, replacement, OWN))
    with pytest.raises(BadInput) as refusal:
        model.split(table, 0)
    assert part in str(refusal.value)
    assert "models/walk.py" in str(refusal.value)


def test_several_targets_are_learned_judged_drawn_and_signed(project, store, tmp_path):
    import mlflow

    rows = "".join(f"{n},{n % 7},{2 * n + 1},{n % 7 * 3}\n" for n in range(80))
    (tmp_path / "two.csv").write_text("a,b,y,z\n" + rows)
    experiment(project, "train", "elasticnet", "--data", tmp_path / "two.csv", "--target", "y, z,y", "--alpha", "0.001")
    (found,) = runs(store)
    assert found.data.tags["target"] == "y, z"
    assert found.data.metrics["rmse"] < 1
    assert {item.path for item in store.list_artifacts(found.info.run_id)} == {"residuals.png"}
    model = f"models:/{found.outputs.model_outputs[0].model_id}"
    assert mlflow.models.get_model_info(model).signature.outputs.inputs[0].shape == (-1, 2)
    done = experiment(project, "train", "knn", "--data", tmp_path / "two.csv", "--target", "y,z", check=False)
    refused(done, "classification predicts one column, not y, z")


def test_a_target_is_no_feature_even_where_the_model_reads_its_column():
    assert list(data(columns=["day", "y"]).X) == ["day"]
    assert data(columns=["day", "y"]).targets == ["y"]
