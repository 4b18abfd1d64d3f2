"""Measure what `predict` costs on a long table: beside reading all of it, the model's own predict, and writing.

Seconds are those beyond the imports: of the long table less those of its first hundred rows, by the same command. Both
sides load the same stored model, take the same columns and write one column. Parquet is written by pyarrow, as pandas does,
in row groups of a million rows.
"""

import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from report import put, spread
from tables import PRODUCT, ROOT, measure

RUNS = int(os.environ.get("RUNS", "3"))
ROWS, COLUMNS, GROUP = 5_000_000, 20, 1_000_000
SIZES = {"small": 100, "long": ROWS, "twice": 2 * ROWS}


def write(place: Path) -> None:
    """The table of each size, in each format, and one to train on."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    random, names = np.random.default_rng(0), [f"x{n}" for n in range(COLUMNS)]
    few = pd.DataFrame(random.normal(size=(2000, COLUMNS)), columns=names)
    few.assign(target=2 * few.x0 + few.x1).to_csv(place / "train.csv", index=False)
    for name, rows in SIZES.items():
        with (
            (place / f"{name}.csv").open("w") as text,
            pq.ParquetWriter(
                place / f"{name}.parquet", pa.schema([(column, pa.float64()) for column in names])
            ) as parquet,
        ):
            for start in range(0, rows, GROUP):
                group = pd.DataFrame(random.normal(size=(min(GROUP, rows - start), COLUMNS)), columns=names)
                group.round(6).to_csv(text, index=False, header=start == 0)
                parquet.write_table(pa.Table.from_pandas(group, preserve_index=False))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        write(place)
        environment = os.environ | {
            "MLFLOW_TRACKING_URI": f"sqlite:///{place}/mlflow.db",
            "PYTHONPATH": str(PRODUCT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "MLFLOW_DISABLE_TELEMETRY": "true",
        }
        for words in (["train", "elasticnet", "--data", place / "train.csv"], ["promote", "elasticnet"]):
            measure(["-m", "experiment", *words], environment)
        lines = [line for kind in ("csv", "parquet") for line in rows(place, kind, environment)]
    how = f"Made by `bench/predictions.py`: a linear model over {ROWS:,} rows of {COLUMNS} columns, {RUNS} runs each, in turn; median (smallest to largest)."
    head = "| `make predict`, to reading the table, the model's own `predict` and writing | measured | goal | `predict` | plain |"
    put("Predictions", "\n".join([how, "", head, "|---|---|---|---|---|", *lines]))


def rows(place: Path, kind: str, environment: dict[str, str]) -> list[str]:
    """Lines of the report for one kind of file."""
    commands = {
        "ours": ["-m", "experiment", "predict", "elasticnet", f"--out={place}/ours.{kind}", "--data"],
        "plain": [ROOT / "bench" / "bare_predictions.py", f"{place}/plain.{kind}"],
    }
    seconds, memory = {name: [] for name in commands}, {name: [] for name in (*commands, "twice", "small")}
    for turn in range(RUNS + 1):
        for name, words in commands.items():
            (long, peak), (small, least) = (
                measure([*words, place / f"{size}.{kind}"], environment) for size in ("long", "small")
            )
            if turn:  # the first warms the disk's cache
                seconds[name].append(long - small)
                memory[name].append(peak)
                if name == "ours":
                    memory["small"].append(least)
        if turn:
            memory["twice"].append(measure([*commands["ours"], place / f"twice.{kind}"], environment)[1])
    read = pd.read_csv if kind == "csv" else pd.read_parquet
    ours, plain = (read(place / f"{name}.{kind}") for name in commands)
    if not np.allclose(ours, plain, rtol=1e-12):
        sys.exit(f"error: {kind}: the two predict otherwise")
    ratios = [plain / ours for ours, plain in zip(seconds["ours"], seconds["plain"], strict=True)]
    sides = " | ".join(spread(seconds[name], 1) for name in commands)
    peaks = {name: spread(values, 0) for name, values in memory.items()}
    grown = [twice / once for twice, once in zip(memory["twice"], memory["ours"], strict=True)]
    return [
        f"| {kind}: rows a second, to plain | **{spread(ratios)}** | 0.7 | {sides} |",
        f"| {kind}: megabytes at most, of which imports and a hundred rows take {peaks['small']} | **{peaks['ours']}** | 700 | {peaks['ours']} | {peaks['plain']} |",
        f"| {kind}: megabytes of twice the rows, to those | **{spread(grown)}** | 1 | {peaks['twice']} | – |",
    ]


if __name__ == "__main__":
    main()
