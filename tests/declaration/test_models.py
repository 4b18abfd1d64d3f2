"""Model files: what breaks the contract is told with its line, and a new model is one file."""

import os
import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from ..forks import python
from ..helpers import MEAN, PRODUCT, PYTHON, experiment, refused, runs

BROKEN = {
    # what is wrong: what is replaced in models/knn.py, by what, and what the line must say
    "syntax": (r"def fit\(train", "def fit(train train", ["line 28", "SyntaxError"]),
    "no docstring": (r'"""k-nearest.*\n', "", ["no description", "docstring"]),
    "no METRIC": (r"METRIC = .*\n", "", ["has no METRIC"]),
    "no SPACE": (r"SPACE = .*\n", "", ["has no SPACE"]),
    "no fit": (r"def fit", "def fitted", ["has no function fit"]),
    "no Hyperparameters": (
        r"class Hyperparameters\(Params\)",
        "Hyperparameters = 1\n\n\nclass Settings(Params)",
        ["class Hyperparameters"],
    ),
    "no task": (r"TASK = .*", "TASK = 'classify'", ["line 7", "TASK is 'classify'", "'classification'"]),
    "space of strangers": (
        r'SPACE = {"n_neighbors"',
        'SPACE = {"neighbors"',
        ["line 9", "names neighbors", "n_neighbors"],
    ),
    "space out of bounds": (r"\[1, 3, 4, 5, 6, 9\]", "[1, 300]", ["line 9", "300", "at most 100"]),
    "space of the wrong type": (r"\[1, 3, 4, 5, 6, 9\]", "5", ["line 9", "list of choices or a Range"]),
    "empty range": (r"\[1, 3, 4, 5, 6, 9\]", "__import__('experiment').Range(9, 1)", ["low below high"]),
    "METRIC not returned": (r'METRIC = "f1_macro"', 'METRIC = "f1"', ["METRIC is f1", "accuracy, f1_macro"]),
    "default out of bounds": (r"Field\(5,", "Field(500,", ["n_neighbors", "500"]),
    "no default": (r"Field\(5,", "Field(", ["n_neighbors has no default"]),
    "no reason": (r', description="neighbours that vote"', "", ["n_neighbors has no description"]),
    "not a scalar": (r"n_neighbors: int", "n_neighbors: list[int]", ["one scalar"]),
    "a name of the harness": (
        r"    weights:",
        "    data: str = Field('', description='x')\n    weights:",
        ["data", "rename"],
    ),
    "capitals": (
        r"    weights:",
        "    Weights: str = Field('a', description='x')\n    weights:",
        ["Weights", "a-z, 0-9 and _"],
    ),
    "letters that no Template has": (
        r"    weights:",
        "    größe: str = Field('a', description='x')\n    weights:",
        ["größe", "a-z, 0-9 and _"],
    ),
    "a field of every Job": (
        r"    weights:",
        "    deadline: int = Field(1, description='x')\n    weights:",
        ["deadline", "rename"],
    ),
    "fit takes nothing": (r"def fit\(.*\):", "def fit():", ["fit takes 0 arguments"]),
    "not installed": (
        r"^from typing",
        "import nosuchlibrary\nfrom typing",
        ["line 3", "nosuchlibrary", "requirements.in"],
    ),
    "a word of YAML": (r"    weights:", "    off: int = Field(1, description='x')\n    weights:", ["off", "rename"]),
    "a text with blanks": (
        r"    weights:",
        "    note: str = Field('a b', description='x')\n    weights:",
        ["note", "quote"],
    ),
    "a list as task": (r"TASK = .*", "TASK = ['classification']", ["TypeError"]),
    "load without data": (r"return source.read", "source.read", ["load returns NoneType"]),
    "fit without a model": (r"return KNeighbors", "KNeighbors", ["fit returns nothing"]),
    "metrics that are none": (
        r"^def fit",
        "def evaluate(m, t):\n    return 0.9\n\n\ndef fit",
        ["evaluate returns float"],
    ),
    "figures that are none": (r"^def fit", "def figures(m, a, b):\n    return [1]\n\n\ndef fit", ["matplotlib figure"]),
    "fails on import": (r"^TASK", "1 / 0\nTASK", ["line 7", "ZeroDivisionError"]),
    "ends the program": (r"^TASK", "raise SystemExit(0)\nTASK", ["line 7, import", "ends the program", "__main__"]),
    "a seed with decimals": (
        r"    weights:",
        "    seed: float = Field(0, description='x')\n    weights:",
        ["default of seed 0: seed must be declared as an int"],
    ),
    "a seed out of bounds": (
        r"    weights:",
        "    seed: int = Field(-1, description='x')\n    weights:",
        ["default of seed -1: seed must be", "from 0 to 4294967295"],
    ),
    "ValueError in fit": (
        r"    train\.at_least.*\n",
        "    raise ValueError('bad luck')\n",
        ["line 31, fit", "bad luck"],
    ),
    "no predict": (r"return KNeighborsClassifier.*", "return {}", ["fit returns a dict", "def predict(self, table)"]),
    "one prediction for all": (
        r"^def fit",
        "class Mode:\n    def predict(self, table):\n        return 1\n\n\ndef evaluate(m, t):\n    return {'f1_macro': 1}\n\n\n"
        "def figures(m, a, b):\n    return {}\n\n\ndef fit(train, params):\n    return Mode()\n\n\ndef before",
        ["predict returns one value for 80 rows"],
    ),
    "no such split": (
        r"^TASK",
        "SPLIT = 'time'\nTASK",
        ["line 7", "SPLIT is 'time'", "'ordered'", "split(data, seed)"],
    ),
    "two splits": (
        r"^TASK",
        "SPLIT = 'ordered'\n\n\ndef split(data, seed):\n    return data, data\n\n\nTASK",
        ["line 7", "a SPLIT and a function split; keep one"],
    ),
    "cannot be stored": (
        r"return (KNeighborsClassifier.*)",
        r"fitted = \1\n    fitted.lock = __import__('threading').Lock()\n    return fitted",
        ["cannot be stored", "cannot pickle '_thread.lock'", "without open files"],
    ),
    "predicts by what fit left outside": (
        r"^def fit",
        "class Lookup:\n    def predict(self, table):\n        return [STATE[0]] * len(table)\n\n\nSTATE = []\n\n\n"
        "def fit(train, params):\n    STATE.append(1)\n    return Lookup()\n\n\ndef before",
        ["does not work where this repository is not", "IndexError", "what fit put into the model"],
    ),
    "ends the process that loads it": (
        r"^def fit",
        "class Last:\n    def predict(self, table):\n        import os\n        if os.getcwd() == '/':\n            os._exit(3)\n"
        "        return [1] * len(table)\n\n\ndef fit(train, params):\n    return Last()\n\n\ndef before",
        ["loading the stored model ended the process"],
    ),
    "a space of seeds": (r"SPACE = {", 'SPACE = {"seed": [1, 2], ', ["line 9", "SPACE names seed", "--seed=1"]),
    "a METRIC that MLflow cannot name": (r'METRIC = "f1_macro"', 'METRIC = "f1·macro"', ["line 8", "has no METRIC"]),
    "a metric that MLflow cannot name": (
        r"^def fit",
        "def evaluate(m, t):\n    return {'f1_macro': 1.0, 'precision@5': 0.8}\n\n\ndef fit",
        ["evaluate", "'precision@5' can only be stored as precision_5", "alphanumerics"],
    ),
    "a stream that MLflow cannot name": (
        r"^def fit\(train: Data, params: Hyperparameters\):",
        "def fit(train, params, report):\n    report(1, **{'loss[train]': 1.0})",
        ["line 29, fit", "'loss[train]' can only be stored as loss_train_"],
    ),
    "a stream of the METRIC": (
        r"^def fit\(train: Data, params: Hyperparameters\):",
        "def fit(train, params, report):\n    report(1, loss=1.0)\n    report(2, f1_macro=1.0)",
        ["line 30, fit", "report it as train_f1_macro"],
    ),
    "a stream that MLflow cannot name, in a fit that bears it": (
        r"^def fit\(train: Data, params: Hyperparameters\):",
        "def fit(train, params, report):\n    try:\n        report(1, **{'loss[train]': 1.0})\n    except ValueError:\n        pass",
        ["'loss[train]' can only be stored as loss_train_"],
    ),
    "half a step": (
        r"^def fit\(train: Data, params: Hyperparameters\):",
        "def fit(train, params, report):\n    report(0.5, loss=1.0)",
        ["line 29, fit", "step 0.5 can only be stored as 0"],
    ),
    "a metric that is no number": (
        r"^def fit",
        "def evaluate(m, t):\n    return {'f1_macro': 1.0, 'best': 'knn'}\n\n\ndef fit",
        ["evaluate", "'best' cannot be stored: 'knn' is no number"],
    ),
    "a default that MLflow would cut": (
        r"    weights:",
        "    about: str = Field('u' * 7799, description='x')\n    weights:",
        ["default of about uuuu", "has 7799 letters, of which MLflow keeps 6000"],
    ),
    "a choice that MLflow would cut": (
        r'"distance"\]}([\s\S]*?)weights: Literal\[[^\]]*\]',
        r'"u" * 6001]}\1weights: str',
        ["SPACE['weights'][1] uuuu", "has 6001 letters"],
    ),
    "a split by chance": (
        r"^def fit",
        "def split(data, seed):\n    import random\n\n    cut = random.randint(100, 300)\n"
        "    return data.rows(data.X.index[:cut]), data.rows(data.X.index[cut:])\n\n\ndef fit",
        ["split gives other rows each time"],
    ),
    "tracks by itself": (
        r"    train\.at_least.*\n",
        "    import mlflow\n\n    mlflow.log_metric('loss', 1.0)\n",
        ["begins a run in MLflow by itself", "report(step, …)"],
    ),
    "tracks as it is imported": (
        r"^TASK",
        "import mlflow\n\nmlflow.start_run()\nTASK",
        ["begins a run in MLflow by itself"],
    ),
    "tracks by a client of its own": (
        r"    train\.at_least.*\n",
        "    import os, mlflow\n\n    mlflow.MlflowClient(os.environ['MLFLOW_TRACKING_URI']).create_run('0')\n",
        ["begins a run in MLflow by itself"],
    ),
    "tracks elsewhere by itself": (
        r"    train\.at_least.*\n",
        "    import mlflow\n\n    mlflow.set_tracking_uri('sqlite:///own.db')\n    mlflow.start_run().__exit__(None, None, None)\n",
        ["begins a run in MLflow by itself", "report(step, …)"],
    ),
    "NaN": (
        r"^def fit",
        "def evaluate(m, t):\n    return {'f1_macro': float('nan')}\n\n\ndef fit",
        ["f1_macro is nan"],
    ),
}


