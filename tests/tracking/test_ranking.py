"""The best runs, found by a bar that is raised: the same as MLflow's own order gives."""

import pytest
from mlflow.entities import Metric


@pytest.fixture
def ranked(store, monkeypatch):
    """Forty runs, some of them equal, and what is found among them with pages of four.

    Nine others have reported a score that seems the best, or the worst, over the one that was judged.
    """
    from experiment.formats import metrics
    from experiment.tracking import ranking
    from experiment.tracking import store as stores

    opened = stores.connect()
    monkeypatch.setattr(ranking, "PAGE", 4)
    values = [-3.5, 2.0, 5e-05, 2.0, 1e300, -3.5, 0.1 + 0.2, 7.0, 7.0, 7.0]
    for number in range(40):
        value = values[number % 10] if number < 20 else number / 7
        run = store.create_run(opened.experiment_id, start_time=number, tags={"kind": "odd" if number % 2 else "even"})
        store.log_batch(run.info.run_id, metrics=[Metric("score", value, 0, 0)])
        store.set_terminated(run.info.run_id, "FINISHED" if number % 8 else "KILLED")

    for number in range(9):
        run = store.create_run(opened.experiment_id, tags={"kind": "odd"})
        points = [Metric("score", 1.0, 0, 0), Metric("score", -9e9 if number % 2 else 9e300, 0, 1)]
        store.log_batch(run.info.run_id, metrics=points)
        store.set_terminated(run.info.run_id, "FINISHED")

    def passing(runs):
        return (run for run in runs if run.info.status == "FINISHED" and metrics.judged(run, "score"))

    def call(own: str, minimised: bool, top: int, some: int = 0) -> tuple[list[str], list[str]]:
        order = [f"metrics.score {'ASC' if minimised else 'DESC'}"]
        finished = f"{own} and attributes.status = 'FINISHED' and metrics.score > -9e9 and metrics.score < 9e300"
        wanted = store.search_runs([opened.experiment_id], finished, order_by=order, max_results=top)
        newest = store.search_runs([opened.experiment_id], finished, max_results=some) if some else []
        found = ranking.Ranking(opened, own, "", "score", minimised, passing).best(top, newest)
        return [run.info.run_id for run in found], [run.info.run_id for run in wanted]

    return call


def test_the_best_are_those_of_mlflows_own_order(ranked):
    for own in ("tags.kind = 'odd'", "tags.kind LIKE '%'"):
        for minimised in (True, False):
            for top in (1, 2, 3, 5, 11, 60):
                for some in (0, 3, 12):
                    found, wanted = ranked(own, minimised, top, some)
                    assert found == wanted, (own, minimised, top, some)


def test_nothing_is_the_best_of_nothing(ranked):
    assert ranked("tags.kind = 'none'", True, 5) == ([], [])
