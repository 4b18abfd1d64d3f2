"""The champion: a run takes its place when it is better on the same rows, and the one before can always come back."""

import contextlib
import json
import os
import re
import shutil
from pathlib import Path

import mlflow
import numpy as np
import pytest
import requests
from sklearn import datasets, metrics
from sklearn.model_selection import train_test_split

from ..cluster.tracking import serving
from ..forks import forked
from ..helpers import MEAN, experiment, refused, run

# Three sets of each model, of which none is as good as another.
SETS = {
    "knn": [{"n_neighbors": n} for n in (3, 9, 40)],
    "kmeans": [{"k": k} for k in (4, 8, 12)],
    "elasticnet": [{"alpha": a} for a in (0.01, 1, 10)],
    "drive_failure": [{"epochs": 3, "class_weight": "balanced"}, {"epochs": 3}, {"epochs": 3, "alpha": 0.1}],
}
MINIMISED = {"elasticnet"}


def flags(values: dict) -> list[str]:
    return [f"--{name.replace('_', '-')}={value}" for name, value in values.items()]


def rows(model: str):
    """The rows that are held back by seed 0, as a stranger splits them."""
    if model == "drive_failure":
        from models.drive_failure import SMART, simulated_drives

        table = simulated_drives()
        X, y = table[SMART], table["failure"]
    else:
        table = (
            datasets.load_diabetes(as_frame=True, scaled=False)
            if model == "elasticnet"
            else datasets.load_digits(as_frame=True)
        )
        X, y = table.data, None if model == "kmeans" else table.target
    held_back = train_test_split(
        range(len(X)), test_size=0.2, random_state=0, stratify=y if model in ("knn", "drive_failure") else None
    )[1]
    return X.loc[held_back], None if y is None else y.loc[held_back]


def by_hand(model: str, fitted) -> dict[str, float]:
    """Some of a model's metrics, as a stranger computes them who loaded it by its flavour."""
    X, y = rows(model)
    predicted = fitted.predict(X)
    if model == "knn":
        return {"f1_macro": metrics.f1_score(y, predicted, average="macro"), "accuracy": (predicted == y).mean()}
    if model == "kmeans":
        return {"silhouette": metrics.silhouette_score(X, predicted)}
    if model == "elasticnet":
        return {"rmse": np.sqrt(np.mean((predicted - y) ** 2)), "mae": np.abs(predicted - y).mean()}
    precision = metrics.average_precision_score(y, fitted.decision_function(X))
    return {"f1_bad": metrics.f1_score(y, predicted), "average_precision": precision}


@pytest.fixture
def served(server, monkeypatch):
    """The client of a server's store, which the program uses too."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server)
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "champions")
    mlflow.set_tracking_uri(server)
    yield mlflow.MlflowClient(server)
    mlflow.set_tracking_uri(None)


def number(client, model: str) -> str:
    """The champion's."""
    return str(client.get_registered_model(f"ml-project-{model}").aliases["champion"])


def trained(project: Path, model: str, *words: str, **settings) -> str:
    """Train; the run's id."""
    return re.search("^run ([0-9a-f]{32})", experiment(project, "train", model, *words, **settings).stdout, re.M)[1]


@pytest.mark.parametrize("model", SETS)
def test_a_champion_is_replaced_by_what_is_better_and_comes_back(store, project, model):
    a_life(store, project, model)


def test_a_champion_on_a_server(served, project):
    a_life(served, project, "knn")