@pytest.mark.parametrize(("pattern", "replacement", "parts"), BROKEN.values(), ids=BROKEN)
def test_a_broken_model_file_is_one_line(bake, pattern, replacement, parts):
    file = bake / "models" / "knn.py"
    text = file.read_text()
    broken = re.sub(pattern, lambda found: found.expand(replacement), text, count=1, flags=re.MULTILINE)
    assert broken != text
    file.write_text(broken)
    refused(experiment(bake, "check", "knn", check=False), "models/knn.py", *parts)


@pytest.mark.parametrize("name", ["sweep", "My", "a-b", "off"])
def test_a_file_that_cannot_name_a_model_is_one_line(bake, name):
    (bake / "models" / f"{name}.py").write_text((bake / "models" / "knn.py").read_text())
    refused(experiment(bake, "sync", check=False), f"models/{name}.py", "cannot name a model")


def test_a_model_that_only_asks_mlflow_is_in_order(bake, store):
    model = bake / "models" / "knn.py"
    asks = "    import mlflow\n\n    mlflow.search_runs(search_all_experiments=True)\n    mlflow.MlflowClient()\n"
    model.write_text(re.sub(r"    train\.at_least.*\n", asks, model.read_text()))
    assert experiment(bake, "check", "knn").stdout == "models/knn.py: ok\n"


