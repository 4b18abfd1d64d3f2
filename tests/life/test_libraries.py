"""Any library's model can be stored and loaded where nobody knows this repository."""

import pytest

from ..helpers import MEAN, PYTHON, experiment, run, runs

pytestmark = pytest.mark.e2e

HEAD = '''"""How far will diabetes have progressed in a year?"""

from experiment import Data, Field, Params, Source

TASK = "regression"
METRIC = "-rmse"
SPACE = {"alpha": [0.1, 1.0]}


class Hyperparameters(Params):
    alpha: float = Field(1.0, gt=0, description="strength of the penalty")


def diabetes():
    from sklearn.datasets import load_diabetes

    return load_diabetes(as_frame=True).frame


def load(source: Source) -> Data:
    return source.read(diabetes, target="target")


'''

MODELS = {
    # name: (the model file, the format that is to take it)
    "pipeline": (
        HEAD
        + """
def squares(X):
    return X**2


def fit(train, params):
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    return make_pipeline(FunctionTransformer(squares), Ridge(params.alpha)).fit(train.X, train.y)
""",
        "sklearn by skops with code",
    ),
    "anonymous": (
        HEAD
        + """
def fit(train, params):
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    return make_pipeline(FunctionTransformer(lambda X: X**2), Ridge(params.alpha)).fit(train.X, train.y)
""",
        "sklearn by cloudpickle with code",
    ),
    "net": (
        HEAD
        + """
import torch


class Net(torch.nn.Module):
    def __init__(self, columns):
        super().__init__()
        self.layers = torch.nn.Sequential(torch.nn.Linear(columns, 8), torch.nn.ReLU(), torch.nn.Linear(8, 1))

    def forward(self, X):
        return self.layers(X).squeeze(-1)

    def predict(self, table):
        with torch.no_grad():
            return self(torch.tensor(table.to_numpy(), dtype=torch.float32)).numpy() * 100


def fit(train, params, report):
    torch.manual_seed(params.seed)
    net, y = Net(train.X.shape[1]), torch.tensor(train.y.to_numpy() / 100, dtype=torch.float32)
    steps = torch.optim.Adam(net.parameters(), lr=0.01, weight_decay=params.alpha / 100)
    for step in range(50):
        steps.zero_grad()
        loss = torch.nn.functional.mse_loss(net(torch.tensor(train.X.to_numpy(), dtype=torch.float32)), y)
        loss.backward()
        steps.step()
        report(step, loss=loss.item())
    return net
""",
        "pyfunc by cloudpickle with code",
    ),
    "trees": (
        HEAD
        + """
def fit(train, params):
    import lightgbm

    return lightgbm.LGBMRegressor(reg_lambda=params.alpha, n_estimators=20, verbose=-1).fit(train.X, train.y)
""",
        "lightgbm by skops",
    ),
    "booster": (
        HEAD
        + """
def fit(train, params):
    import lightgbm

    rows = lightgbm.Dataset(train.X, train.y)
    return lightgbm.train({"objective": "l2", "lambda_l2": params.alpha, "verbose": -1}, rows, num_boost_round=20)
""",
        "lightgbm",
    ),
    "plain": (MEAN, "pyfunc by cloudpickle with code"),
    "ols": (
        HEAD
        + """
def fit(train, params):
    import statsmodels.api

    return statsmodels.api.OLS(train.y * params.alpha, train.X).fit()
""",
        "statsmodels",
    ),
    "regularised": (
        HEAD
        + """
def fit(train, params):
    import statsmodels.api

    return statsmodels.api.OLS(train.y, train.X).fit_regularized(alpha=params.alpha, L1_wt=0)
""",
        "pyfunc by cloudpickle with code",  # which has no `save`, as mlflow.statsmodels expects
    ),
}