def a_life(client, project: Path, model: str) -> None:
    """Of a champion, and what is said and kept of it."""
    made = [trained(project, model, *flags(each)) for each in SETS[model]]
    metric = {"knn": "f1_macro", "kmeans": "silhouette", "elasticnet": "rmse", "drive_failure": "f1_bad"}[model]
    judged = {run_id: client.get_run(run_id).data.metrics[metric] for run_id in made}
    worst, good, best = sorted(judged, key=judged.get, reverse=model in MINIMISED)
    assert "which had none" in experiment(project, "promote", model, "--run", good).stdout
    worse = experiment(project, "promote", model, "--run", worst, check=False)
    assert worse.returncode == 3
    said = f"{metric} is {judged[worst]:.8g}, and the champion's is {judged[good]:.8g}"
    assert worse.stdout.splitlines()[-1] == f"not promoted: {said}"
    assert number(client, model) == "1"
    assert "in place of version 1" in experiment(project, "promote", model).stdout
    assert "nothing to do" in experiment(project, "promote", model).stdout
    first, second = (client.get_model_version(f"ml-project-{model}", each) for each in "12")
    assert (first.run_id, second.run_id, number(client, model)) == (good, best, "2")

    record = second.tags
    for side, version in (("metrics", second), ("champion_metrics", first)):
        fitted = mlflow.sklearn.load_model(f"models:/{version.name}/{version.version}")
        expected = by_hand(model, fitted)
        assert {name: json.loads(record[side])[name] for name in expected} == pytest.approx(expected, rel=1e-9)
    head = run("git", "rev-parse", "HEAD", cwd=project).stdout.strip()
    digest = client.get_run(best).inputs.dataset_inputs[0].dataset.digest
    assert (record["run"], record["commit"], record["data_digest"]) == (best, head, digest)
    assert (record["champion_before"], record["champion_run"], record["forced"]) == ("1", good, "no")
    assert record["promoted_by"]
    assert record["promoted_at"].startswith("20")
    left = {item.path for item in client.list_artifacts(best, "promotion")}
    assert left == {"promotion/comparison.md", "promotion/comparison.png"}
    assert f"{judged[best]:.8g}" in mlflow.artifacts.load_text(f"runs:/{best}/promotion/comparison.md")

    for words, champion in (((), "1"), (("--forward",), "2"), ((), "1")):
        experiment(project, "rollback", model, *words)
        assert number(client, model) == champion
    history = json.loads(experiment(project, "champion", model, "--json").stdout)
    assert (history["version"], [each["run"] for each in history["history"]]) == ("1", [best, good])
    assert ["rolled_back" in each for each in history["history"]] == [True, False]
    assert history["history"][0]["metrics"][metric] == judged[best]
    refused(experiment(project, "rollback", model, check=False), "version 1 is the champion, and it replaced none")


MEMORY = MEAN.replace(
    '"""The mean: a model of a library that MLflow does not know."""', '"""It remembers what it is asked."""'
)
MEMORY = (
    MEMORY.replace("class Mean", "import os\n\n\nclass Memory")
    .replace("return Mean(", "return Memory(")
    .replace(
        "        return [self.value] * len(X)",
        """        if place := os.environ.get("ASKED"):
            with open(place, "a", encoding="utf-8") as asked:
                print(self.value, *X.index, file=asked)
        return [self.value] * len(X)""",
    )
)


@pytest.fixture
def remembering(store, bake) -> Path:
    """A bake with a model that writes down which rows it is asked for, and is kept with its code."""
    (bake / "models" / "memo.py").write_text(MEMORY)
    return bake