def test_check_fits_every_model_and_tracks_nothing(bake):
    said = experiment(bake, "check").stdout.splitlines()
    assert said == [f"models/{name}.py: ok" for name in ("drive_failure", "elasticnet", "kmeans", "knn")]
    assert not list(bake.glob("mlflow.db*"))


FOREST = '''"""Random forest: which wine is this?"""

from experiment import Data, Field, Params, Range, Source

TASK = "classification"
METRIC = "f1_macro"
SPACE = {"trees": Range(5, 50), "bootstrap": [True, False], "max_features": Range(0.1, 1, log=True)}


class Hyperparameters(Params):
    trees: int = Field(20, ge=1, description="trees that vote")
    bootstrap: bool = Field(True, description="each tree sees rows drawn with replacement")
    max_features: float = Field(0.5, gt=0, le=1, description="share of the columns a split looks at")


def wines():
    from sklearn.datasets import load_wine

    return load_wine(as_frame=True).frame


def load(source: Source) -> Data:
    return source.read(wines, target="target")


def fit(train: Data, params: Hyperparameters):
    from sklearn.ensemble import RandomForestClassifier

    forest = RandomForestClassifier(
        params.trees, bootstrap=params.bootstrap, max_features=params.max_features, random_state=params.seed
    )
    return forest.fit(train.X, train.y)
'''