# As a Python program would call the verbs: one process, because importing is what takes the time.
TRAINS_AND_SWEEPS = """
import pickle, sys
from pathlib import Path
from experiment import Source, sweep, train
from experiment.declaration import load
for name in sys.argv[2:]:
    train.parse([name])()
    sweep.parse([name, "--jobs", "1"])()
    model = load(name)
    params = model.hyperparameters()
    fitting, judging = model.split(model.data(Source()), params.seed)
    told = judging.X, list(model.fit(fitting, params).predict(judging.X))
    Path(sys.argv[1], name).write_bytes(pickle.dumps(told))
"""

# Forked for each model: none may find what another one brought along.
AS_A_STRANGER = """
import importlib.util, os, pickle, sys
import mlflow.pyfunc, numpy
for question, model in zip(sys.argv[1::2], sys.argv[2::2]):
    if (child := os.fork()) == 0:
        assert not importlib.util.find_spec("models") and not importlib.util.find_spec("experiment")
        table, expected = pickle.load(open(question, "rb"))
        predicted = mlflow.pyfunc.load_model(model).predict(table)
        # Close, not equal: it was fitted a second time, and threads add in any order.
        os._exit(0 if len(expected) > 80 and numpy.allclose(predicted, expected, rtol=1e-4) else 1)
    assert os.waitpid(child, 0)[1] == 0, f"{model} of {question} predicts otherwise, or not at all"
"""


@pytest.fixture(scope="module")
def libraries(tmp_path_factory) -> dict[str, str]:
    """An environment with libraries that the product does not bring."""
    folder = tmp_path_factory.mktemp("libraries")
    install = (PYTHON, "-m", "uv", "pip", "install", "--quiet", "--python", PYTHON, "--target", folder)
    run(*install, "torch==2.13.0", cwd=folder)
    # Without what they depend on, which is here already.
    run(*install, "--no-deps", "lightgbm", "statsmodels", "patsy", cwd=folder)
    return {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": ""}  # several processes import them


def test_every_library_is_checked_trained_swept_and_loaded_by_a_stranger(bake, store, libraries, tmp_path):
    for name, (text, _) in MODELS.items():
        (bake / "models" / f"{name}.py").write_text(text)
    checked = experiment(bake, "check", *MODELS, env=libraries)
    assert checked.stdout.splitlines() == [f"models/{name}.py: ok" for name in MODELS]

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    said = run(PYTHON, "-c", TRAINS_AND_SWEEPS, elsewhere, *MODELS, cwd=bake, env=libraries)
    notes = [line for line in said.stderr.splitlines() if line.startswith("note:")]
    # Once from the single run, once from the best of the sweep.
    assert len(notes) == 4, notes
    first, second = notes[::2]
    assert notes == [first, first, second, second], said.stderr
    assert first.startswith("note: models/anonymous.py: stored as sklearn by cloudpickle with code; sklearn by skops")
    assert second.startswith("note: models/regularised.py: stored as pyfunc by cloudpickle with code; statsmodels ")
    assert "Warning" not in said.stderr

    found = runs(store)
    assert {each.info.status for each in found} == {"FINISHED"}
    trained = {each.data.tags["model"]: each for each in found if each.outputs.model_outputs}
    assert {name: each.data.tags["model_format"] for name, each in trained.items()} == {
        name: form for name, (_, form) in MODELS.items()
    }
    assert all(len([child for child in found if child.data.tags.get("model") == name]) == 4 for name in MODELS)
    pairs = [(elsewhere / name, f"models:/{trained[name].outputs.model_outputs[0].model_id}") for name in MODELS]
    run(PYTHON, "-c", AS_A_STRANGER, *(word for pair in pairs for word in pair), cwd=elsewhere, env=libraries)


def test_a_bare_network_is_told_what_to_write(bake, libraries):
    net = MODELS["net"][0].replace("return net\n", "return net.layers\n")
    (bake / "models" / "net.py").write_text(net)
    done = experiment(bake, "check", "net", env=libraries, check=False)
    assert done.returncode == 2
    assert "models/net.py: fit returns a Sequential without predict(table)" in done.stderr
    assert "def predict(self, table): return self.net(torch.tensor(" in done.stderr