def asked(folder: Path) -> dict[str, set[tuple[str, ...]]]:
    """Which rows each of the models that remember was asked for, by what it predicts."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for line in (folder / "asked").read_text().splitlines():
        value, *index = line.split()
        found.setdefault(value, set()).add(tuple(index))
    (folder / "asked").unlink()
    return found


def test_both_are_asked_for_the_same_rows_which_neither_has_seen(remembering, store, tmp_path):
    first, second = (trained(remembering, "memo", f"--shift={shift}") for shift in (9, 0))
    experiment(remembering, "promote", "memo", "--run", first)
    place = {"ASKED": str(tmp_path / "asked")}
    experiment(remembering, "promote", "memo", "--run", second, env=place)
    (one,), (other,) = asked(tmp_path).values()
    table = datasets.load_diabetes(as_frame=True).frame
    assert (
        list(one)
        == list(other)
        == [str(row) for row in train_test_split(table.index, test_size=0.2, random_state=0)[1]]
    )

    table.iloc[::2].assign(bmi=table.bmi + 0.001).to_csv(tmp_path / "newer.csv", index=False)
    third = trained(remembering, "memo", "--shift=0.5", "--seed=1")
    line = refused(experiment(remembering, "promote", "memo", "--run", third, check=False), "version 2, was fitted")
    assert "--on <address>" in line
    assert number(store, "memo") == "2"
    newer = ("promote", "memo", "--run", third, "--on", tmp_path / "newer.csv", "--json")
    done = experiment(remembering, *newer, env=place, check=False)
    made = json.loads(done.stdout)
    assert {index for rows in asked(tmp_path).values() for index in rows} == {tuple(map(str, range(221)))}
    assert made["judged_on"].startswith("all 221 rows of newer (")
    assert done.returncode == (0 if made["metrics"]["mae"] < made["champion_metrics"]["mae"] else 3)
    forced = experiment(remembering, "promote", "memo", "--run", third, "--force", "--json", check=False)
    assert "other rows held back" in json.loads(forced.stdout)["forced"]


def test_a_neighbour_that_knows_the_rows_is_not_compared(store, project):
    """One neighbour of a row that it was fitted on is the row itself."""
    experiment(project, "promote", "knn", "--run", trained(project, "knn", "--n-neighbors=1"))
    other = trained(project, "knn", "--n-neighbors=3", "--seed=1")
    parts = ("version 1, was fitted with other rows held back (knn 84c285078415", "--on <address>")
    refused(experiment(project, "promote", "knn", "--run", other, check=False), *parts)
    flattered = experiment(project, "promote", "knn", "--run", other, "--force", check=False)
    assert flattered.returncode == 3
    assert "forced: the champion, version 1, was fitted" in flattered.stdout


OWN = "\n\ndef evaluate(model, test):\n    return {'f1_macro': (model.predict(test.X) == test.y).mean()}\n"


def test_other_rows_by_the_same_words_are_not_compared(bake, store):
    """A later version of the program holds back more of them by the same seed."""
    first, file = trained(bake, "knn"), bake / "experiment" / "data" / "splits.py"
    experiment(bake, "promote", "knn")
    file.write_text(file.read_text().replace("SHARE = 0.2", "SHARE = 0.3"))
    trained(bake, "knn", "--n-neighbors=3")
    refused(experiment(bake, "promote", "knn", check=False), "version 1, was fitted with other rows held back", "--on")
    line = refused(experiment(bake, "promote", "knn", "--run", first, check=False), "does not hold back the rows")
    assert line.endswith("judge it on a table that it has not seen: --on <address>")


def test_without_a_task_the_same_seed_holds_back_other_rows(bake, store):
    """No class has its share of them any more, which the words of a run tell."""
    file = bake / "models" / "knn.py"
    file.write_text(file.read_text() + OWN)
    trained(bake, "knn")
    file.write_text(file.read_text().replace('TASK = "classification"\n', ""))
    last = trained(bake, "knn", "--n-neighbors=40")
    done = experiment(bake, "best", "knn", "--json")
    assert [each["run_id"] for each in json.loads(done.stdout)] == [last]
    assert done.stderr.endswith("to predict target, split stratified by seed 0\n")


def test_a_champion_is_judged_by_the_code_that_it_was_stored_with(remembering, store):
    experiment(remembering, "promote", "memo", "--run", trained(remembering, "memo"))
    code = (remembering / "models" / "memo.py").read_text()
    wrong = code.replace("return [self.value] * len(X)", "return [self.value + 1000] * len(X)")
    (remembering / "models" / "memo.py").write_text(wrong)
    worse = trained(remembering, "memo")
    done = experiment(remembering, "promote", "memo", "--run", worse, "--json", check=False)
    made = json.loads(done.stdout)
    assert (done.returncode, made["metrics"]["mae"] > 900, made["champion_metrics"]["mae"] < 100) == (3, True, True)


# What a process does as it comes there: it is gone, and nothing is said to the store any more.
KILLED = """
import os, signal, sys
from experiment.__main__ import main
from experiment.tracking.registry import Registry

name, when = sys.argv[1:3]
done = getattr(Registry, name)

def ends(self, *words):
    if when == "after":
        done(self, *words)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(Registry, name, ends)
