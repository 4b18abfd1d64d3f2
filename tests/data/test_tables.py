"""Tables: CSV and Parquet, from a path, https:// or s3://; and those that are refused."""

import pytest

from ..helpers import experiment, refused, runs


@pytest.fixture
def read():
    """Read a table as `train MODEL --data` does."""
    from experiment import Source
    from experiment.declaration import load

    def call(model: str, uri, target: str = ""):
        loaded = load(model)
        return loaded.split(loaded.data(Source(str(uri), target)), 0)[0]

    return call


GOOD = "a,b,y\n" + "".join(f"{n},{n * n % 11},{n % 2}\n" for n in range(30))

REFUSED = [
    # (what is wrong, model, target, bytes of the file, what the line must say)
    ("empty", "knn", "y", b"", ["is empty"]),
    ("blank", "knn", "y", b"\n\n", ["is empty"]),
    ("only a header", "knn", "y", b"a,b,y\n", ["has no rows"]),
    ("no header", "knn", "y", GOOD.partition("\n")[2].encode(), ["line 1", "0, …", "names"]),
    ("cut in a row", "knn", "y", GOOD.encode()[:-4], ["line 31", "2 cells of 3", "cut off"]),
    ("cut in a quote", "knn", "y", GOOD.encode() + b'1,"2', ["EOF"]),
    ("too many cells", "knn", "y", GOOD.encode() + b"1,2,3,4\n", ["line 32", "4 cells, 3 of them named"]),
    ("latin-1", "knn", "y", GOOD.replace("a,", "ä,", 1).encode("latin-1"), ["line 1", "0xe4", "UTF-8"]),
    ("utf-16", "knn", "y", GOOD.encode("utf-16"), ["not UTF-8"]),
    ("binary", "knn", "y", b"\x89PNG\r\n\x1a\n\0\0", ["not UTF-8"]),
    ("cut parquet", "knn", "y", b"PAR1\x15\x04", ["no CSV or Parquet table"]),
    ("no target", "knn", "label", GOOD.encode(), ["no column label", "--target", "a, b, y"]),
    ("default target missing", "knn", "", GOOD.encode(), ["no column target", "--target"]),
    ("only the target", "knn", "y", b"y\n" + b"1\n0\n" * 9, ["no column to learn from"]),
    ("empty cell", "knn", "y", GOOD.replace("3,9,", "3,,").encode(), ["column b is empty in 1 rows", "row 4"]),
    ("empty target", "knn", "y", GOOD.replace("3,9,1", "3,9,").encode(), ["column y is empty", "row 4"]),
    ("infinite", "elasticnet", "y", GOOD.replace("3,9,", "3,inf,").encode(), ["column b is empty"]),
    ("a column all empty", "knn", "y", b"a,b,y\n" + b"1,,0\n2,,1\n" * 9, ["column b is empty in every row", "drop"]),
    (
        "a cell too many in each row",
        "knn",
        "y",
        b"a,y\n" + b"1,2,0\n3,4,1\n" * 9,
        ["line 2", "3 cells, 2 of them named"],
    ),
    (
        "a cell too many that counts",
        "knn",
        "y",
        b"a,y\n" + b"".join(b"%d,2,0\n" % n for n in range(20)),
        ["3 cells, 2 of them"],
    ),
    ("a comma at the end of each row", "knn", "y", b"a,y\n" + b"1,0,\n3,1,\n" * 9, ["line 2", "ends with ','"]),
    ("a comma at the end of each line", "knn", "y", b"a,y,\n" + b"1,0,\n3,1,\n" * 9, ["line 2", "ends with ','"]),
    ("a cell too few, and quotes", "knn", "y", GOOD.replace("3,9,1", '"3",9').encode(), ["line 5", "2 cells of 3"]),
    ("a cell too few", "knn", "y", GOOD.replace("3,9,1", "3,9").encode(), ["line 5", "2 cells of 3", "as many"]),
    (
        "whole numbers beyond 64 bits",
        "knn",
        "y",
        b"a,y\n" + b"9223372036854775808,0\n,1\n" * 9,
        ["a holds 9223372036854775808", "too large"],
    ),
    (
        "a cell too many, after a cell of two lines",
        "knn",
        "y",
        b'a,y\n"p\nq",1\n2,3,4\n',
        ["line 4: 3 cells, 2 of them"],
    ),
    ("no column that is named", "knn", ",", GOOD.encode(), ["has no column ,"]),
    ("classes beyond the digits of a float", "knn", "y", b"a,y\n" + b"1,1e17\n2,3\n" * 9, ["y holds 1000", "texts"]),
    ("twin columns", "knn", "y", b"y,a,y\n" + b"0,2,0\n1,4,1\n" * 9, ["line 1", "'y'"]),
    ("a saved index", "knn", "y", b",a,y\n" + b"0,2,0\n1,4,1\n" * 9, ["line 1", "no name"]),
    ("semicolons, cut off", "knn", "y", GOOD.replace(",", ";").encode()[:-4], ["line 31", "2 cells of 3", "cut off"]),
    ("semicolons, uneven", "knn", "y", b"a;b;y\n1;2;0\n1;2\n", ["separated by ';'", "2 and 3 cells"]),
    ("two separators", "knn", "y", b"a;b,y;z\n" + b"1;2,0;1\n" * 9, ["',' as well as by ';'"]),
    ("decimal commas", "knn", "y", b"a;y\n" + b"1,5;0\n2,5;1\n" * 9, ["'1,5' in row 1", "decimals with a point"]),
    ("zipped", "knn", "y", b"\x1f\x8b\x08", ["unpack"]),
    ("real numbers as classes", "knn", "y", b"a,y\n" + b"1,0.5\n2,1.5\n" * 9, ["column y holds 0.5", "--target"]),
    ("text to regress on", "elasticnet", "y", b"a,y\n" + b"1,low\n2,3\n" * 9, ["column y holds 'low' in row 1"]),
    ("an infinite target", "elasticnet", "y", b"a,y\n" + b"1,inf\n2,3\n" * 9, ["column y holds an infinite"]),
    ("text", "knn", "y", GOOD.replace("3,9,", "3,nine,").encode(), ["column b holds 'nine' in row 4", "encode"]),
    ("one class", "knn", "y", b"a,y\n" + b"1,0\n" * 20, ["column y is 0 in all rows", "two classes"]),
    ("a class of one", "knn", "y", b"a,y\n" + b"1,0\n" * 20 + b"1,9\n", ["column y is 9 in one row"]),
    ("too few rows to split", "knn", "y", b"a,y\n1,0\n2,0\n3,1\n4,1\n", ["4 rows are too few"]),
    ("one row", "kmeans", "", b"a,b\n1,2\n", ["1 rows are too few"]),
    ("no SMART columns", "drive_failure", "y", GOOD.encode(), ["lacks the columns smart_5_raw"]),
]


