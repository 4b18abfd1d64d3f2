"""Measure what a big table costs: `train elasticnet` beside plain pandas and the same fit, seconds and memory.

Seconds are those beyond the imports: of the big table less those of its first hundred rows, by the same command.
Plain pandas reads Parquet by pyarrow, so this runs in the template's own environment, not in the image's.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from report import put, spread

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = ROOT / "{{cookiecutter.project}}"
RUNS = int(os.environ.get("RUNS", "7"))
ROWS, COLUMNS = 1_000_000, 20


def write(place: Path) -> None:
    """A table as CSV and as Parquet, each whole and its first hundred rows alone."""
    random = np.random.default_rng(0)
    table = pd.DataFrame(random.normal(size=(ROWS, COLUMNS)), columns=[f"x{n}" for n in range(COLUMNS)])
    table["target"] = 2 * table.x0 + table.x1 + random.normal(size=ROWS)
    for name, rows in (("big", table), ("small", table.head(100))):
        rows.to_csv(place / f"{name}.csv", index=False)
        rows.to_parquet(place / f"{name}.parquet")


def measure(words: list, environment: dict[str, str]) -> tuple[float, float]:
    """Seconds of wall clock and megabytes at most of one run of a command."""
    start = time.perf_counter()
    quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    process = os.posix_spawn(sys.executable, [sys.executable, *map(str, words)], environment, file_actions=quiet)
    _, status, usage = os.wait4(process, 0)
    if status:
        sys.exit(f"error: {words} ended with {os.waitstatus_to_exitcode(status)}")
    return time.perf_counter() - start, usage.ru_maxrss * 1024 / 1e6


def rows(place: Path, kind: str) -> list[str]:
    """Lines of the report for one kind of file."""
    environment = os.environ | {
        "MLFLOW_TRACKING_URI": f"sqlite:///{place}/mlflow.db",
        "PYTHONPATH": str(PRODUCT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }
    commands = {
        "ours": ["-m", "experiment", "train", "elasticnet", "--data"],
        "plain": [ROOT / "bench" / "bare_table.py"],
    }
    seconds, memory = {name: [] for name in commands}, {name: [] for name in commands}
    for turn in range(RUNS + 1):
        for name, words in commands.items():
            (big, peak), (small, _) = (
                measure([*words, place / f"{size}.{kind}"], environment) for size in ("big", "small")
            )
            if turn:  # the first warms the disk's cache
                seconds[name].append(big - small)
                memory[name].append(peak)
    lines = []
    for what, unit, measured, goal in (("seconds beyond the imports", 2, seconds, 1.5), ("megabytes", 0, memory, 1.3)):
        ratios = [ours / plain for ours, plain in zip(measured["ours"], measured["plain"], strict=True)]
        sides = " | ".join(spread(measured[name], unit) for name in commands)
        lines.append(f"| {kind}: {what} | **{spread(ratios)}** | {goal} | {sides} |")
    return lines


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        write(place)
        table = [line for kind in ("csv", "parquet") for line in rows(place, kind)]
    how = f"Made by `bench/tables.py`: {ROWS:,} rows of {COLUMNS} columns and a target, {RUNS} runs each, in turn; median (smallest to largest)."
    head = "| `train elasticnet`, to `read_csv` or `read_parquet` and the same split and fit | ratio | goal | ours | plain |"
    put("A big table", "\n".join([how, "", head, "|---|---|---|---|---|", *table]))


if __name__ == "__main__":
    main()