main(["promote", "knn"])
"""
POINTS = [("leave", "before"), ("leave", "after"), ("register", "after"), ("crown", "before"), ("crown", "after")]


def test_a_promotion_that_is_killed_leaves_the_old_champion_or_the_new(store, project):
    worse, better = (trained(project, "knn", f"--n-neighbors={n}") for n in (40, 3))
    experiment(project, "promote", "knn", "--run", worse)
    for point in POINTS:
        with forked("-c", KILLED, *point, cwd=project) as process:
            said = process.communicate()
        assert process.returncode == -9, said
        assert number(store, "knn") == ("2" if point == POINTS[-1] else "1"), point
    assert "nothing to do" in experiment(project, "promote", "knn").stdout
    versions = {str(each.version): each for each in store.search_model_versions("name = 'ml-project-knn'")}
    assert (number(store, "knn"), len(versions)) == ("2", 2), (
        "one version of a run that takes the same champion's place"
    )
    assert (versions["2"].run_id, versions["2"].tags["champion_before"]) == (better, "1")


def test_a_way_back_and_forth_is_never_wrong(store, project):
    """A promotion is a version of its own: one that was rolled back is promoted anew as another."""
    worst, good, best = (trained(project, "knn", f"--n-neighbors={n}") for n in (40, 9, 3))

    def shown() -> tuple:
        told = json.loads(experiment(project, "champion", "knn", "--json").stdout)
        return told["version"], [(each["version"], "rolled_back" in each) for each in told["history"]]

    for run_id in (worst, good, best):
        experiment(project, "promote", "knn", "--run", run_id)
    for _ in range(2):
        experiment(project, "rollback", "knn")
    assert shown() == ("1", [("3", True), ("2", True), ("1", False)])
    experiment(project, "promote", "knn", "--run", good)
    assert shown() == ("4", [("4", False), ("3", True), ("2", True), ("1", False)])
    refused(
        experiment(project, "rollback", "knn", "--forward", check=False),
        "version 4 is the champion, and none was given up for it",
    )
    experiment(project, "rollback", "knn")
    experiment(project, "rollback", "knn", "--forward")
    assert shown() == ("4", [("4", False), ("3", True), ("2", True), ("1", False)])


def test_what_was_given_up_comes_back_by_its_name_alone(store, project):
    """A schedule that promotes the best does not undo what a person has done."""
    good, best = (trained(project, "elasticnet", f"--alpha={alpha}") for alpha in (10, 0.1))
    for run_id in (good, best):
        experiment(project, "promote", "elasticnet", "--run", run_id)
    experiment(project, "rollback", "elasticnet")
    done = experiment(project, "promote", "elasticnet")
    said = f"run {best} has the best rmse, and it, or one alike, was given up by rollback"
    assert f"note: {said}; make promote MODEL=elasticnet run=<id> brings one back" in done.stderr
    assert ("nothing to do: the run is version 1" in done.stdout, number(store, "elasticnet")) == (True, "1")
    better = trained(project, "elasticnet", "--alpha=1")
    assert "promoted: version 3" in experiment(project, "promote", "elasticnet").stdout
    assert store.get_model_version("ml-project-elasticnet", "3").run_id == better
    words = ("promote", "elasticnet", "--where", "params.alpha = '0.1'")
    line = refused(experiment(project, *words, check=False), said)
    assert line.endswith("as was each other; train another, or make promote MODEL=elasticnet run=<id> brings one back")
    experiment(project, "rollback", "elasticnet")
    assert "promoted: version 4" in experiment(project, "promote", "elasticnet", "--run", best).stdout


def test_a_version_of_other_files_is_not_taken_for_the_run(store, project):
    """Somebody has registered another model under the run's name."""
    good, poor = (trained(project, "knn", f"--n-neighbors={n}") for n in (3, 40))
    other = store.get_run(poor).outputs.model_outputs[0].model_id
    store.create_registered_model("ml-project-knn")
    store.create_model_version("ml-project-knn", f"models:/{other}", run_id=good, model_id=other)
    experiment(project, "promote", "knn")
    assert number(store, "knn") == "2"
    assert mlflow.sklearn.load_model("models:/ml-project-knn@champion").n_neighbors == 3


def test_each_is_judged_on_rows_as_they_were_and_by_all_of_its_own_code(remembering, store):
    """A model that changes its table in place, and imports what it needs when it is asked."""
    code = (remembering / "models" / "memo.py").read_text()
    body = "        from models.helper import shift\n\n        X -= 1000\n        return [self.value + shift() + X.min().min()] * len(X)"
    asking = code[: code.index("        if place")] + body + code[code.index("\n\n\ndef diabetes") :]
    (remembering / "models" / "memo.py").write_text(asking)
    helper = remembering / "models" / "helper.py"
    helper.write_text("def shift():\n    return 1000\n")
    experiment(remembering, "promote", "memo", "--run", trained(remembering, "memo", "--shift=1"))
    helper.write_text("def shift():\n    return 1001\n")
    done = experiment(
        remembering, "promote", "memo", "--run", trained(remembering, "memo", "--shift=0.5"), "--json", check=False
    )
    made = json.loads(done.stdout)
    first, second = (store.get_run(made[which]).data.metrics["mae"] for which in ("champion_run", "run"))
    assert (made["champion_metrics"]["mae"], made["metrics"]["mae"]) == pytest.approx((first, second), rel=1e-9)
    assert "predicts by its own code, and not by today's, which is another: models/helper.py" in done.stderr


def test_all_are_measured_by_todays_evaluate(remembering, store):
    """Also where it imports what it needs when it is asked, as the champion's code would."""
    file, scoring = remembering / "models" / "memo.py", remembering / "scoring.py"
    measure = "abs(test.y - model.predict(test.X)).mean()"
    own = f"    from scoring import scale\n\n    return {{'mae': scale() * float({measure})}}\n"
    file.write_text(f"{file.read_text()}\n\ndef evaluate(model, test):\n{own}")
    scoring.write_text("def scale():\n    return 1\n")
    first = trained(remembering, "memo", "--shift=1")
    experiment(remembering, "promote", "memo")
    scoring.write_text("def scale():\n    return 10\n")
    words = ("--run", trained(remembering, "memo", "--shift=0.5"), "--json")
    made = json.loads(experiment(remembering, "promote", "memo", *words).stdout)
    assert made["champion_metrics"]["mae"] == pytest.approx(10 * store.get_run(first).data.metrics["mae"], rel=1e-9)
    assert made["metrics"]["mae"] < made["champion_metrics"]["mae"]


