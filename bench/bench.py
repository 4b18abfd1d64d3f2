"""Measure what the README states and write docs/benchmarks.md: ratios, side by side in one run.

Each pair of commands runs in turn, A B A B, and the ratio is taken pair by pair, so that a machine whose speed drifts
drifts for both. The environment holds requirements.txt alone, which is what the image installs.
"""

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

from report import put, spread

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "build" / "bench"
RUNS = int(os.environ.get("RUNS", "9"))
LEAN = PLACE / "env" / "bin" / "python"
PROJECT = PLACE / "ml-project"
ENVIRONMENT = os.environ | {"MLFLOW_TRACKING_URI": f"sqlite:///{PLACE}/mlflow.db", "MLFLOW_DISABLE_TELEMETRY": "true"}
ENVIRONMENT.pop("PYTHONDONTWRITEBYTECODE", None)  # a user's files are compiled once


def prepare() -> None:
    """A bake, an environment with what trains, and an initialised store."""
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir(parents=True)
    subprocess.run(bake("."), cwd=PLACE, check=True, capture_output=True)
    subprocess.run([sys.executable, "-m", "venv", PLACE / "env"], check=True)
    install = [Path(sys.executable).parent / "uv", "pip", "install", "--quiet", "--compile-bytecode", "--python", LEAN]
    subprocess.run([*install, "-r", PROJECT / "requirements.txt"], check=True)
    measure(experiment("train", "knn"))


def bake(out) -> list:
    return [sys.executable, "-m", "cookiecutter", "--no-input", "--default-config", "--output-dir", out, ROOT]


def experiment(*words: str) -> list:
    return [LEAN, "-m", "experiment", *words]


def measure(command: list, cwd: Path = PROJECT) -> tuple[float, float]:
    """Seconds of wall clock and of processor time, all children included, of one run of a command."""
    start, before = time.perf_counter(), os.times()
    subprocess.run([str(word) for word in command], cwd=cwd, env=ENVIRONMENT, capture_output=True)
    wall, after = time.perf_counter() - start, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return wall, cpu


def in_turn(title: str, first, second) -> list[tuple]:
    """Measure two commands in turn; each a function that makes the n-th command."""
    pairs = []
    for n in range(RUNS + 1):
        pairs.append((measure(*first(n)), measure(*second(n))))
    print(f"{title}: measured", file=sys.stderr)
    return pairs[1:]  # the first warms the disk's cache


def row(title: str, pairs: list[tuple], kind: int, goal: str) -> str:
    ratios = [one[kind] / other[kind] for one, other in pairs]
    seconds = [spread([pair[side][kind] for pair in pairs]) for side in (0, 1)]
    return f"| {title} | **{spread(ratios)}** | {goal} | {seconds[0]} | {seconds[1]} |"


def alone(title: str, command: list, less: list | None, goal: str) -> str:
    """Processor seconds of a command, or how many more than those of another."""
    pairs = in_turn(title, lambda n: (command,), lambda n: (less or [LEAN, "-c", ""],))
    seconds = [one[1] - (other[1] if less else 0) for one, other in pairs]
    return f"| {title} | **{spread(seconds)}** | {goal} |"


def breakdown() -> list[str]:
    """Medians of where.py's laps, and what the product's own run adds to them."""
    told = []
    for _ in range(RUNS):
        run = subprocess.run([LEAN, ROOT / "bench" / "where.py"], env=ENVIRONMENT, capture_output=True, check=True)
        told.append(json.loads(run.stdout))
    return [f"| {name} | {statistics.median(lap[name] for lap in told):.2f} |" for name in told[0]]


def main() -> None:
    prepare()
    cookiecutter = ([sys.executable, "-m", "cookiecutter", "--version"], PLACE)
    train = experiment("train", "knn", "--n-neighbors", "7")
    rendering = in_turn("rendering", lambda n: (bake(f"bake-{n}"), PLACE), lambda n: cookiecutter)
    bare = in_turn("train knn", lambda n: (train,), lambda n: ([LEAN, ROOT / "bench" / "bare_knn.py"],))
    hand = in_turn(
        "by hand",
        lambda n: ([LEAN, ROOT / "bench" / "mlflow_knn.py"],),
        lambda n: ([LEAN, ROOT / "bench" / "bare_knn.py"],),
    )
    check = in_turn("check", lambda n: (experiment("check"),), lambda n: ([LEAN, ROOT / "bench" / "fits.py"],))
    imported = [LEAN, "-c", "import models.knn"]
    lines = [
        f"Made by `bench/bench.py`: {RUNS} runs each, in turn; median (smallest to largest). Python {platform.python_version()}, "
        f"{os.cpu_count()} cores, {platform.system()}; mlflow-skinny {version('mlflow-skinny')}, scikit-learn {version('scikit-learn')}, "
        f"cookiecutter {version('cookiecutter')}.",
        "",
        "| | ratio | goal | seconds | against |",
        "|---|---|---|---|---|",
        row("a bake, hooks and first commit, to `cookiecutter --version`: processor time", rendering, 1, "1.8"),
        row("`train knn` with everything tracked, to the bare scikit-learn script: wall clock", bare, 0, "3.0"),
        row("the same run by hand against MLflow, to the bare script: wall clock", hand, 0, "–"),
        row("`check` of the four models, to fitting, judging and drawing them alone: wall clock", check, 0, "1.5"),
        "",
        "| processor seconds | | goal |",
        "|---|---|---|",
        alone("`--help`", experiment("--help"), None, "0.5"),
        alone("an unknown verb", experiment("trian"), None, "0.5"),
        alone("an unknown model", experiment("train", "knnn"), None, "0.5"),
        alone(
            "a value out of bounds, more than importing the model file",
            experiment("train", "knn", "--n-neighbors", "0"),
            imported,
            "0.5",
        ),
        "",
        "Where a tracked run's seconds go (medians, one process):",
        "",
        "| | seconds |",
        "|---|---|",
        *breakdown(),
    ]
    put("A bake and a run", "\n".join(lines))


if __name__ == "__main__":
    main()