@pytest.mark.parametrize(
    ("model", "target", "content", "parts"), [case[1:] for case in REFUSED], ids=[c[0] for c in REFUSED]
)
def test_a_bad_table_is_refused(read, tmp_path, model, target, content, parts):
    from experiment import BadInput

    (tmp_path / "bad.csv").write_bytes(content)
    with pytest.raises(BadInput) as refusal:
        read(model, tmp_path / "bad.csv", target)
    assert "bad" in str(refusal.value)
    for part in parts:
        assert part in str(refusal.value)


@pytest.mark.parametrize(
    ("uri", "part"),
    [
        ("nowhere.csv", "No such file"),
        (".", "it is a folder; name one file that holds all rows"),
        ("ftq://host/x.csv", "ftq"),
        ("https://127.0.0.1:9/x.csv", "127.0.0.1:9"),
    ],
)
def test_data_that_cannot_be_had_is_refused(read, uri, part):
    from experiment import BadInput

    with pytest.raises(BadInput, match="cannot be read") as refusal:
        read("knn", uri)
    assert part in str(refusal.value)


def test_a_secret_in_an_address_is_not_repeated(read):
    from experiment import BadInput

    with pytest.raises(BadInput) as refusal:
        read("knn", "https://me:hunter2@127.0.0.1:9/x.csv?token=hunter2")
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("https://me:pw@host:8080/a.csv?token=pw#x", "https://host:8080/a.csv"),
        ("https://me:p/w@host/a.csv", "https://host/a.csv"),
        ("http://me:pw@[bad", "http://[bad"),
        ("s3://bucket/a@b.csv", "s3://bucket/a@b.csv"),
        ("sqlite:////tmp/x.db", "sqlite:////tmp/x.db"),
        ("rows@home.csv", "rows@home.csv"),
    ],
)
def test_what_is_shown_of_an_address(uri, shown):
    from experiment.data import public

    assert public(uri) == shown


def test_csv_and_parquet_give_the_same_rows(read, tmp_path):
    import pandas as pd

    (tmp_path / "rows.csv").write_text(GOOD)
    pd.read_csv(tmp_path / "rows.csv").to_parquet(tmp_path / "rows.parquet")
    csv, parquet = read("knn", tmp_path / "rows.csv", "y"), read("knn", tmp_path / "rows.parquet", "y")
    assert csv.frame.equals(parquet.frame)
    assert csv.digest == parquet.digest
    assert csv.name == parquet.name == "rows"