def test_what_lies_beside_a_harmless_model_is_not_imported(store, project, tmp_path):
    others = {"MLFLOW_EXPERIMENT_NAME": "others"}
    foreign = trained(project, "elasticnet", env=others)
    place = store.get_logged_model(store.get_run(foreign).outputs.model_outputs[0].model_id).artifact_location
    (planted := Path(place) / "code" / "skops").mkdir(parents=True)
    (planted / "__init__.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()\nraise SystemExit(0)\n")
    assert "promoted: version 1" in experiment(project, "promote", "elasticnet", "--run", foreign).stdout
    assert not (tmp_path / "ran").exists()


def test_a_number_that_is_none_is_null_in_json(bake, store):
    file = bake / "models" / "elasticnet.py"
    file.write_text(
        file.read_text() + "\n\ndef evaluate(model, test):\n    return {'rmse': 1.0, 'odds': float('inf')}\n"
    )
    trained(bake, "elasticnet")
    made = experiment(bake, "promote", "elasticnet", "--json")
    assert json.loads(made.stdout, parse_constant=pytest.fail)["metrics"] == {"rmse": 1.0, "odds": None}


TWICE = int(os.environ.get("TWICE", "5"))


def test_two_promotions_at_once_make_one_champion(store, project):
    """Each time two better runs, which know nothing of each other."""
    poor, good, best = (trained(project, "elasticnet", f"--alpha={alpha}") for alpha in (1000, 10, 0.1))
    outcomes = []
    for _ in range(TWICE):
        with contextlib.suppress(mlflow.MlflowException):
            store.delete_registered_model("ml-project-elasticnet")
        experiment(project, "promote", "elasticnet", "--run", poor)
        words = ("-m", "experiment", "promote", "elasticnet", "--run")
        with forked(*words, good, cwd=project) as one, forked(*words, best, cwd=project) as other:
            said = one.communicate(), other.communicate()
        assert {one.returncode, other.returncode} <= {0, 3}, said
        champion = store.get_model_version("ml-project-elasticnet", number(store, "elasticnet"))
        assert champion.run_id in (good, best)
        before = store.get_model_version("ml-project-elasticnet", champion.tags["champion_before"])
        assert (champion.tags["run"], champion.tags["champion_run"]) == (champion.run_id, before.run_id)
        assert json.loads(champion.tags["champion_metrics"]) == json.loads(before.tags["metrics"])
        outcomes.append((one.returncode, other.returncode, champion.run_id == best, "meanwhile" in "".join(said)))
    print("codes of the good and the best one, whether that is the champion, and whether one saw the other:", outcomes)


# What happens between a comparison and the alias: the same run becomes the champion, or there is none any more.
MEANWHILE = """
import sys
from experiment.__main__ import main
from experiment.tracking.registry import Registry

left = Registry.leave

def leave(self, *words):
    Registry.leave = left
    left(self, *words)
    if sys.argv[1] == "same":
        main(["promote", "elasticnet"])
    else:
        self._client.delete_registered_model_alias(self.name, "champion")

Registry.leave = leave
sys.exit(main(["promote", "elasticnet", "--json"]))
"""


@pytest.mark.parametrize("what", ["same", "gone"])
def test_a_champion_that_changes_meanwhile_leaves_no_number_behind(store, project, what):
    first, second = (trained(project, "elasticnet", f"--alpha={alpha}") for alpha in (10, 0.1))
    experiment(project, "promote", "elasticnet", "--run", first)
    with forked("-c", MEANWHILE, what, cwd=project) as process:
        said = process.communicate()
    assert process.returncode == 0, said
    made = json.loads("{" + said.partition("{")[2])  # after what is told on stderr
    known = (made["run"], made["champion_metrics"], made["promoted"], made["said"])
    if what == "same":
        done = "nothing to do: the run is version 2 of ml-project-elasticnet, the champion"
        assert (*known, number(store, "elasticnet")) == (second, None, False, done, "2")
    else:
        done = "promoted: version 3 is the champion of ml-project-elasticnet, which had none"
        assert (*known, number(store, "elasticnet")) == (second, None, True, done, "3")


