"""Measure the image: what its libraries weigh, and a rebuild after a change of code against the first build.

Builds go through the replay of source-to-image that the tests use, whole chains in turn. Needs root, Python 3.12 and
what .ci/run installs.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = ROOT / "{{cookiecutter.project}}"
sys.path.insert(0, str(ROOT))

from report import put, spread  # noqa: E402

from bench import bake  # noqa: E402
from tests.cluster.openshift import process  # noqa: E402
from tests.cluster.pods import started  # noqa: E402
from tests.cluster.s2i import PROGRAMS, Engine  # noqa: E402
from tests.cluster.templates import opening  # noqa: E402
from tests.helpers import lacking  # noqa: E402

RUNS = int(os.environ.get("RUNS", "5"))
PLAIN = [f"{mlflow} scikit-learn pandas matplotlib".strip() for mlflow in ("mlflow", "mlflow-skinny", "")]
WEIGHED = {
    "the image's: mlflow-skinny, its sqlite store, skops, Parquet and S3 besides": ["-r", PRODUCT / "requirements.txt"],
    **{f"`pip install {words}`": words.split() for words in PLAIN},
}


def megabytes(folder: Path) -> float:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def installed(python: str, place: Path, words: list) -> float:
    """Megabytes, bytecode included, that plain pip adds to an empty environment."""
    subprocess.run([python, "-m", "venv", place], check=True)
    before = megabytes(place / "lib")
    subprocess.run([place / "bin" / "pip", "install", "--quiet", *words], check=True)
    added = megabytes(place / "lib") - before
    shutil.rmtree(place)
    return added


def builds(engine: Engine, place: Path) -> list[tuple[float, float, float]]:
    """Of each chain: seconds of the first build (libraries, then code), seconds of the next, megabytes of its layer."""
    subprocess.run(bake(place), check=True, capture_output=True)
    source, lock = place / "ml-project", place / "lock"
    lock.mkdir()
    shutil.copy(source / "requirements.txt", lock)
    measured = []
    for number in range(RUNS):
        start = time.perf_counter()
        engine.build(lock, "localhost/libraries")
        engine.build(source, "localhost/code", "--from", "localhost/libraries")
        middle = time.perf_counter()
        with (source / "models" / "knn.py").open("a") as model:
            model.write(f"# changed {number}\n")
        again = time.perf_counter()
        engine.build(source, "localhost/code", "--from", "localhost/libraries")
        end = time.perf_counter()
        size = [int(engine.inspect(f"localhost/{name}", "{{.Size}}")) for name in ("libraries", "code")]
        measured.append((middle - start, end - again, (size[1] - size[0]) / 1e6))
        print(f"chain {number + 1} of {RUNS}: {measured[-1]}", file=sys.stderr)
    return measured


def refusals(engine: Engine, templates: Path) -> tuple[list[float], list[float]]:
    """Seconds from starting a Job's container to its end, where a hyperparameter is out of bounds; of one that does
    nothing, in turn."""
    template = templates / "train-knn.yaml"
    (job,) = process(template, opening(template) | {"N_NEIGHBORS": "1000"})
    container = started(job, "ml-project-knn-bench")
    refused, nothing = [], []
    for _ in range(RUNS):
        for measured, what, code in ((refused, container, 2), (nothing, container._replace(command=["true"]), 0)):
            start = time.perf_counter()
            done = engine.start("localhost/code", what, check=False)
            measured.append(time.perf_counter() - start)
            if done.returncode != code:
                sys.exit(f"error: {what.command} ended with {done.returncode}: {done.stderr}")
    return refused, nothing


def main() -> None:
    python = shutil.which("python3.12")
    if reason := lacking(PROGRAMS) or (not python and "needs python3.12 on PATH"):
        sys.exit(f"error: {reason}")
    with tempfile.TemporaryDirectory() as place:
        weights = {what: installed(python, Path(place) / "env", words) for what, words in WEIGHED.items()}
        with Engine() as engine:
            first, again, layer = zip(*builds(engine, Path(place)), strict=True)
            refused, nothing = refusals(engine, Path(place) / "ml-project" / "openshift")
    ours, full, *_ = weights.values()
    ratios = [after / before for before, after in zip(first, again, strict=True)]
    table = [
        "| Python libraries, with bytecode | MB | to all of MLflow | goal |",
        "|---|---|---|---|",
        *(
            f"| {what} | {each:.0f} | **{each / full:.2f}** | {0.88 if each == ours else '–'} |"
            for what, each in weights.items()
        ),
        "",
        "| a rebuild after a change of code, to the first build | | goal |",
        "|---|---|---|",
        f"| seconds: {spread(again, 1)} against {spread(first, 0)} | **{spread(ratios)}** | 0.1 |",
        f"| megabytes of its layer | **{spread(layer)}** | 1 |",
        "",
        "| a Job's container, from its start to its end | seconds |",
        "|---|---|",
        f"| a hyperparameter out of bounds: told in one line, exit code 2 | **{spread(refused)}** |",
        f"| the same container with nothing to do | {spread(nothing)} |",
    ]
    how = f"Made by `bench/image.py` on Python 3.12, by plain pip: sizes once, builds as {RUNS} chains; median (smallest to largest)."
    put("The image", "\n".join([how, "", *table]))


if __name__ == "__main__":
    main()
