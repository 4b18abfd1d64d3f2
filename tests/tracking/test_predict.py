"""The champion over a table: what a stranger's copy of it predicts, of any table, whole or not at all."""

import hashlib
import json
import random
import time
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
from sklearn import datasets, metrics

from ..forks import forked, python
from ..helpers import MEAN, experiment, refused

TEXTS = '''"""Which letters speak for which class?"""

from experiment import Data, Field, Params, Source

TASK = "classification"
METRIC = "f1_macro"
SPACE = {"alpha": [1.0]}


class Hyperparameters(Params):
    alpha: float = Field(1.0, gt=0, description="smoothing")


def letters():
    import pandas as pd

    codes = [f"{n % 7:04}" if n % 3 else f"x{n % 5}" for n in range(200)]
    return pd.DataFrame({"code": codes, "size": range(200), "kind": ["a" if n % 3 else "b" for n in range(200)]})


def load(source: Source) -> Data:
    return source.read(letters, target="kind", text_ok=True)


def fit(train: Data, params: Hyperparameters):
    from sklearn.compose import make_column_transformer
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.pipeline import make_pipeline

    words = make_column_transformer((CountVectorizer(analyzer="char"), "code"), remainder="passthrough")
    return make_pipeline(words, MultinomialNB(alpha=params.alpha)).fit(train.X, train.y)
'''
TWO = MEAN.replace('target="target"', 'target=["target", "s6"]').replace(
    "return Mean(train.y.mean() + params.shift)",
    "from sklearn.linear_model import Ridge\n\n    return Ridge().fit(train.X, train.y)",
)
OWN = {"texts": TEXTS, "two": TWO, "mean": MEAN}
TARGETS = {"kmeans": ["prediction"], "drive_failure": ["failure"], "texts": ["kind"], "two": ["target", "s6"]}


def table(model: str) -> pd.DataFrame:
    """What the model has been trained on, with a column that it does not know."""
    if model in ("knn", "kmeans"):
        known = datasets.load_digits(as_frame=True).frame
    elif model == "elasticnet":  # more cells than one piece has
        known = pd.concat([datasets.load_diabetes(as_frame=True, scaled=False).frame] * 600, ignore_index=True)
    elif model == "drive_failure":
        from models.drive_failure import simulated_drives

        known = simulated_drives(rows=3000, seed=7)
        known.loc[5, "smart_9_raw"] = np.nan
    elif model == "texts":
        made: dict = {}
        exec(TEXTS.partition("\n\ndef load")[0].partition("def letters")[2].join(["def letters", ""]), made)  # noqa: S102
        known = made["letters"]()
    else:
        known = datasets.load_diabetes(as_frame=True).frame
    return known.assign(id=[f"{number:07}" for number in range(len(known))])


# A process that knows MLflow alone, and reads all of the table at once.
STRANGER = """
import sys
import mlflow, numpy, pandas
model, data, out = sys.argv[1:]
fitted = mlflow.pyfunc.load_model(model)
whole = pandas.read_parquet(data) if data.endswith(".parquet") else pandas.read_csv(data, dtype={"code": "str"})
whole = whole.astype({name: "float64" for name in whole.select_dtypes("number")})
predicted = fitted.predict(whole[fitted.metadata.get_input_schema().input_names()])
numpy.save(out, numpy.asarray(predicted, dtype="O"))
"""


def strange(model: str, data: Path, folder: Path) -> np.ndarray:
    python("-c", STRANGER, model, data, folder / "stranger.npy", cwd=folder)
    found = np.load(folder / "stranger.npy", allow_pickle=True)
    return found.reshape(len(found), -1)


def champion(project: Path, model: str, *words: str) -> None:
    experiment(project, "train", model, *words)
    experiment(project, "promote", model)


def read(path: Path) -> pd.DataFrame:
    return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path, dtype={"id": "str"})