KILLED_BEFORE_THE_MARK = """
import os, signal
from experiment.__main__ import main
from experiment.tracking.registry import ROLLED_BACK, Registry

mark = Registry.mark

def ends(self, version, key, value):
    if key == ROLLED_BACK:
        os.kill(os.getpid(), signal.SIGKILL)
    mark(self, version, key, value)

Registry.mark = ends
main(["rollback", "elasticnet"])
"""


def test_a_rollback_that_is_killed_and_a_run_alike_are_given_up_too(store, project):
    good, best = (trained(project, "elasticnet", f"--alpha={alpha}") for alpha in (10, 0.1))
    for run_id in (good, best):
        experiment(project, "promote", "elasticnet", "--run", run_id)
    with forked("-c", KILLED_BEFORE_THE_MARK, cwd=project) as process:
        said = process.communicate()
    assert (process.returncode, number(store, "elasticnet")) == (-9, "1"), said
    again = trained(project, "elasticnet", "--alpha=0.1")
    done = experiment(project, "promote", "elasticnet")
    assert f"note: run {again} has the best rmse, and it, or one alike, was given up" in done.stderr
    assert "nothing to do: the run is version 1" in done.stdout


def test_what_others_do_to_the_registry_is_told_as_it_is(store, project):
    good, best = (trained(project, "elasticnet", f"--alpha={alpha}") for alpha in (10, 0.1))
    name = "ml-project-elasticnet"
    for run_id in (good, best):
        experiment(project, "promote", "elasticnet", "--run", run_id)
    store.set_model_version_tag(name, "1", "my_metrics", "see the wiki")

    def shown() -> tuple:
        told = json.loads(experiment(project, "champion", "elasticnet", "--json").stdout)
        return told["version"], [(each["version"], "rolled_back" in each) for each in told["history"]]

    store.set_registered_model_alias(name, "champion", "1")
    assert shown() == ("1", [("2", False), ("1", False)])
    store.set_registered_model_alias(name, "champion", "2")
    experiment(project, "rollback", "elasticnet")
    store.set_registered_model_alias(name, "champion", "2")
    assert shown() == ("2", [("2", False), ("1", False)])
    assert "nothing to do: the run is version 2" in experiment(project, "promote", "elasticnet").stdout
    store.delete_model_version(name, "2")
    assert "promoted: version 3" in experiment(project, "promote", "elasticnet").stdout
    assert shown() == ("3", [("3", False), ("1", False)])


def test_rows_that_look_like_those_of_the_run_are_told(store, project, tmp_path):
    """Another fingerprint says little: one row more makes another."""
    table = datasets.load_diabetes(as_frame=True).frame.rename(columns={"target": "progress"})
    table.to_csv(tmp_path / "a.csv", index=False)
    table.assign(bmi=table.bmi.where(table.index > 0, 9)).to_csv(tmp_path / "b.csv", index=False)
    table[table.columns[::-1]].to_csv(tmp_path / "c.csv", index=False)
    run_id = trained(project, "elasticnet", "--data", tmp_path / "a.csv", "--target", "progress")
    made = experiment(project, "promote", "elasticnet", "--on", tmp_path / "b.csv", "--json", "--dry-run")
    alike = f"441 of them with features that a row in the table of run {run_id[:8]} has"
    assert json.loads(made.stdout)["judged_on"].endswith(alike)
    words = ("promote", "elasticnet", "--on", tmp_path / "c.csv")
    refused(experiment(project, *words, check=False), "c: run", "was fitted on the columns age, sex", "in this order")


def test_a_dollar_in_a_name_begins_no_formula(store, project, tmp_path):
    table = datasets.load_diabetes(as_frame=True).frame.rename(columns={"target": "$y_$", "s6": "$z_$"})
    table.to_csv(tmp_path / "new_$x_$.csv", index=False)
    trained(project, "elasticnet", "--data", tmp_path / "new_$x_$.csv", "--target", "$y_$,$z_$")
    assert "promoted: version 1" in experiment(project, "promote", "elasticnet").stdout


