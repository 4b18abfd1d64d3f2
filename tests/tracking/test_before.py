"""A store of earlier versions is ranked as it was, and what it cannot tell is left out with a word.

`before.json` has the runs that an earlier version made: of elasticnet five, a sweep of four sets, one with another seed;
of `streamed`, whose fit reports its METRIC; of `parted`, which holds rows back by a rule of its own, as `tiny` does. And what its `best`
said of them.
"""

import json
import re
import shutil
from pathlib import Path

import pytest
from mlflow.entities import Dataset, DatasetInput, Metric, Param

from ..helpers import experiment

HERE = Path(__file__).parent
BEFORE = json.loads((HERE / "before.json").read_text())


@pytest.fixture
def ids(store) -> dict[str, str]:
    """The ids of the runs of before in a store of this test, by those that they had."""
    place, ids = store.get_experiment_by_name("ml-project").experiment_id, {}
    for run in BEFORE["runs"]:
        made = store.create_run(place, run["start"], run["tags"], run["name"]).info.run_id
        points, params = [Metric(*point) for point in run["metrics"]], [Param(*pair) for pair in run["params"].items()]
        store.log_batch(made, metrics=points, params=params)
        name, digest = run["data"]
        store.log_inputs(made, datasets=[DatasetInput(Dataset(name, digest, "local", "{}"))])
        store.set_terminated(made, run["status"], run["end"])
        ids[run["id"]] = made
    return ids


def ranked(project, model: str) -> list[str]:
    return [run["run_id"] for run in json.loads(experiment(project, "best", model, "--json", "--top", "9").stdout)]


def test_what_was_judged_is_ranked_as_it_was_and_beside_what_is_judged_now(project, ids):
    assert ranked(project, "elasticnet") == [ids[run] for run in BEFORE["best"]["elasticnet"]]
    experiment(project, "train", "elasticnet", "--alpha", "5")
    assert ranked(project, "elasticnet")[:-1] == [ids[run] for run in BEFORE["best"]["elasticnet"]]


def test_a_metric_that_was_reported_over_the_judged_one_is_left_out_with_a_word(bake, ids):
    shutil.copy(HERE / "streams.py", bake / "models" / "streamed.py")
    done = experiment(bake, "best", "streamed", check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines()[0].endswith("rmse was reported by fit, and is not what was judged: 3")
    experiment(bake, "train", "streamed")
    best = experiment(bake, "best", "streamed")
    assert " 58.133 " in best.stdout
    assert "was reported by fit, and is not what was judged: 3\n" in best.stderr


def test_a_split_of_ones_own_is_ranked_as_it_was_until_rows_are_known(bake, store, ids):
    model = Path(shutil.copy(HERE.parent / "sweeps" / "tiny.py", bake / "models" / "parted.py"))
    assert ranked(bake, "parted") == [ids[run] for run in BEFORE["best"]["parted"]]
    experiment(bake, "train", "parted")
    best = experiment(bake, "best", "parted")
    assert re.match(r"on numbers \(\w{8}\) to predict y, split own by seed 0, rows \w{8}:\n", best.stdout)
    assert re.search(r"not comparable: 2 on numbers \(\w{8}\) to predict y, split own by seed 0\n", best.stderr)

    # The rule is written anew: other rows are held back by the same seed.
    model.write_text(model.read_text().replace("40", "30"))
    experiment(bake, "train", "parted")
    best = experiment(bake, "best", "parted")
    assert len(best.stdout.splitlines()) == 3
    assert len(best.stderr.splitlines()) == 2
    assert re.search(r"1 on numbers \(\w{8}\) to predict y, split own by seed 0, rows \w{8}\n", best.stderr)