@pytest.mark.parametrize("model", ["knn", "kmeans", "elasticnet", "drive_failure", "mean", "texts", "two"])
def test_the_champion_predicts_what_a_stranger_does(store, bake, tmp_path, model):
    if model in OWN:
        (bake / "models" / f"{model}.py").write_text(OWN[model])
    champion(bake, model)
    as_stranger_does(store, bake, tmp_path, model, f"models:/ml-project-{model}@champion")


def test_a_champion_on_a_server_predicts_what_a_stranger_does(server, project, tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server)
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "predicting")
    champion(project, "kmeans", "--k=7")
    as_stranger_does(mlflow.MlflowClient(server), project, tmp_path, "kmeans", "models:/ml-project-kmeans@champion")


def as_stranger_does(client, project: Path, folder: Path, model: str, stored: str) -> None:
    """From each format to the other, and what the file says of itself."""
    given, names = table(model), TARGETS.get(model, ["target"])
    given.to_csv(folder / "new.csv", index=False)
    given.to_parquet(folder / "new.parquet", row_group_size=100_000)
    expected = strange(stored, folder / "new.parquet", folder)
    version = client.get_model_version_by_alias(f"ml-project-{model}", "champion")
    for source, out in (("new.csv", "out.parquet"), ("new.parquet", "out.csv")):
        words = ("predict", model, "--data", folder / source, "--out", folder / out, "--keep=id", "--json")
        told = json.loads(experiment(project, *words).stdout)
        made = read(folder / out)
        assert list(made) == ["id", *names]
        assert (made["id"] == given["id"]).all()
        assert len(made) == told["rows"] == len(given)
        found = made[names].to_numpy()
        same = found == expected if model == "texts" else np.isclose(found.astype(float), expected.astype(float), 1e-12)
        assert same.all()
        said = notes(folder / out)
        digest = hashlib.sha256((folder / source).read_bytes()).hexdigest()
        assert (said["data_sha256"], said["model"], said["version"]) == (digest, version.name, str(version.version))
        assert (said["run"], said["commit"]) == (
            version.run_id,
            client.get_run(version.run_id).data.tags["mlflow.source.git.commit"],
        )
        assert said["created_at"].startswith("20")


def notes(path: Path) -> dict[str, str]:
    """What a file says of itself."""
    if path.suffix == ".csv":
        return json.loads(path.with_name(f"{path.name}.json").read_text())
    import pyarrow.parquet

    return {key.decode(): value.decode() for key, value in pyarrow.parquet.read_metadata(path).metadata.items()}


@pytest.fixture
def digits(store, project, tmp_path) -> Path:
    """A table for a champion of knn that holds all but its target."""
    champion(project, "knn")
    table("knn").drop(columns="target").to_csv(tmp_path / "new.csv", index=False)
    return tmp_path


def test_by_a_run_by_a_version_and_with_the_chances_of_each_class(store, project, digits):
    def predicted(*words: str) -> pd.DataFrame:
        experiment(project, "predict", "knn", "--data", digits / "new.csv", "--out", digits / "out.csv", *words)
        return read(digits / "out.csv")

    first = store.get_model_version_by_alias("ml-project-knn", "champion").run_id
    other = experiment(project, "train", "knn", "--n-neighbors=40").stdout.split("run ")[1].split()[0]
    own, one, another = (predicted("--proba", *words) for words in ([], ["--version=1"], ["--run", other]))
    assert own.equals(one)
    assert not own.equals(another)
    fitted = mlflow.sklearn.load_model(f"runs:/{first}/model")
    X = table("knn").drop(columns=["target", "id"]).astype(float)
    assert list(own)[1:] == [f"target_{each}" for each in range(10)]
    assert np.allclose(own.iloc[:, 1:], fitted.predict_proba(X), atol=1e-15)
    assert notes(digits / "out.csv")["run"] == other