def test_where_nothing_can_be_promoted_a_line_says_why(store, project):
    own = trained(project, "knn")
    experiment_id = store.get_run(own).info.experiment_id
    refusals = {
        ("kmeans", "--run", own): "it is a run of knn, not of kmeans",
        ("knn", "--run", "f" * 32): "the store has no such run",
        ("knn", "--where", "metrics.f1_macro > 2"): "no finished run where metrics.f1_macro > 2",
        ("knn", "--where", "metrics.f1_macro >> 2"): "Write it as in:",
        ("elasticnet",): "no finished run; train one: make train-elasticnet",
        ("knn", "--run", "a/b"): "--run a/b: tracking store",
        ("knn", "--min-gain=-1"): "-1 must be 0 or more",
        ("knn", "--on", "nowhere.csv"): "--on nowhere.csv: cannot be read",
    }
    for status, tags, part in (("FAILED", {"model": "knn"}, "FAILED"), ("FINISHED", {"model": "knn"}, "no f1_macro")):
        other = store.create_run(experiment_id, tags=tags).info.run_id
        store.set_terminated(other, status)
        refusals["knn", "--run", other] = part
    for words, part in refusals.items():
        refused(experiment(project, "promote", *words, check=False), part)
    assert not store.search_registered_models()
    for verb in ("rollback", "champion"):
        refused(
            experiment(project, verb, "knn", check=False), "ml-project-knn: has no champion; make promote MODEL=knn"
        )
    store.delete_experiment(experiment_id)
    refused(experiment(project, "promote", "knn", check=False), "experiment ml-project was deleted", "restore")


def test_a_model_of_others_is_loaded_only_if_somebody_allows_it(remembering, store, tmp_path):
    """One that is kept by pickle could do anything; what it did here would be a file."""
    elsewhere = {"MLFLOW_EXPERIMENT_NAME": "others", "ASKED": str(tmp_path / "asked")}
    foreign = trained(remembering, "memo", env=elsewhere)
    (tmp_path / "asked").unlink()
    words = ("promote", "memo", "--run", foreign)
    place = {"ASKED": elsewhere["ASKED"]}
    refused(experiment(remembering, *words, env=place, check=False), "no run of this project made it; --allow-pickle")
    assert not (tmp_path / "asked").exists()
    experiment(remembering, *words, "--allow-pickle", env=place)
    own = trained(remembering, "memo", "--shift=1000")
    line = refused(experiment(remembering, "promote", "memo", "--run", own, check=False), "the champion, version 1,")
    assert "--allow-pickle loads it; --force replaces it without a comparison" in line
    by_mlflow = {"MLFLOW_EXPERIMENT_NAME": "Default"}
    default = trained(remembering, "memo", env=by_mlflow)
    assert experiment(remembering, "promote", "memo", "--run", default, "--force").returncode == 0


def test_what_is_kept_by_skops_without_types_of_its_own_is_loaded_whoever_made_it(store, project, tmp_path):
    others = {"MLFLOW_EXPERIMENT_NAME": "others"}
    experiment(project, "promote", "elasticnet", "--run", trained(project, "elasticnet", env=others))
    datasets.load_iris(as_frame=True).frame.to_csv(tmp_path / "iris.csv", index=False)
    neighbours = trained(
        project, "knn", "--data", tmp_path / "iris.csv", env=others
    )  # in a tree, which asks to be trusted
    refused(experiment(project, "promote", "knn", "--run", neighbours, check=False), "--allow-pickle loads it")


def test_a_table_that_has_moved_is_asked_for(store, project, tmp_path):
    table = datasets.load_diabetes(as_frame=True).frame.rename(columns={"target": "progress"})
    table.to_csv(tmp_path / "a.csv", index=False)
    first = trained(project, "elasticnet", "--data", tmp_path / "a.csv", "--target", "progress")
    (tmp_path / "a.csv").rename(tmp_path / "b.csv")
    line = refused(
        experiment(project, "promote", "elasticnet", check=False), f"run {first}: its table a cannot be read"
    )
    assert line.endswith("say where its own table is: --data <address>")
    table.iloc[1:].to_csv(tmp_path / "a.csv", index=False)
    refused(
        experiment(project, "promote", "elasticnet", check=False),
        ", and ",
        "say where its own table is: --data <address>",
    )
    done = experiment(project, "promote", "elasticnet", "--data", tmp_path / "b.csv", "--json")
    assert json.loads(done.stdout)["judged_on"].startswith("89 rows of b (")
    again = ("promote", "elasticnet", "--on", tmp_path / "b.csv")
    other = trained(project, "elasticnet", "--alpha=0.2", "--data", tmp_path / "b.csv", "--target", "progress")
    refused(experiment(project, *again, "--run", other, check=False), "is the table that run")


