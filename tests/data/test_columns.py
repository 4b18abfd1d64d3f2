"""What may be a feature: no answer under any name, nothing that the stored model could not be given again."""

import re

import pandas as pd
import pytest
from experiment import BadInput, Data, Source

from ..helpers import experiment, refused, runs

ROWS = "a,label,other,who\n" + "".join(f"{n},{n % 2},{n // 3 % 2},{n // 4}\n" for n in range(40))


@pytest.fixture
def rows(tmp_path):
    (tmp_path / "rows.csv").write_text(ROWS)
    return str(tmp_path / "rows.csv")


@pytest.mark.parametrize(
    ("target", "settings", "features"),
    [
        ("", {}, ["a", "other", "who"]),
        ("other", {}, ["a", "who"]),  # label would give it away
        ("other,a", {}, ["who"]),
        ("other", {"group": "who"}, ["a"]),
        ("other", {"columns": ["a", "label", "other"]}, ["a", "label"]),  # the file says so
    ],
)
def test_neither_the_named_nor_the_models_own_target_is_a_feature(rows, target, settings, features):
    assert list(Source(rows, target).read(None, target="label", **settings).X) == features


def test_a_group_that_the_file_names_as_a_feature_is_refused(rows):
    with pytest.raises(BadInput, match="column who is grouped by, and among the features"):
        Source(rows).read(None, target="label", columns=["a", "who"], group="who")


@pytest.mark.parametrize("answers", ["label", ["label", "other"]])
def test_data_built_by_hand_holds_no_answer_among_its_features(answers):
    frame = pd.DataFrame({"a": [1.0, 2.0], "label": [0, 1], "other": [1, 0]})
    with pytest.raises(BadInput, match="column label is predicted, and among the features"):
        Data(frame[["a", "label"]], frame[answers], "rows", "here")


def test_a_group_that_is_predicted_or_holds_lists_is_refused(rows, tmp_path):
    with pytest.raises(BadInput, match="column who is predicted, and grouped by"):
        Source(rows, "who").read(None, group="who")
    bundled(pair=[[1, 2]] * 40)().to_parquet(tmp_path / "rows.parquet")
    with pytest.raises(BadInput, match=r"column pair holds .* which is neither a number nor a text"):
        Source(str(tmp_path / "rows.parquet")).read(None, target="y", group="pair")


def test_gaps_of_any_kind_are_no_twins_of_a_target():
    from experiment.data import columns

    data = Source().read(bundled(where=pd.array([pd.NA, "b"] * 20, dtype="string")), "y", missing_ok=True, text_ok=True)
    columns.hold(data, "classification")


def test_a_gap_in_a_target_built_by_hand_is_told_as_one():
    from experiment.data import columns

    X = pd.DataFrame({"a": [1.0, 2.0]})
    with pytest.raises(BadInput, match="column y is empty in 1 rows, first in row 2"):
        columns.hold(Data(X, pd.Series([1.0, None], name="y"), "rows", "here"), "regression")


def test_rows_may_have_names():
    from experiment.data import splits

    X = pd.DataFrame({"a": range(40)}, index=[f"p{n}" for n in range(40)])
    data = Data(X, pd.Series([0, 1] * 20, index=X.index, name="y"), "rows", "here")
    for stratify in (True, False):
        fitting, judging = splits.random(data, 0, stratify=stratify)
        assert sorted([*fitting.X.a, *judging.X.a]) == list(range(40))


def test_data_built_by_hand_may_name_nothing():
    Data(pd.DataFrame([[1.0, 2.0]]), pd.Series([1]), "rows", "here")


def test_data_built_by_hand_has_an_answer_for_each_row():
    X = pd.DataFrame({"a": [1.0, 2.0, 3.0]})
    with pytest.raises(BadInput, match="the target has other rows than the features"):
        Data(X[X.a > 1], pd.Series([0, 1]), "rows", "here")
    with pytest.raises(BadInput, match="the group has other rows than the features"):
        Data(X, None, "rows", "here", pd.Series([0, 1]))


