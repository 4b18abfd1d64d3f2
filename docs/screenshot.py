"""Make the picture of the README: the best, a middling and the worst set of a sweep, compared in MLflow's pages."""

import json
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.cluster import browser  # noqa: E402
from tests.cluster.tracking import serving  # noqa: E402
from tests.helpers import cookiecutter, experiment  # noqa: E402

MAIN = (200, 0, 1012, 1540)  # of the page, in pixels: without what MLflow has at its sides


def main() -> None:
    with tempfile.TemporaryDirectory() as name, serving(Path(name)) as address:
        cookiecutter(ROOT, Path(name))
        project, there = Path(name) / "ml-project", {"MLFLOW_TRACKING_URI": address}
        experiment(project, "sweep", "elasticnet", env=there)
        ranked = json.loads(experiment(project, "best", "elasticnet", "--top", "12", "--json", env=there).stdout)
        url = browser.comparison(address, [ranked[place]["run_id"] for place in (0, 6, 11)], "1")
        browser.picture(url, shot := Path(name) / "shot.png")
        Image.open(shot).crop(MAIN).quantize(256).save(ROOT / "docs" / "compare.png", optimize=True)


if __name__ == "__main__":
    main()
