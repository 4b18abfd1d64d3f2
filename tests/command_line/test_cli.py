"""The command line: flags, environment, bounds, help; and one clear line for what is wrong."""

import json
import re
from importlib.metadata import packages_distributions

import pytest

from ..helpers import MEAN, PYTHON, experiment, refused, run, runs


@pytest.mark.parametrize(
    ("words", "environment", "expected"),
    [
        (["--n-neighbors", "7"], {}, "7"),
        (["--n_neighbors=7"], {}, "7"),
        (["--n_neighbors", "7"], {"PARAM_N_NEIGHBORS": "3"}, "7"),
        ([], {"PARAM_N_NEIGHBORS": "3", "PARAM_WEIGHTS": ""}, "3"),
        (["--n-neighbors", ""], {"PARAM_N_NEIGHBORS": "3"}, "3"),
        (["--n-neighbors=", "--weights", "", "--data", "", "--target="], {}, "5"),
    ],
)
def test_a_flag_wins_over_the_environment_and_empty_means_default(store, monkeypatch, words, environment, expected):
    from experiment import train

    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    train.parse(["knn", *words])()
    (found,) = runs(store, "{{ cookiecutter.project }}")  # in place, the product's name is yet to be filled in
    assert found.data.params == {"n_neighbors": expected, "weights": "uniform", "seed": "0"}


@pytest.mark.parametrize(
    ("words", "environment", "parts"),
    [
        (["trian", "knn"], {}, ["trian", "did you mean train"]),
        (["train", "knnn"], {}, ["knnn", "did you mean knn?"]),
        (["train"], {}, ["kmeans, knn"]),
        (["train", "knn", "--neighbors", "3"], {}, ["--neighbors", "did you mean --n-neighbors"]),
        (["train", "knn", "--n", "3"], {}, ["--n: unknown"]),
        (["train", "knn", "stray"], {}, ["stray: unknown"]),
        (["train", "knn", "--n-neighbors"], {}, ["--n-neighbors", "expected one argument"]),
        (["train", "knn", "--n-neighbors", "0"], {}, ["--n-neighbors 0", "at least 1, at most 100", "models/knn.py"]),
        (["train", "knn", "--n_neighbors", "2.5"], {}, ["--n-neighbors 2.5", "a whole number"]),
        (["train", "knn", "--weights", "unifrom"], {}, ["--weights unifrom", "uniform or distance"]),
        (["train", "elasticnet", "--alpha", "nan"], {}, ["--alpha nan", "a number, at least 1e-06"]),
        (["train", "elasticnet", "--alpha", "inf"], {}, ["--alpha inf"]),
        (["train", "knn", "--seed", "-1"], {}, ["--seed -1", "at least 0"]),
        (["train", "elasticnet", "--alpha", "-1e-3"], {}, ["--alpha -1e-3", "at least 1e-06"]),
        (["train", "knn"], {"PARAM_N_NEIGHBORS": "many"}, ["PARAM_N_NEIGHBORS many", "a whole number"]),
        (["train", "knn"], {"PARAM_NEIGHBORS": "3"}, ["PARAM_NEIGHBORS", "did you mean PARAM_N_NEIGHBORS"]),
        (["train", "kmeans"], {"PARAM_N_NEIGHBORS": "3"}, ["PARAM_N_NEIGHBORS", "models/kmeans.py"]),
        (["--dry-run", "sweep", "kmeans", "--k", "3"], {}, ["models/kmeans.py", "nothing is left to sweep"]),
        (["--dry-run", "sweep", "elasticnet", "--strategy", "grid"], {}, ["SPACE['alpha']", "is a Range"]),
        (["sweep", "knn", "--fail-fast", "--max-failures", "5"], {}, ["--max-failures: not allowed with"]),
        (["sweep", "knn", "--max_failures=5", "--fail_fast=true"], {}, ["--fail-fast: not allowed with"]),
        (["sweep", "knn", "--force"], {}, ["--force: is for a sweep that is gone on with"]),
        (["sweep", "knn", "--limit", "0"], {}, ["--limit", "1 or more"]),
        (["sweep", "knn", "--limit", "x"], {}, ["--limit", "x"]),
        (["sweep", "kmeans", "--k", "3"], {}, ["models/kmeans.py", "nothing is left to sweep"]),
        (["sweep", "knn", "--n-neighbors", "0"], {}, ["--n-neighbors 0"]),
        (["best"], {}, ["name the model"]),
        (["check", "nosuch"], {}, ["nosuch"]),
    ],
)
def test_a_mistake_is_one_line_and_leaves_nothing(project, store, words, environment, parts):
    refused(experiment(project, *words, env=environment, check=False), *parts)
    assert runs(store) == []