def test_a_champion_that_cannot_be_judged_is_replaced_by_force(store, project, tmp_path):
    first = trained(project, "elasticnet", "--alpha=1000")
    experiment(project, "promote", "elasticnet")
    other = trained(project, "elasticnet", "--target=bmi")
    refused(experiment(project, "promote", "elasticnet", "--run", other, check=False), "with other rows held back")
    forced = experiment(project, "promote", "elasticnet", "--run", other, "--force", "--dry-run").stdout
    assert "forced: the champion, version 1, cannot be judged: it predicts target, not bmi" in forced
    made = store.get_logged_model(store.get_run(first).outputs.model_outputs[0].model_id)
    shutil.rmtree(made.artifact_location)
    better = trained(project, "elasticnet", "--alpha=0.1")
    words = ("promote", "elasticnet", "--run", better)
    refused(
        experiment(project, *words, check=False), "the champion, version 1, cannot be judged", "--force replaces it"
    )
    assert number(store, "elasticnet") == "1"
    experiment(project, *words, "--force")
    tags = store.get_model_version("ml-project-elasticnet", number(store, "elasticnet")).tags
    assert tags["forced"].startswith("the champion, version 1, cannot be judged")
    assert "champion_metrics" not in tags


def test_a_set_whose_model_was_not_stored_is_made_by_the_line_that_is_told(store, project):
    experiment(project, "sweep", "knn", "--log-models", "none", "--limit", "2")
    line = refused(experiment(project, "promote", "knn", check=False), "its model was not stored; make one that is:")
    words = line.partition(" make train-knn ")[2].split()
    assert len(words) == 4
    trained(project, "knn", *(f"--{word}" for word in words))
    assert "promoted: version 1" in experiment(project, "promote", "knn").stdout


def test_of_equals_the_one_whose_model_is_stored_is_taken(store, project):
    words = ("sweep", "drive_failure", "--limit", "1", "--epochs", "1")
    stored = json.loads(experiment(project, *words, "--json").stdout)["best"]["run_id"]
    experiment(project, *words, "--log-models", "none")
    done = experiment(project, "promote", "drive_failure", "--json")
    assert json.loads(done.stdout)["run"] == stored


def test_what_is_below_a_limit_is_not_promoted(bake, store):
    file = bake / "models" / "elasticnet.py"
    code = file.read_text()
    file.write_text(code + '\n\nREQUIREMENTS = {"-rmse": 60, "r2": 0.9}\n')
    trained(bake, "elasticnet")
    done = experiment(bake, "promote", "elasticnet", check=False)
    assert done.returncode == 3
    r2 = json.loads(experiment(bake, "best", "elasticnet", "--json").stdout)[0]["metrics"]["r2"]
    assert done.stdout.splitlines()[-1] == f"not promoted: r2 is {r2:.8g}, and REQUIREMENTS ask for 0.9 or more"
    assert not store.search_registered_models()
    limited = file.read_text()
    file.write_text(code)
    experiment(bake, "promote", "elasticnet")
    file.write_text(limited)
    done = experiment(bake, "promote", "elasticnet", check=False)
    known = "nothing to do: the run is version 1 of ml-project-elasticnet, the champion"
    assert (done.returncode, done.stdout.splitlines()[-1]) == (
        3,
        f"{known}; r2 is {r2:.8g}, and REQUIREMENTS ask for 0.9 or more",
    )
    file.write_text(code + '\n\nREQUIREMENTS = {"rsme": 60}\n')
    part = "models/elasticnet.py: REQUIREMENTS has rsme, which evaluate does not return; did you mean rmse or mae?"
    for words in (("check", "elasticnet"), ("promote", "elasticnet")):
        refused(experiment(bake, *words, check=False), part)
    file.write_text(code + '\n\nREQUIREMENTS = {"rmse": "60"}\n')
    refused(experiment(bake, "check", "elasticnet", check=False), "line 35: REQUIREMENTS has 'rmse': '60'; say")


def test_a_dry_run_says_what_would_happen_and_changes_nothing(store, project):
    made = trained(project, "knn")
    assert "would be promoted" in experiment(project, "promote", "knn", "--dry-run").stdout
    assert not store.search_registered_models()
    assert not store.list_artifacts(made, "promotion")


def test_a_champion_of_a_workspace(project, tmp_path, monkeypatch):
    """Registered models are of a workspace each; there is no experiment 0."""
    with serving(tmp_path, "--enable-workspaces") as address:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
        requests.post(f"{address}/api/3.0/mlflow/workspaces", json={"name": "team"}, timeout=60).raise_for_status()
        monkeypatch.setenv("MLFLOW_WORKSPACE", "team")
        trained(project, "elasticnet")
        assert "version 1 is the champion" in experiment(project, "promote", "elasticnet").stdout
        monkeypatch.setenv("MLFLOW_WORKSPACE", "default")
        refused(experiment(project, "champion", "elasticnet", check=False), "has no champion")