def bundled(**columns):
    def table():
        return pd.DataFrame({"a": range(40), "y": [n // 2 % 2 for n in range(40)]} | columns)

    return table


def test_a_bundled_table_with_names_on_two_levels_has_one_name_a_column():
    def table():
        rows = pd.DataFrame({"left": [0, 1] * 6, "who": [n // 3 for n in range(12)], "amount": range(12)})
        return rows.groupby(["who", "left"]).agg({"amount": ["mean", "max"]}).reset_index()

    assert list(Source().read(table, target="left").X) == ["who", "amount_mean", "amount_max"]


@pytest.mark.parametrize(("seen", "told"), [([n // 2 % 2 == 1 for n in range(40)], True), ([0.0] * 40, False)])
def test_a_feature_that_equals_the_target_is_told(project, store, tmp_path, seen, told):
    bundled(seen=seen)().to_csv(tmp_path / "rows.csv", index=False)
    done = experiment(project, "train", "knn", "--data", tmp_path / "rows.csv", "--target=y")
    line = "note: rows: column seen equals the target y in every row; is it known beforehand?\n"
    assert done.stderr == (line if told else "")
    assert [found.info.status for found in runs(store)] == ["FINISHED"]


@pytest.mark.parametrize("texts", [["yes", "no"], [7, 9], [True, False]])
def test_a_target_of_any_kind_finds_its_twin(texts):
    from experiment.data import columns

    answer = pd.Series(texts * 3, name="y")
    X = pd.DataFrame({"same": answer, "not": answer[::-1].to_numpy()})
    assert list(columns.twins_of_targets(X, answer)) == [("same", "y")]
    assert list(columns.twins_of_targets(X, answer.astype("category"))) == [("same", "y")]
    assert list(columns.twins_of_targets(X, None)) == []


@pytest.mark.parametrize(
    ("column", "part"),
    [
        ("pd.Categorical(['Bern', 'Chur'] * 30)", "categories, which a stored model cannot be given; encode it, or"),
        ("pd.date_range('2024-01-01', periods=60, tz='Europe/Zurich')", "times in a zone, which a stored model"),
    ],
)
@pytest.mark.parametrize("built", ["source.read(places, target='y', text_ok=True)", "by_hand()"])
def test_what_a_stored_model_cannot_be_given_is_refused(bake, store, column, part, built):
    """As a feature, from a table or built by hand; by `check` as by `train`, in the same line."""
    model = (bake / "models" / "knn.py").read_text()
    model = re.sub(r"def digits.*?(?=def fit)", TABLE.format(column=column, built=built), model, flags=re.DOTALL)
    (bake / "models" / "knn.py").write_text(model)
    lines = {
        refused(experiment(bake, verb, "knn", check=False), f"column where holds {part}") for verb in ("check", "train")
    }
    assert len(lines) == 1
    assert runs(store) == []


def test_data_built_by_hand_whose_rows_share_names_is_refused(bake):
    """They would be fitted on and judged on."""
    model = (bake / "models" / "knn.py").read_text()
    by_hand = "table = digits(); table.index %= 9; return Data(table.drop(columns='target'), table.target, 'x', 'y')"
    (bake / "models" / "knn.py").write_text(model.replace('return source.read(digits, target="target")', by_hand))
    refused(experiment(bake, "check", "knn", check=False), "x: rows have names twice", "reset_index")


TABLE = """def places():
    import pandas as pd

    return pd.DataFrame({{"a": range(60), "where": {column}, "y": [n % 2 for n in range(60)]}})


def by_hand():
    table = places()
    return Data(table[["a", "where"]], table.y, "places", "here")


def load(source: Source) -> Data:
    return {built}


"""


def test_text_is_learned_from_where_the_model_says_so_and_from_a_category_in_parquet(tmp_path):
    bundled(where=pd.Categorical(["Bern", "Chur"] * 20))().to_parquet(tmp_path / "rows.parquet")
    source = Source(str(tmp_path / "rows.parquet"))
    assert set(source.read(None, target="y", text_ok=True).X["where"]) == {"Bern", "Chur"}
    with pytest.raises(BadInput, match="column where holds 'Bern' in row 1, which is no number"):
        source.read(None, target="y")


def test_true_and_false_with_a_gap_are_numbers_with_a_gap(tmp_path):
    for path in (tmp_path / "rows.csv", tmp_path / "rows.parquet"):
        table = bundled(smokes=[True, None, False, True] * 10)()
        table.to_csv(path, index=False) if path.suffix == ".csv" else table.to_parquet(path)
        source = Source(str(path))
        assert source.read(None, target="y", missing_ok=True).X.smokes.head(4).fillna(9).tolist() == [1, 9, 0, 1]
        with pytest.raises(BadInput, match="column smokes is empty in 10 rows, first in row 2"):
            source.read(None, target="y")


@pytest.mark.parametrize("values", [[1 + 2j] * 40, [[1, 2]] * 40, [1, "x"] * 20, [True, "x"] * 20])
def test_what_is_neither_a_number_nor_a_text_is_no_feature_and_no_class(values):
    column = pd.Series(values)
    with pytest.raises(BadInput, match=r"column odd holds .* in row 1, which is neither a number nor a text"):
        Source().read(bundled(odd=column), target="y", text_ok=True)
    from experiment.data import kinds

    with pytest.raises(BadInput, match=r"column odd holds .* in row 1, which is neither a number nor a text"):
        kinds.refuse_wrong_target(column.rename("odd"), "classification", "rows")