def test_metrics_of_a_table_that_has_the_target(store, project, bake, tmp_path):
    champion(bake, "elasticnet")
    given = datasets.load_diabetes(as_frame=True, scaled=False).frame
    newer = given.assign(bmi=given.bmi + 1)
    newer.to_parquet(tmp_path / "newer.parquet")
    words = ("predict", "elasticnet", "--data", tmp_path / "newer.parquet", "--out", tmp_path / "out.csv", "--evaluate")
    told = experiment(bake, *words, "--json")
    predicted = read(tmp_path / "out.csv")["target"]
    expected = metrics.root_mean_squared_error(given["target"], predicted)
    assert json.loads(told.stdout)["metrics"]["rmse"] == pytest.approx(expected, rel=1e-12)
    assert told.stderr == ""
    given.to_parquet(tmp_path / "newer.parquet")  # what it was trained on
    assert "which flatters its metrics" in experiment(bake, *words).stderr
    code = (bake / "models" / "elasticnet.py").read_text()
    own = "\n\ndef evaluate(model, test):\n    return {'rmse': float(test.X.bmi.sum() + len(model.predict(test.X)))}\n"
    (bake / "models" / "elasticnet.py").write_text(code + own)
    newer.to_parquet(tmp_path / "newer.parquet")
    told = experiment(bake, *words, "--json")
    assert json.loads(told.stdout)["metrics"]["rmse"] == pytest.approx(newer.bmi.sum() + len(newer))
    assert "the whole table is held in memory" in told.stderr


def test_what_is_kept_loses_nothing(store, project, tmp_path):
    """Numbers beyond a float's digits, gaps among them, texts that look like numbers or gaps, times in a zone."""
    import pyarrow as pa

    champion(project, "kmeans")
    X, count = datasets.load_digits(as_frame=True).data, 1797
    kept = {
        "big": pa.array([None if n == 9 else 2**62 + n for n in range(count)]),
        "code": pa.array(["NA" if n % 2 else f"{n:05}" for n in range(count)]),
        "cost": pa.array([n / 4 for n in range(count)]).cast(pa.decimal128(30, 2)),
        "at": pa.array(range(count), pa.timestamp("us", "UTC")),
    }
    whole = pa.table({**{name: X[name] for name in X}, **kept})
    pa.parquet.write_table(whole, tmp_path / "new.parquet")
    words = ("predict", "kmeans", "--data", tmp_path / "new.parquet", "--keep", ", ".join(kept))
    experiment(project, *words, "--out", tmp_path / "out.parquet")
    made = pa.parquet.read_table(tmp_path / "out.parquet")
    for name in kept:
        assert made[name].cast(whole[name].type).equals(whole[name]), name
    X.assign(code=["NA" if n % 2 else f"{n:05}" for n in range(count)], gap="").to_csv(
        tmp_path / "new.csv", index=False
    )
    words = ("predict", "kmeans", "--data", tmp_path / "new.csv", "--out", tmp_path / "out.csv", "--keep=code,gap")
    experiment(project, *words)
    lines = (tmp_path / "out.csv").read_text().splitlines()
    assert [line.split(",")[:2] for line in lines[:3]] == [["code", "gap"], ["00000", ""], ["NA", ""]]


def test_a_folder_of_parts_is_one_table(store, project, digits):
    given, parts = read(digits / "new.csv"), digits / "parts"
    parts.mkdir()
    (parts / "_SUCCESS").touch()
    for number, start in enumerate(range(0, 1797, 600)):
        given.iloc[start : start + 600].to_parquet(parts / f"part-{number}.parquet")
    words = ("predict", "knn", "--keep=id", "--data")
    experiment(project, *words, parts, "--out", digits / "out.csv")
    experiment(project, *words, digits / "new.csv", "--out", digits / "whole.csv")
    assert (digits / "out.csv").read_bytes() == (digits / "whole.csv").read_bytes()
    every = b"".join(path.read_bytes() for path in sorted(parts.glob("*.parquet")))
    assert notes(digits / "out.csv")["data_sha256"] == hashlib.sha256(every).hexdigest()
    refused(experiment(project, *words, parts, "--out", parts / "out.csv", check=False), "is what --data reads")
    given.assign(file_row_number=1).to_parquet(parts / "part-2.parquet")
    own = experiment(project, *words, parts, "--out", digits / "out.csv", check=False)
    refused(own, "part-2.parquet: has a column file_row_number")
    given.drop(columns="pixel_3_3").to_parquet(parts / "part-2.parquet")
    lacking = experiment(project, *words, parts, "--out", digits / "out.csv", check=False)
    refused(lacking, "part-2.parquet: lacks the columns pixel_3_3")
    (parts / "more.csv").touch()
    refused(experiment(project, *words, parts, "--out", digits / "out.csv", check=False), "holds ", "more.csv")