def test_a_new_model_is_one_file(bake, store):
    (bake / "models" / "forest.py").write_text(FOREST)
    experiment(bake, "sync")
    experiment(bake, "check", "forest")
    experiment(bake, "train", "forest", "--bootstrap", "false", env={"PARAM_TREES": "7"})
    (trained,) = runs(store)
    assert trained.data.params == {"trees": "7", "bootstrap": "false", "max_features": "0.5", "seed": "0"}
    assert "train forest --seed {seed} --trees {trees}" in (bake / "MLproject").read_text()

    activated = {"PATH": f"{Path(PYTHON).parent}:{os.environ['PATH']}"}
    through = ("mlflow", "run", ".", "-e", "forest", "-P", "bootstrap=false", "--env-manager=local")
    python("-m", *through, "--experiment-name=ml-project", cwd=bake, env=activated)
    assert runs(store)[0].data.params == {"trees": "20", "bootstrap": "false", "max_features": "0.5", "seed": "0"}
    assert runs(store)[0].info.status == "FINISHED"

    experiment(bake, "sweep", "forest", "--limit", "6", "--jobs", "1")
    children = [child.data.params for child in runs(store) if "mlflow.parentRunId" in child.data.tags]
    assert len(children) == 6
    assert {child["bootstrap"] for child in children} == {"true", "false"}
    assert all(5 <= int(child["trees"]) <= 50 and 0.1 <= float(child["max_features"]) <= 1 for child in children)


