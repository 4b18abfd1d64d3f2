"""The data set of a run as the store has it, of tables that are long and of tables that are wide."""

import json

import pandas as pd

from ..helpers import experiment, runs


def test_the_columns_are_those_that_mlflow_finds_in_all_rows():
    import mlflow
    from experiment import Data
    from experiment.tracking.dataset import dataset

    many = 500
    X = pd.DataFrame(
        {
            "number": [*range(many - 1), None],
            "text": ["a", None, *["b"] * (many - 2)],
            "late": [*[None] * (many - 1), "c"],
            "full": ["d"] * many,
            "day": pd.date_range("2024-01-01", periods=many),
        }
    )
    data = Data(X, pd.Series([True, False] * (many // 2), name="y"), "rows", "rows.csv")
    kept = dataset(data)
    whole = mlflow.data.from_pandas(data.frame, "rows.csv", targets="y", name="rows", digest=data.digest).to_dict()
    assert {name: getattr(kept, name) for name in whole if name != "tags"} == whole


def test_more_columns_than_mlflow_lists_are_left_out_and_the_model_kept(project, store, tmp_path):
    import mlflow

    wide = pd.DataFrame({f"{n:1000}": map(float, range(n, n + 40)) for n in range(1100)} | {"y": [0, 1] * 20})
    wide.columns = wide.columns.str.replace(" ", "x")
    wide.to_csv(tmp_path / "wide.csv", index=False)
    done = experiment(project, "train", "knn", "--data", tmp_path / "wide.csv", "--target=y")
    assert done.stderr == "note: wide: its 1,101 columns are more than MLflow lists; the run names none\n"
    (found,) = runs(store)
    assert found.info.status == "FINISHED"
    kept = found.inputs.dataset_inputs[0].dataset
    assert not kept.schema
    assert json.loads(kept.profile) == {"num_rows": 40, "num_elements": 40 * 1101}
    model = mlflow.pyfunc.load_model(f"models:/{found.outputs.model_outputs[0].model_id}")
    assert len(model.predict(wide.drop(columns="y"))) == 40
