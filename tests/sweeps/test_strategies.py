"""Which sets a sweep tries."""

import pytest

from ..helpers import experiment, refused


@pytest.fixture
def model():
    from experiment.declaration import load

    return load


@pytest.fixture
def sets(model):
    """The sets that a sweep of a model would try."""
    from experiment.sweeps import extent, strategies

    def call(name: str, limit: int | None = None, strategy: str = "", **fixed: str):
        given = {key: (value, f"--{key}") for key, value in fixed.items()}
        chosen = extent.strategy(model(name), given, strategy, limit)
        return strategies.sets(model(name), chosen, given, limit)

    return call


@pytest.mark.parametrize("name", ["kmeans", "knn", "elasticnet", "drive_failure"])
def test_every_space_gives_twelve_distinct_sets_by_default(sets, name):
    assert len(set(sets(name))) == len(sets(name)) == 12
    assert sets(name) == sets(name)


def test_a_grid_is_tried_in_full_and_what_is_fixed_leaves_it(sets):
    assert {(each.n_neighbors, each.weights) for each in sets("knn", weights="distance")} == {
        (k, "distance") for k in (1, 3, 4, 5, 6, 9)
    }
    assert len(set(sets("knn", limit=7))) == 7
    assert len(sets("knn", limit=100)) == 12
    assert sets("knn", limit=7, seed="1") != sets("knn", limit=7, seed="2")


@pytest.mark.parametrize("strategy", ["grid", "random"])
def test_few_of_a_large_grid_are_drawn_from_all_of_it(sets, strategy, model, monkeypatch):
    monkeypatch.setitem(model("elasticnet").module.SPACE, "alpha", [number / 1000 for number in range(1, 5001)])
    monkeypatch.setitem(model("elasticnet").module.SPACE, "l1_ratio", [number / 1000 for number in range(1000)])
    drawn = sets("elasticnet", limit=40, strategy=strategy)
    assert len(set(drawn)) == 40
    assert max(each.alpha for each in drawn) > 4
    assert max(each.l1_ratio for each in drawn) > 0.8


def test_a_range_is_drawn_within_its_ends_and_by_the_seed(sets):
    drawn = sets("elasticnet", limit=200)
    assert len(drawn) == len(set(drawn)) == 200
    assert all(1e-3 <= each.alpha <= 10 and 0 <= each.l1_ratio <= 1 for each in drawn)
    # Even among orders of magnitude: a quarter of the draws is below 0.01.
    assert 30 < sum(each.alpha < 0.01 for each in drawn) < 70
    assert sets("elasticnet", seed="1") != sets("elasticnet", seed="2")
    assert all(each.alpha == float(f"{each.alpha:.4g}") for each in drawn), "is no longer typed with ease"


def test_whole_numbers_of_a_range_are_all_drawn_once(sets, model, monkeypatch):
    from experiment.declaration import Range

    monkeypatch.setitem(model("kmeans").module.SPACE, "k", Range(2, 9))
    assert sorted(each.k for each in sets("kmeans")) == list(range(2, 10))


def test_a_long_list_has_few_names_on_its_axis(model, monkeypatch):
    from experiment.sweeps.results import Results
    from experiment.sweeps.work import Outcome

    knn = model("knn")
    monkeypatch.setitem(knn.module.SPACE, "n_neighbors", list(range(1, 101)))
    results = Results(knn)
    for place, value in enumerate((7, 90)):
        params = knn.hyperparameters(n_neighbors=value)
        results.add(str(value), Outcome(params, judged=[(knn.metric, 0.5 + place, 0, 0)], score=(0.5 + place, 0)))
    (axes,) = results.figure().axes
    assert [label.get_text() for label in axes.get_xticklabels()] == [str(10 * each + 1) for each in range(10)]
    assert axes.collections[1].get_offsets().tolist() == [[89, 1.5]], "the star is elsewhere"


def learn(search, value) -> list:
    """Ask for sets until there are no more, and tell each what it reached."""
    asked = []
    while (params := search.ask()) is not None:
        asked.append(params)
        search.tell(params, value(params))
    return asked


def test_tpe_draws_where_sets_did_well(model):
    from experiment.sweeps import strategies

    def distance(params) -> float:
        return abs(params.l1_ratio - 0.8)

    asked = learn(strategies.Tpe(model("elasticnet"), {}, {}, [], 60), distance)
    assert len(set(asked)) == 60
    assert sum(map(distance, asked[-20:])) / 20 < 0.2, "at random it would be 0.34"
    fled = learn(strategies.Tpe(model("elasticnet"), {}, {}, [], 60), lambda params: -distance(params))
    assert sum(map(distance, fled[-20:])) / 20 > 0.5


def test_tpe_goes_on_from_what_is_known_and_tries_nothing_twice(model):
    from experiment.sweeps import strategies

    knn = model("knn")
    asked = learn(strategies.Tpe(knn, {}, {}, [], 5), lambda params: params.n_neighbors)
    known, failed = {params: float(params.n_neighbors) for params in asked[:4]}, asked[4:]
    more = learn(strategies.Tpe(knn, {}, known, failed, 100), lambda params: None)
    assert more[:1] == failed
    assert len(more) == len(set(more))
    assert set(more) | set(known) == set(strategies.sets(knn, "grid", {}, None)), "a space that ends is tried in full"


def space(values: str):
    def change(text: str) -> str:
        return text.replace('SPACE = {"a": list(range(20)), "b": list(range(10))}', f"SPACE = {values}")

    return change


@pytest.mark.parametrize(
    ("values", "words", "parts"),
    [
        ("{}", [], ["has no SPACE"]),
        ('{"a": [1, 2, 1]}', [], ["line 13", "SPACE['a'] has 1 twice"]),
        ('{"nap": [1, 0.5, 1.0]}', [], ["SPACE['nap'] has 1.0 twice"]),
        ('{"a": [1, -2]}', [], ["SPACE['a'] -2", "at least 0"]),
        (
            '{"a": list(range(10_000)), "b": list(range(1000))}',
            [],
            ["models/tiny.py has 10,000,000 sets", "--limit 1000"],
        ),
        ('{"a": Range(0, 9), "b": [1, 2]}', ["--strategy", "grid"], ["SPACE['a'] of models/tiny.py is a Range"]),
        ('{"a": [1, 2]}', ["--a", "1"], ["models/tiny.py is fixed; nothing is left to sweep"]),
        ('{"a": [1, 2]}', ["--a", "1", "--strategy", "tpe"], ["nothing is left to sweep"]),
        ('{"a": [1, 2]}', ["--strategy", "best"], ["--strategy", "best", "tpe"]),
        ('{"a": [1, 2]}', ["--max-failures", "-1"], ["--max-failures", "0 or more"]),
    ],
)
def test_a_space_that_cannot_be_searched_is_refused_before_there_is_a_run(values, words, parts, bake, tiny, store):
    text = (tiny / "models" / "tiny.py").read_text().replace("import Data,", "import Range, Data,")
    (bake / "models" / "tiny.py").write_text(space(values)(text))
    refused(experiment(bake, "sweep", "tiny", *words, check=False), *parts)
    assert store.search_runs(["0", "1", "2"]) == []