# A process whose pieces are small.
SMALL = """
import sys
from experiment.data import pieces
pieces.CELLS = int(sys.argv.pop(1))
from experiment.__main__ import run
sys.exit(run())
"""
ROWS = 200  # of a piece


def spoiled(rows: list[str], row: int, line: str) -> bytes:
    return "\n".join([*rows[:row], line, *rows[row + 1 :]]).encode() + b"\n"


HOSTILE = {
    "a text": (
        lambda rows: spoiled(rows, 1250, rows[1250].replace("1250", "many")),
        ["column bmi holds 'many' in row 1250"],
    ),
    "a gap": (lambda rows: spoiled(rows, 1250, rows[1250].replace("1250", "")), ["column bmi is empty in row 1250"]),
    "a cell too many": (lambda rows: spoiled(rows, 1250, rows[1250] + ",1"), ["line 1251: 12 cells"]),
    "a cell too few": (lambda rows: spoiled(rows, 1250, rows[1250].rpartition(",")[0]), ["line 1251: 10 cells of 11"]),
    "no UTF-8": (lambda rows: spoiled(rows, 1250, rows[1250]).replace(b"1250", b"12\xff0"), ["line 1251", "0xff"]),
    "a byte of nothing": (lambda rows: spoiled(rows, 1250, rows[1250].replace("1250", "12\x0050")), ["row 1250"]),
    "infinite": (lambda rows: spoiled(rows, 1250, rows[1250].replace("1250", "inf")), ["bmi is empty in row 1250"]),
}


@pytest.fixture(scope="module")
def elastic(project, tmp_path_factory) -> dict[str, str]:
    """A store that has a champion of elasticnet, as the environment of a process; tests leave it alone."""
    place = {"MLFLOW_TRACKING_URI": f"sqlite:///{tmp_path_factory.mktemp('elastic')}/mlflow.db"}
    experiment(project, "train", "elasticnet", env=place)
    experiment(project, "promote", "elasticnet", env=place)
    return place


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_row_in_the_seventh_of_ten_pieces_is_named_and_nothing_written(project, elastic, tmp_path, what):
    names = [*datasets.load_diabetes(as_frame=True).data, "note"]
    cells = [[str(row) if name == "bmi" else "1" for name in names] for row in range(1, 10 * ROWS + 1)]
    spoil, parts = HOSTILE[what]
    (tmp_path / "new.csv").write_bytes(spoil([",".join(each) for each in [names, *cells]]))
    (tmp_path / "out.csv").write_text("old")
    words = ("predict", "elasticnet", "--data", tmp_path / "new.csv", "--out", tmp_path / "out.csv")
    refused(python("-c", SMALL, 11 * ROWS, *words, cwd=project, env=elastic, check=False), "new.csv", *parts)
    assert (tmp_path / "out.csv").read_text() == "old"
    assert {path.name for path in tmp_path.iterdir()} == {"new.csv", "out.csv"}


def test_a_hostile_row_of_parquet_and_what_the_model_alone_refuses(store, bake, tmp_path):
    (bake / "models" / "mean.py").write_text(
        MEAN.replace(
            "        return [",
            "        if (X.bmi > 14000).any():\n            raise ValueError('too heavy')\n        return [",
        )
    )
    champion(bake, "mean")
    given = pd.concat([datasets.load_diabetes(as_frame=True).data] * 47, ignore_index=True).assign(bmi=0.0)
    words = ("predict", "mean", "--data", tmp_path / "new.parquet", "--out", tmp_path / "out.parquet")
    for value, parts in (
        (np.nan, ["column bmi is empty in row 13001"]),
        (15000.0, ["rows 12289 to 14336: the model cannot predict them: ValueError: too heavy"]),
    ):
        given.loc[13000, "bmi"] = value
        given.to_parquet(tmp_path / "new.parquet")
        refused(python("-c", SMALL, 20480, *words, cwd=bake, check=False), *parts)
        assert not (tmp_path / "out.parquet").exists()