@pytest.mark.parametrize(
    "words",
    [
        "train knn --n-neighbors=7",
        "sweep knn --limit 2",
        "best knn --top=3",
        "promote knn --min-gain=0.01",
        "rollback knn --forward",
        "champion knn --json",
        "predict knn --data=new.csv --out out.parquet --keep=id",
        "check knn",
        "upload --leave",
        "sync",
    ],
)
def test_a_dry_run_knows_the_words_of_a_verb_and_does_nothing(bake, store, words):
    (bake / "MLproject").write_text((bake / "MLproject").read_text().replace("which digit", "which letter"))
    before = run("git", "status", "--porcelain", cwd=bake).stdout
    done = experiment(bake, "--dry-run", *words.split())
    assert (done.stdout, done.stderr, runs(store)) == ("", "", [])
    assert run("git", "status", "--porcelain", cwd=bake).stdout == before
    refused(experiment(bake, "--dry-run", *words.split(), "--kep", check=False), "--kep: unknown to python -m exp")
    for asked in ("-h", "--help=true"):  # there is nothing to be done
        refused(experiment(bake, "--dry-run", *words.split(), asked, check=False), f"{asked}: asks for help")


def test_a_dry_run_of_a_sweep_leaves_a_rule_between_several_to_its_sets(bake):
    shift = '    shift: float = Field(0.0, le=9, description="added to the mean")\n'
    rule = """\
    upper: float = Field(1.0, description="of shift")

    @model_validator(mode="after")
    def below(self):
        if self.shift > self.upper:
            raise ValueError("shift is above upper")
        return self
"""
    text = re.sub("    shift: float.*\n", lambda _: shift + rule, MEAN).replace(
        '{"shift": [0.0, 1.0]}', '{"upper": [3.0, 4.0]}'
    )
    (bake / "models" / "mean.py").write_text(
        text.replace("from exp", "from pydantic import model_validator\nfrom exp", 1)
    )
    refused(experiment(bake, "--dry-run", "train", "mean", "--shift=2", check=False), "shift is above upper")
    experiment(bake, "--dry-run", "sweep", "mean", "--shift=2")
    refused(experiment(bake, "--dry-run", "sweep", "mean", "--shift=10", check=False), "--shift 10", "at most 9")


def test_a_flag_without_a_value_may_have_true_as_its_value(project, store):
    """What make hands on has one."""
    experiment(project, "train", "elasticnet")
    assert len(json.loads(experiment(project, "best", "elasticnet", "--json=true").stdout)) == 1
    experiment(project, "--dry-run", "sweep", "knn", "--fail_fast=true", "--resume=a", "--force=true")
    refused(experiment(project, "best", "elasticnet", "--json=yes", check=False), "--json: ignored explicit argument")


@pytest.mark.parametrize("words", [[], ["--help"], ["train", "--help"], ["train", "knn", "--help"], ["sweep", "-h"]])
def test_help_goes_to_stdout(project, words):
    done = experiment(project, *words)
    assert "knn" in done.stdout
    assert done.stderr == ""


def test_help_lists_a_file_that_python_cannot_read_with_the_others(bake):
    (bake / "models" / "knn.py").write_text("def fit(train train):\n")
    for words in (["--help"], ["train", "--help"]):
        said = experiment(bake, *words).stdout
        assert "k-means: which handwritten digits look alike" in said
        assert "models/knn.py, line 1, import: SyntaxError" in said


@pytest.mark.parametrize("words", [["--help"], ["train", "--help"], ["train", "knn", "--help"], ["sync", "--help"]])
def test_help_waits_for_no_library_but_pydantic(project, words):
    told = run(PYTHON, "-X", "importtime", "-m", "experiment", *words, cwd=project).stderr
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in told.splitlines()}
    its_own = {"annotated_types", "pydantic", "pydantic_core", "typing_extensions", "typing_inspection"}
    assert its_own <= loaded
    any_python = {"_distutils_hack"}  # setuptools', as soon as Python starts
    assert loaded & packages_distributions().keys() <= its_own | any_python


def test_help_has_every_hyperparameter_with_bounds_and_default(project):
    words = " ".join(experiment(project, "train", "elasticnet", "--help").stdout.split())
    assert "--alpha VALUE strength of the penalty: a number, at least 1e-06, at most 1000.0 (default: 0.1)" in words


