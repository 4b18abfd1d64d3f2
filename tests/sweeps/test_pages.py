"""A sweep in MLflow's own pages, as a real browser shows them."""

import re
from html.parser import HTMLParser

import pytest

from ..cluster import browser
from ..helpers import experiment, runs


@pytest.mark.skipif(bool(browser.LACKING), reason=browser.LACKING)
def test_three_sets_are_compared_side_by_side(project, server, tmp_path):
    import mlflow

    there = {"MLFLOW_TRACKING_URI": server, "MLFLOW_EXPERIMENT_NAME": "compared"}
    experiment(project, "sweep", "elasticnet", "--limit", "3", "--jobs", "1", env=there)
    *sets, parent = runs(mlflow.MlflowClient(server), "compared")
    url = browser.comparison(server, [run.info.run_id for run in sets], parent.info.experiment_id)
    page = browser.page(url)
    picture = tmp_path / "page.png"
    browser.picture(url, picture)
    assert "Comparing 3 Runs from 1 Experiment" in page
    for tried in sets:
        assert tried.info.run_id in page
        assert tried.data.params.keys() == {"alpha", "l1_ratio", "seed"}
        for name, value in tried.data.params.items():
            assert {name, value} <= texts(page)
        for name, value in tried.data.metrics.items():
            assert name in texts(page)
            assert any(number == pytest.approx(value, abs=0.006) for number in numbers(page)), f"{name} {value}"
    assert picture.read_bytes().startswith(b"\x89PNG")


def texts(page: str) -> set[str]:
    """What stands between the tags of a page."""
    found = set()
    parser = HTMLParser()
    parser.handle_data = lambda data: found.add(data.strip())
    parser.feed(page)
    return found


def numbers(page: str) -> list[float]:
    return [float(text) for text in texts(page) if re.fullmatch(r"-?\d+\.\d+", text)]