def test_a_model_that_looks_at_the_rows_beside_is_not_asked_in_pieces(store, bake, tmp_path):
    """All of its predictions would depend on where the table is cut."""
    (bake / "models" / "mean.py").write_text(MEAN.replace("[self.value] * len(X)", "X.bmi - X.bmi.mean()"))
    champion(bake, "mean")
    pd.concat([datasets.load_diabetes(as_frame=True).frame] * 3).to_csv(tmp_path / "new.csv", index=False)
    words = ("predict", "mean", "--data", tmp_path / "new.csv", "--out", tmp_path / "out.csv")
    refused(python("-c", SMALL, 1000, *words, cwd=bake, check=False), "by itself", "beside other rows")
    experiment(bake, *words)  # in one piece it is as it is


def test_a_table_that_is_written_to_while_it_is_read_is_refused(project, elastic, tmp_path):
    """The digest would be of other bytes than the predictions."""
    datasets.load_diabetes(as_frame=True).data.to_csv(tmp_path / "new.csv", index=False)
    appends = """
import sys
from experiment.data.separated import File
pieces = File.pieces
def slowly(self, *words):
    yield from pieces(self, *words)
    with self.path.open("a") as file:
        file.write("1" + ",1" * 9 + "\\n")
File.pieces = slowly
from experiment.__main__ import run
sys.exit(run())
"""
    words = ("predict", "elasticnet", "--data", tmp_path / "new.csv", "--out", tmp_path / "out.csv")
    refused(python("-c", appends, *words, cwd=project, env=elastic, check=False), "was written to while it was read")
    assert not (tmp_path / "out.csv").exists()


def test_columns_that_load_makes_are_told(store, bake, tmp_path):
    derived = MEAN.replace(
        'return source.read(diabetes, target="target")',
        'data = source.read(diabetes, target="target")\n    data.X["ratio"] = data.X.bmi / 2\n    return data',
    )
    changed = derived.replace('["ratio"]', '["bmi"]')
    datasets.load_diabetes(as_frame=True).frame.to_csv(tmp_path / "new.csv", index=False)
    for code, model, name in ((derived, "derived", "ratio"), (changed, "changed", "bmi")):
        (bake / "models" / f"{model}.py").write_text(code)
        told = f"note: models/{model}.py: {{}}load makes or changes {name}"
        assert told.format("") in experiment(bake, "check", model).stderr
        champion(bake, model)
        words = ("predict", model, "--data", tmp_path / "new.csv", "--out", tmp_path / "out.csv")
        done = experiment(bake, *words, check=False)
        assert told.format("its ") in done.stderr
        assert done.returncode == (2 if model == "derived" else 0)
    (bake / "models" / "plain.py").write_text(MEAN)
    assert experiment(bake, "check", "plain").stderr == ""