@pytest.fixture
def parquet(tmp_path):
    """Write columns, each a list of values, to a file by pyarrow."""
    import pyarrow as pa
    import pyarrow.parquet

    def call(columns, **settings):
        table = (
            pa.table(columns)
            if isinstance(columns, dict)
            else pa.Table.from_arrays(*map(list, zip(*columns, strict=True)))
        )
        pyarrow.parquet.write_table(table, tmp_path / "rows.parquet", **settings)
        return tmp_path / "rows.parquet"

    return call


DELTA = {"column_encoding": {"a": "DELTA_BINARY_PACKED", "y": "RLE"}, "use_dictionary": False}


@pytest.mark.parametrize("settings", [{}, DELTA, DELTA | {"data_page_version": "2.0", "version": "2.6"}])
def test_a_model_is_as_good_from_parquet_in_any_encoding(parquet, tmp_path, settings):
    from experiment import Source
    from experiment.declaration import load

    large = [45_050_865_998 + number * 10_000_019 for number in range(400)]
    table = {"a": large, "y": [number // 10 % 2 == 0 for number in range(400)]}
    (tmp_path / "rows.csv").write_text("a,y\n" + "".join(f"{a},{y}\n" for a, y in zip(*table.values(), strict=True)))
    model, judged = load("knn"), []
    for path in (tmp_path / "rows.csv", parquet(table, **settings)):
        fitting, judging = model.split(model.data(Source(str(path), "y")), 0)
        judged.append(model.evaluate(model.fit(fitting, model.hyperparameters()), judging))
    assert judged[0] == judged[1]
    assert judged[0]["accuracy"] > 0.8


def test_names_on_two_levels_become_one(read, tmp_path):
    import pandas as pd

    rows = pd.DataFrame({"left": [0, 1] * 60, "who": [n // 3 for n in range(120)], "amount": range(120)})
    rows.groupby(["who", "left"]).agg({"amount": ["mean", "max"]}).reset_index().to_parquet(tmp_path / "rows.parquet")
    train = read("knn", tmp_path / "rows.parquet", "left")
    assert list(train.X) == ["who", "amount_mean", "amount_max"]
    assert train.targets == ["left"]


def test_a_level_of_dates_is_text(read, tmp_path):
    import pandas as pd

    rows = pd.DataFrame({("left", ""): [0, 1] * 20, ("sum", pd.Timestamp("2024-01-01")): range(40)})
    rows.to_parquet(tmp_path / "rows.parquet")
    assert list(read("knn", tmp_path / "rows.parquet", "left").X) == ["sum_2024-01-01 00:00:00"]


def test_a_column_of_parquet_without_a_name_is_refused(read, parquet):
    from experiment import BadInput

    with pytest.raises(BadInput, match="column '' has no name"):
        read("knn", parquet({" ": [0, 1] * 20, "a": range(40), "target": ["p", "n"] * 20}))


def test_a_level_without_a_name_leaves_its_name_as_it_is(read, tmp_path):
    import pandas as pd

    rows = pd.DataFrame({("left", ""): [0, 1] * 20, ("sum", float("nan")): range(40)})
    rows.to_parquet(tmp_path / "rows.parquet")
    assert read("knn", tmp_path / "rows.parquet", "left").targets == ["left"]


def test_decimals_that_float64_cannot_tell_apart_are_no_classes_and_no_groups(parquet):
    from decimal import Decimal

    from experiment import BadInput, Source
    from experiment.data import columns

    ids = [Decimal(2**53 + number // 10) for number in range(40)]
    file = Source(str(parquet({"id": ids, "a": range(40), "y": [0, 1] * 20})), "id")
    with pytest.raises(BadInput, match="column id holds 9007199254740992, a number too large"):
        columns.hold(file.read(None), "classification")
    with pytest.raises(BadInput, match="column id holds 9007199254740992, a number too large"):
        Source(file.uri).read(None, target="y", group="id")


def test_names_in_parquet_are_the_file_s(read, parquet):
    values = list(range(40))
    train = read("knn", parquet([(values, "Y"), ([n % 2 for n in values], "y"), (values, "a_1"), (values, "a")]), "y")
    assert list(train.X) == ["Y", "a_1", "a"]


def test_twins_in_parquet_are_refused(read, parquet):
    from experiment import BadInput

    with pytest.raises(BadInput, match="column y is there twice"):
        read("knn", parquet([([0, 1] * 20, "y"), ([0, 1] * 20, "y"), (list(range(40)), "a")]), "y")


def test_the_name_of_a_parquet_file_is_taken_as_it_is(read, parquet, tmp_path):
    place = tmp_path / "y=1" / "a[1]*'\\\\.parquet"
    place.parent.mkdir()
    parquet({"a": range(40), "y": [0, 1] * 20}).rename(place)
    assert list(read("knn", place, "y").X) == ["a"]


def test_what_parquet_knows_besides_is_read_or_refused_by_name(parquet, monkeypatch):
    import datetime as dt
    from decimal import Decimal
    from uuid import UUID

    import pyarrow as pa
    from experiment import BadInput, Source

    monkeypatch.setenv("TZ", "Pacific/Auckland")
    noon = dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC)
    readable = {
        "price": ([Decimal("12345678901234567890.123456789")], 12345678901234567890.123456789),
        "smokes": ([True], 1.0),
        "who": (pa.array([UUID(int=7).bytes], pa.uuid()), str(UUID(int=7))),
        "city": (pa.array(["Bern"]).dictionary_encode(), "Bern"),
        "day": ([dt.date(2024, 1, 1)], dt.datetime(2024, 1, 1)),
        "then": ([noon], dt.datetime(2024, 1, 1, 12)),
    }
    unreadable = {"hour": [dt.time(12)], "pair": [[1, 2]], "both": [{"a": 1}], "raw": [b"\0"]}
    file = parquet({name: values for name, (values, _) in readable.items()} | unreadable)
    X = Source(str(file)).read(None, columns=list(readable), text_ok=True).X
    assert X.iloc[0].to_dict() == {name: value for name, (_, value) in readable.items()}
    for name in unreadable:
        with pytest.raises(BadInput, match=f"column {name} holds .* in row 1, which is neither a number nor a text"):
            Source(str(file)).read(None, columns=[name], text_ok=True)


def test_a_column_has_one_type_however_long_it_is(tmp_path):
    """pandas reads a long file in pieces, each of a type of its own: 1 and "1" would be two classes."""
    from experiment import Source

    (tmp_path / "rows.csv").write_text("y,a\n" + "1,2\n" * 700_000 + "x,3\n")
    assert set(Source(str(tmp_path / "rows.csv")).read(None, target="y").y) == {"1", "x"}


def test_classes_that_grow_late_beyond_a_float_are_refused(tmp_path):
    """pandas makes one float64 of pieces in int64 and uint64, where neighbours are one number."""
    from experiment import BadInput, Source
    from experiment.declaration import load

    late = "".join(f"1,{number}\n" for number in (2**64 - 1000, 2**64 - 999))
    (tmp_path / "rows.csv").write_text("a,y\n" + "1,5\n" * 700_000 + late)
    with pytest.raises(BadInput, match="column y holds 18446744073709551616, a number too large to be told from"):
        load("knn").data(Source(str(tmp_path / "rows.csv"), "y"))


def test_blank_lines_among_carriage_returns_cost_no_cell(tmp_path):
    from experiment import Source

    (tmp_path / "rows.csv").write_bytes(b'x,y,b\r\r,0,3\r4,1,"6\r7"\r \r,,\r5,0,\r')
    X = Source(str(tmp_path / "rows.csv")).read(None, missing_ok=True, text_ok=True).X.fillna(9)
    assert X.to_numpy().tolist() == [[9, 0, "3"], [4, 1, "6\r7"], [9, 9, 9], [5, 0, 9]]


def test_a_csv_may_begin_as_parquet_does(read, tmp_path):
    (tmp_path / "rows.csv").write_text(GOOD.replace("a,", "PAR1,", 1))
    assert list(read("knn", tmp_path / "rows.csv", "y").X) == ["PAR1", "b"]


@pytest.mark.parametrize("rows", ["\r", "\r\n"])
def test_any_end_of_a_line_is_read(read, tmp_path, rows):
    (tmp_path / "rows.csv").write_bytes(GOOD.replace("\n", rows).encode())
    assert len(read("knn", tmp_path / "rows.csv", "y").X) == 24


def test_a_pipe_is_read(project, store, tmp_path):
    import os
    import threading

    os.mkfifo(tmp_path / "rows.csv")
    threading.Thread(target=(tmp_path / "rows.csv").write_text, args=[GOOD], daemon=True).start()
    experiment(project, "train", "knn", "--data", tmp_path / "rows.csv", "--target=y")
    assert [found.info.status for found in runs(store)] == ["FINISHED"]


@pytest.mark.parametrize("content", ["\ufeff" + GOOD, GOOD.replace("\n", "\r\n"), GOOD.rstrip("\n"), GOOD + "\n\n"])
def test_harmless_differences_are_read(read, tmp_path, content):
    (tmp_path / "rows.csv").write_bytes(content.encode())
    assert list(read("knn", tmp_path / "rows.csv", "y").X) == ["a", "b"]


@pytest.mark.parametrize("mark", [";", "\t", "|"])
@pytest.mark.parametrize("name", ["b", '"b, in mm"'])
def test_the_separator_is_found(read, tmp_path, mark, name):
    (tmp_path / "rows.csv").write_text(GOOD.replace("b", name, 1).replace(",", mark).replace(f"b{mark} ", "b, "))
    found, usual = read("knn", tmp_path / "rows.csv", "y"), tmp_path / "usual.csv"
    usual.write_text(GOOD.replace("b", name, 1))
    assert found.frame.equals(read("knn", usual, "y").frame)
    assert list(found.X) == ["a", name.strip('"')]


def test_rows_of_one_name_do_not_leak_from_judging_into_fitting(read, tmp_path):
    import pandas as pd

    noise = pd.DataFrame(
        {"a": range(90), "y": [n * 7 % 3 for n in range(90)]}, index=pd.Index([1, 2, 3] * 30, name="g")
    )
    noise.to_parquet(tmp_path / "twins.parquet")
    train = read("knn", tmp_path / "twins.parquet", "y")
    assert len(train.X) == 72
    assert train.X.index.is_unique


def test_row_names_that_pandas_saved_are_no_feature(read, tmp_path):
    import pandas as pd

    rows = pd.DataFrame({"a": range(90), "y": [n % 3 for n in range(90)]})
    rows[rows.a > 5].to_parquet(tmp_path / "some.parquet")
    assert list(read("knn", tmp_path / "some.parquet", "y").X) == ["a"]


def test_a_bundled_table_with_row_names_does_not_leak_either():
    import pandas as pd
    from experiment import Source
    from experiment.data import splits

    def noise():
        return pd.DataFrame({"a": range(90), "y": [n * 7 % 3 for n in range(90)]}, index=[1, 2, 3] * 30)

    fitting, judging = splits.random(Source().read(noise, target="y"), 0, stratify=True)
    assert (len(fitting.X), len(judging.X)) == (72, 18)


def test_the_digest_sees_every_value(tmp_path):
    from experiment import Source
    from experiment.declaration import load

    digests = set()
    for content in (GOOD, GOOD.replace("29,", "28.5,"), GOOD.replace("a,", "A,", 1)):
        (tmp_path / "rows.csv").write_text(content)
        digests.add(load("knn").data(Source(str(tmp_path / "rows.csv"), "y")).digest)
    assert len(digests) == 3


def test_a_backblaze_file_works_as_it_is(read, tmp_path):
    head = "date,serial_number,model,capacity_bytes,failure," + ",".join(
        f"smart_{n}_normalized,smart_{n}_raw" for n in (1, 5, 9, 187, 188, 194, 197, 198)
    )
    rows = [
        f"2024-01-01,Z{n},ST4000DM000,4000787030016,{int(n % 10 == 0)}," + ",".join([f"100,{n}"] * 7) + ",,"
        for n in range(60)
    ]
    last = f"2024-01-01,Z60,HGST,4000787030016,0,{','.join(['100,1'] * 8)}"
    (tmp_path / "2024-01-01.csv").write_text("\n".join([head, *rows, last, ""]))
    train = read("drive_failure", tmp_path / "2024-01-01.csv")
    assert next(iter(train.X)) == "smart_5_raw"
    assert train.X.shape[1] == 7
    assert train.X["smart_198_raw"].isna().any()


@pytest.mark.parametrize(
    ("model", "words", "part"),
    [("knn", ["--n-neighbors", "50"], "--n-neighbors 50"), ("kmeans", ["--k", "50"], "--k 50")],
)
def test_fewer_rows_than_k_is_one_line_and_a_failed_run(project, store, tmp_path, model, words, part):
    (tmp_path / "rows.csv").write_text(GOOD)
    done = experiment(project, "train", model, "--data", tmp_path / "rows.csv", "--target=y", *words, check=False)
    refused(done, part, "rows has 24 rows to fit on")
    assert [found.info.status for found in runs(store)] == ["FAILED"]


def test_a_refused_table_leaves_no_run(project, store, tmp_path):
    (tmp_path / "rows.csv").write_text("")
    for verb in ("train", "sweep"):
        refused(experiment(project, verb, "knn", "--data", tmp_path / "rows.csv", check=False), "is empty")
    assert runs(store) == []