def test_what_a_model_file_imports_travels_with_the_model(bake, store, tmp_path):
    """A model of a library's own classes too may need this repository to be loaded: here by one function."""
    import mlflow

    (bake / "features").mkdir()
    (bake / "features" / "__init__.py").write_text("def doubled(X):\n    return X * 2\n")
    knn = bake / "models" / "knn.py"
    scaled = (
        "from features import doubled\n    from sklearn.pipeline import make_pipeline\n"
        "    from sklearn.preprocessing import FunctionTransformer\n\n"
        "    pipeline = make_pipeline(FunctionTransformer(doubled), KNeighborsClassifier(params.n_neighbors))\n"
        "    return pipeline.fit(train.X, train.y)\n\n    return "
    )
    knn.write_text(knn.read_text().replace("return KNeigh", scaled + "KNeigh"))
    assert experiment(bake, "check", "knn").stdout == "models/knn.py: ok\n"
    experiment(bake, "train", "knn")
    (trained,) = runs(store)
    assert trained.data.tags["model_format"] == "sklearn by skops with code"
    stored = mlflow.artifacts.download_artifacts(f"models:/{trained.outputs.model_outputs[0].model_id}")
    assert {path.name for path in (Path(stored) / "code").iterdir()} == {"models", "experiment", "features"}


def test_a_fit_that_cannot_be_stored_keeps_its_metrics(bake, store):
    knn = bake / "models" / "knn.py"
    knn.write_text(
        re.sub(
            r"return (KNeigh.*)",
            r"fitted = \1\n    fitted.lock = __import__('threading').Lock()\n    return fitted",
            knn.read_text(),
        )
    )
    refused(experiment(bake, "train", "knn", check=False), "models/knn.py: the fitted model cannot be stored")
    (failed,) = runs(store)
    assert failed.info.status == "FAILED"
    assert failed.data.metrics["f1_macro"] > 0.9


def test_a_model_of_no_known_library_is_stored_and_loaded(bake, store, tmp_path):
    import mlflow

    (bake / "models" / "mean.py").write_text(MEAN)
    experiment(bake, "train", "mean", "--shift", "2")
    model = runs(store)[0].outputs.model_outputs[0].model_id
    rows = "pandas.DataFrame(0.0, range(3), ['age','sex','bmi','bp','s1','s2','s3','s4','s5','s6'])"
    code = f"import mlflow, pandas; print(*mlflow.pyfunc.load_model('models:/{model}').predict({rows}))"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    predicted = [float(word) for word in python("-c", code, cwd=elsewhere).stdout.split()]
    assert len(predicted) == 3
    assert 140 < predicted[0] < 170
    assert mlflow.models.get_model_info(f"models:/{model}").flavors.keys() == {"python_function"}


def test_a_model_is_stored_with_the_code_that_it_was_judged_by(bake, store, tmp_path):
    """Somebody goes on with the file while it is fitted."""
    edit = "    from pathlib import Path\n\n    file = Path(__file__)\n"
    edit += "    file.write_text(file.read_text().replace('[self.value]', '[99]'))\n    return Mean"
    (bake / "models" / "mean.py").write_text(MEAN.replace("    return Mean", edit))
    experiment(bake, "train", "mean")
    (run,) = runs(store)
    model = f"models:/{run.outputs.model_outputs[0].model_id}"
    load = f"import mlflow; print(mlflow.pyfunc.load_model({model!r}).unwrap_python_model().fitted.predict([1])[0])"
    assert 100 < float(python("-c", load, cwd=tmp_path).stdout) < 200


def test_check_loads_where_this_repository_is_not(tmp_path, monkeypatch):
    """Also when it is on the path of every Python, as `make setup` puts it there for notebooks."""
    import numpy as np
    import pandas as pd
    from experiment import BadInput, Data
    from experiment.formats import elsewhere, flavour

    monkeypatch.setenv("PYTHONPATH", str(PRODUCT))
    table, fitted = pd.DataFrame({"a": [1.0, 2.0]}), SimpleNamespace(predict=np.negative)
    for name in ("whole", "robbed"):
        flavour.save_model(tmp_path / name, fitted, Data(table, None, "rows", "here"), "models/negative.py")
    shutil.rmtree(tmp_path / "robbed" / "code")
    with elsewhere.Reader() as reader:
        for name in ("whole", "robbed"):
            reader.ask(tmp_path / name, table, -table)
        reader.refuse_other_predictions("models/negative.py")
        with pytest.raises(BadInput, match="No module named 'experiment'"):
            reader.refuse_other_predictions("models/negative.py")