def test_a_model_of_before_is_held_to_its_signature(store, project, digits):
    version = store.get_model_version_by_alias("ml-project-knn", "champion")
    stored = store.get_logged_model(version.source.removeprefix("models:/")).artifact_location
    file = Path(stored.removeprefix("file://")) / "table.json"
    assert json.loads(file.read_text())["targets"] == {"target": "int64"}
    file.unlink()
    words = ("predict", "knn", "--data", digits / "new.csv", "--out", digits / "out.csv", "--keep=id")
    assert "note: version 1 of ml-project-knn: its model is an older one" in experiment(project, *words).stderr
    assert list(read(digits / "out.csv")) == ["id", "target"]


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["--version=7"], ["--version 7", "none of this number"]),
        (["--version=one"], ["--version one"]),
        (["--run=0123"], ["--run 0123"]),
        (["--keep=nothing"], ["lacks the column", "nothing"]),
        (["--keep=target"], ["--keep target", "has this name"]),
        (["--out=out.txt"], ["--out out.txt", ".csv or .parquet"]),
        (["--out=nowhere/out.csv"], ["--out nowhere/out.csv: cannot be written", "No such file"]),
        (["--out=new.csv"], ["is what --data reads"]),
        (["--out=folder.csv"], ["it is no file"]),
        (["--out=https://example.com/out.csv"], ["only a path or s3://"]),
        (["--data=empty.csv"], ["has no rows"]),
        (["--data=other.csv"], ["lacks the columns age, sex"]),
        (["--data=none.csv"], ["No such file"]),
        (["--proba"], ["--proba", "predict_proba"]),
        (["--evaluate"], ["lacks the columns target"]),
    ],
)
def test_a_mistake_is_one_line_and_writes_nothing(project, elastic, tmp_path, words, parts):
    given = datasets.load_diabetes(as_frame=True).data
    given.head(30).to_csv(tmp_path / "new.csv", index=False)
    given.head(0).to_csv(tmp_path / "empty.csv", index=False)
    pd.DataFrame({"a": [1]}).to_csv(tmp_path / "other.csv", index=False)
    (tmp_path / "folder.csv").mkdir()
    before = sorted(tmp_path.iterdir())
    settled = {"--data": "new.csv", "--out": "out.csv"} | dict(word.split("=") for word in words if "=" in word)
    flags = [
        f"{name}={tmp_path / value if name in ('--data', '--out') and ':' not in value else value}"
        for name, value in settled.items()
    ]
    done = experiment(
        project, "predict", "elasticnet", *flags, *(word for word in words if "=" not in word), env=elastic, check=False
    )
    refused(done, *(part.replace("--out ", f"--out {tmp_path}/") for part in parts))
    assert sorted(tmp_path.iterdir()) == before


def test_without_a_champion_it_says_how_to_get_one(store, project, tmp_path):
    (tmp_path / "new.csv").write_text("a\n1\n")
    words = ("predict", "knn", "--data", tmp_path / "new.csv", "--out", tmp_path / "out.csv")
    refused(experiment(project, *words, check=False), "has no champion; make promote MODEL=knn")


def test_killed_at_any_moment_it_leaves_the_old_file_or_the_new(project, elastic, tmp_path):
    (tmp_path / "out").mkdir()
    out, given = tmp_path / "out" / "out.parquet", datasets.load_diabetes(as_frame=True).data
    pd.concat([given] * 300).to_parquet(tmp_path / "new.parquet")
    words = ("-m", "experiment", "predict", "elasticnet", "--data", tmp_path / "new.parquet", "--out", out)
    began = time.monotonic()
    python(*words, cwd=project, env=elastic)
    takes, whole = time.monotonic() - began, pd.read_parquet(out)
    out.write_bytes(b"old")
    for share in random.Random().sample(range(20, 100), 3):  # noqa: S311
        with forked(*words, cwd=project, env=elastic) as process:
            time.sleep(share / 100 * takes)
            process.kill()
            process.wait(60)
        assert [path.name for path in out.parent.iterdir()] == ["out.parquet"]
        assert out.read_bytes() == b"old" or pd.read_parquet(out).equals(whole)


def test_where_no_file_is_nameless_it_has_another_name_until_it_is_whole(tmp_path, monkeypatch):
    """As on NFS; one process at a time has it."""
    import os

    from experiment.data import places

    monkeypatch.delattr(os, "O_TMPFILE")
    (tmp_path / "out.csv").write_text("old")
    (tmp_path / ".out.csv.new").write_text("of one that was killed, and had more in it")
    with places.beside(str(tmp_path / "out.csv")) as (file, take):
        Path(file).write_text("new")
        assert (tmp_path / "out.csv").read_text() == "old"
        with pytest.raises(OSError, match="temporarily"), places.beside(str(tmp_path / "out.csv")):
            pass
        take()
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("out.csv", "new")]