def test_best_ranks_filters_and_speaks_json(project, store):
    experiment(project, "sweep", "elasticnet", "--limit", "4", "--jobs", "1")
    ranked = json.loads(experiment(project, "best", "elasticnet", "--json", "--top", "9").stdout)
    scores = [found["metrics"]["rmse"] for found in ranked]
    assert scores == sorted(scores)
    assert len(scores) == 4
    assert ranked[0].keys() == {"run_id", "metrics", "params", "data", "commit"}

    limit = (scores[1] + scores[2]) / 2
    narrowed = experiment(project, "best", "elasticnet", "--where", f"metrics.rmse < {limit}", "--json")
    assert [found["run_id"] for found in json.loads(narrowed.stdout)] == [found["run_id"] for found in ranked[:2]]

    table = experiment(project, "best", "elasticnet", "--top", "1").stdout.splitlines()
    assert len(table) == 3
    assert re.match(r"on diabetes \(\w{8}\) to predict target, split random by seed 0:", table[0])
    assert table[2].startswith(ranked[0]["run_id"])
    assert json.loads(experiment(project, "best", "elasticnet", "--json", "--where", "metrics.rmse < 0").stdout) == []


def test_best_ranks_runs_on_the_same_rows_and_says_what_it_left_out(bake, store, tmp_path):
    (tmp_path / "it's.csv").write_text("a,b,y\n" + "".join(f"{n},{n % 7},{n % 3 * 1.5}\n" for n in range(60)))
    mine = ("--data", f"{tmp_path}/it's.csv", "--target")
    for words in ((), ("--alpha", "1"), (*mine, "b"), (*mine, "y")):
        experiment(bake, "train", "elasticnet", *words)
    newest = experiment(bake, "best", "elasticnet")
    assert len(newest.stdout.splitlines()) == 3
    assert newest.stdout.startswith("on it's (")
    assert len(newest.stderr.splitlines()) == 2
    assert re.search(r"1 on it's \(\w{8}\) to predict b,", newest.stderr)
    assert re.search(r"2 on diabetes \(\w{8}\) to predict target,", newest.stderr)

    named = json.loads(experiment(bake, "best", "elasticnet", "--data", "diabetes", "--json").stdout)
    assert [found["params"]["alpha"] for found in named] == ["1.0", "0.1"]
    fingerprint = named[0]["data"]["digest"][:8]
    assert len(json.loads(experiment(bake, "best", "elasticnet", "--data", fingerprint, "--json").stdout)) == 2
    refused(experiment(bake, "best", "elasticnet", "--data", "iris", check=False), "no finished run on iris")

    # The same table, other rows of it held back.
    experiment(bake, "train", "elasticnet", "--seed", "1")
    lucky = experiment(bake, "best", "elasticnet")
    assert "target, split random by seed 1:" in lucky.stdout
    assert re.search(r"2 on diabetes \(\w{8}\) to predict target, split random by seed 0", lucky.stderr)
    first = experiment(bake, "best", "elasticnet", "--where", "params.seed = '0'", "--data", "diabetes", "--json")
    assert json.loads(first.stdout) == named

    model = bake / "models" / "elasticnet.py"
    model.write_text(model.read_text().replace("TASK =", 'SPLIT = "ordered"\nTASK ='))
    experiment(bake, "train", "elasticnet")
    ordered = experiment(bake, "best", "elasticnet")
    assert "target, split ordered:" in ordered.stdout
    assert "2 on diabetes" in ordered.stderr


def test_best_ranks_runs_on_one_target(project, store, tmp_path):
    """The same columns in the same order, of which one is a feature or is predicted too."""
    (tmp_path / "rows.csv").write_text("a,b,c\n" + "".join(f"{n},{n % 7},{n % 3 * 1.5}\n" for n in range(60)))
    for target in ("b,c", "c"):
        experiment(project, "train", "elasticnet", "--data", tmp_path / "rows.csv", "--target", target)
    best = experiment(project, "best", "elasticnet")
    assert "to predict c, split" in best.stdout
    assert len(best.stdout.splitlines()) == 3
    assert re.search(r"not comparable: 1 on rows \(\w{8}\) to predict b, c, split", best.stderr)


@pytest.mark.parametrize("where", ["metrics.f1_macro >", "nonsense", "metrics.f1_macro > 'x'", "a = 1 or b = 2", "'"])
def test_a_filter_that_mlflow_cannot_parse_is_one_line(project, store, where):
    refused(experiment(project, "best", "knn", "--where", where, check=False), f"--where {where}:", "metrics.f1_macro")


def test_best_without_runs_says_how_to_make_one(project, store):
    refused(experiment(project, "best", "knn", check=False), "no finished run", "make train-knn")


def test_a_reader_that_has_seen_enough_is_no_error(project):
    command = f"set -o pipefail; {PYTHON} -m experiment --help | true"
    done = run("bash", "-c", command, cwd=project)
    assert done.stderr == ""
