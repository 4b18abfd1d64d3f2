"""Measure sweeps, and the answer to which was the best: rates and ratios, side by side in one run.

A rate is taken from the store's own times, without the first tenth of the runs: importing and starting processes are
left out for all. The contenders take turns; the ratio is that of a turn.
"""

import json
import os
import platform
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
import uuid
from contextlib import contextmanager
from pathlib import Path

from report import put, spread

from bench import bake

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.cluster.tracking import serving  # noqa: E402

PLACE = ROOT / "build" / "bench-sweeps"
PROJECT = PLACE / "ml-project"
RUNS = int(os.environ.get("RUNS", "5"))
SETS, MANY = 300, int(os.environ.get("MANY", "10000"))
BEST = (300, 10_000, 100_000)
OWN = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true", "PYTHONWARNINGS": "ignore"}
os.environ.update(OWN, PYTHONPATH=str(PLACE / "integration"))
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def prepare() -> None:
    """A bake with the busy model, and Optuna's callback for MLflow beside the environment."""
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir(parents=True)
    subprocess.run(bake(PLACE), check=True, capture_output=True)
    for model in ("tests/sweeps/tiny.py", "bench/busy.py"):
        shutil.copy(ROOT / model, PROJECT / "models")
    uv = [Path(sys.executable).parent / "uv", "pip", "install", "--quiet", "--no-deps", "--target"]
    subprocess.run([*uv, PLACE / "integration", "optuna-integration"], check=True)


def run(*words, **settings) -> str:
    """What a command prints."""
    command = [sys.executable, *map(str, words)]
    return subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True, **settings).stdout


def sweep(*words: str) -> None:
    run("-m", "experiment", "sweep", "busy", "--log-models", "none", *words)


def loop(kind: str, count: int) -> str:
    return run(ROOT / "bench" / "loops.py", kind, count)


def ends(experiment: str, count: int) -> list[float]:
    """When the newest `count` runs of an experiment ended, in seconds; a sweep's own run is none of them."""
    import mlflow

    client = mlflow.MlflowClient()
    found = client.search_runs([client.get_experiment_by_name(experiment).experiment_id], max_results=count + 1)
    return sorted(run.info.end_time / 1000 for run in found if "sweep" not in run.data.tags)[-count:]


def rate(experiment: str, count: int) -> float:
    """Runs per second of the last `count` that were tracked in an experiment, without the first tenth of them."""
    steady = ends(experiment, count)[count // 10 :]
    return (len(steady) - 1) / (steady[-1] - steady[0])


def rates(kinds: dict[str, int]) -> dict[str, list[float]]:
    """Runs per second of each kind of loop, and of a sweep, in turn."""
    told: dict[str, list[float]] = {}
    for _ in range(RUNS):
        sweep("--limit", str(SETS))
        told.setdefault("sweep", []).append(rate("ml-project", SETS))
        for kind, count in kinds.items():
            loop(kind, count)
            told.setdefault(kind, []).append(rate(f"bench-{kind}", count))
        began = time.perf_counter()
        loop("one", 1)
        told.setdefault("one", []).append(1 / (time.perf_counter() - began))
    return told


@contextmanager
def tracking(uri: str):
    os.environ["MLFLOW_TRACKING_URI"] = uri
    import mlflow

    mlflow.set_tracking_uri(uri)
    yield
    del os.environ["MLFLOW_TRACKING_URI"]


def table(told: dict[str, list[float]], words: dict[str, tuple[str, str]]) -> list[str]:
    lines = ["| runs per second | | a sweep's, to it | goal |", "|---|---|---|---|"]
    for kind, values in told.items():
        about, goal = words.get(kind, ("**a sweep**", "–"))
        ratios = [ours / theirs for ours, theirs in zip(told["sweep"], values, strict=True)]
        ratio = "–" if kind == "sweep" else f"**{spread(ratios)}**"
        lines.append(f"| {about} | {spread(values, 1)} | {ratio} | {goal} |")
    return lines


def memory(pid: int, seen: list[float], stop: threading.Event) -> None:
    while not stop.wait(1):
        if told := Path(f"/proc/{pid}/status").read_text().partition("VmRSS:")[2]:  # gone at the end
            seen.append(int(told.split()[0]) / 1024)


def long() -> list[str]:
    """Cost per run and memory, early and late in a sweep of many sets."""
    words = ["-m", "experiment", "sweep", "busy", "--log-models", "none", "--limit", str(MANY)]
    process = subprocess.Popen([sys.executable, *words], cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    seen, stop = [], threading.Event()
    watching = threading.Thread(target=memory, args=(process.pid, seen, stop))
    watching.start()
    process.communicate()
    stop.set()
    watching.join()
    at = ends("ml-project", MANY)
    some = min(500, MANY // 4)
    early, late = ((at[place + some] - at[place]) / some * 1000 for place in (100, MANY - 1 - some))
    tenth = len(seen) // 10
    return [
        f"A sweep of {MANY:,} sets: {early:.1f} ms a run around the first hundreds, {late:.1f} around the last "
        f"(**{late / early:.2f}**, goal 1.2). Its writing process takes {statistics.median(seen[tenth : 2 * tenth]):.0f} MB "
        f"in its second tenth and {statistics.median(seen[-tenth:]):.0f} in its last."
    ]


def efficiency() -> str:
    """40 fits of a second of one core on all cores, from the first begun to the last ended."""
    import mlflow

    cores, shares = os.cpu_count(), []
    for _ in range(max(1, RUNS // 2)):
        sweep("--limit", "40", "--burn", "1")
        client = mlflow.MlflowClient()
        identity = client.get_experiment_by_name("ml-project").experiment_id
        found = client.search_runs([identity], "params.burn = '1.0'", max_results=40)
        wall = max(each.info.end_time for each in found) - min(each.info.start_time for each in found)
        shares.append(40 / cores / (wall / 1000))
    return f"Parallel efficiency, 40 fits of a second of one core on {cores} cores: **{spread(shares)}**, goal 0.9."


def grow(store: Path, count: int) -> None:
    """Copies of one set's run, with other ids, times and metrics: through MLflow a hundred thousand would take an hour."""
    draw, db = random.Random(2019), sqlite3.connect(store)
    one = db.execute("SELECT run_uuid FROM tags WHERE key = 'set' LIMIT 1").fetchone()[0]
    tables = ("runs", "metrics", "latest_metrics", "params", "tags", "inputs")
    names = {table: [column[1] for column in db.execute(f"PRAGMA table_info({table})")] for table in tables}
    where = {table: "destination_id" if table == "inputs" else "run_uuid" for table in tables}
    rows = {table: db.execute(f"SELECT * FROM {table} WHERE {where[table]} = ?", (one,)).fetchall() for table in tables}
    for number in range(count):
        run, input_ = (uuid.UUID(int=draw.getrandbits(128)).hex for _ in range(2))
        changed = {"run_uuid": run, "destination_id": run, "input_uuid": input_}
        value = draw.random() * 1000
        for table in tables:
            for row in rows[table]:
                new = dict(zip(names[table], row, strict=True))
                new |= {name: content for name, content in changed.items() if name in new}
                if "metrics" in table:
                    new["value"] = value
                if table == "runs":
                    new |= {"start_time": new["start_time"] + number, "end_time": new["end_time"] + number}
                db.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(new))})", tuple(new.values()))
    db.commit()


ASK = """
import sys, time
from experiment import best
from experiment.declaration import load
from experiment.tracking import ranking, store
model = load("busy")
client = store.connect().client
began = time.process_time()
if sys.argv[1] == "ours":
    runs, _ = best.best(store.connect(waiting=False), model, "", "", 5)
else:
    (newest,) = client.search_runs(["1"], "tags.set LIKE '%'", max_results=1)
    own = f"tags.comparable = '{newest.data.tags['comparable']}'"
    runs = client.search_runs(["1", "0"], own, order_by=["metrics.mae ASC"], max_results=5)
print(time.process_time() - began, *(run.info.run_id for run in runs))
"""


def best() -> list[str]:
    """Processor seconds of the answer, beyond imports and opening the store."""
    lines = [
        "| processor seconds to find the best 5 | `best` | MLflow's order by the metric | goal |",
        "|---|---|---|---|",
    ]
    with tracking(f"sqlite:///{PLACE}/few.db"):
        sweep("--limit", "12")
    goals = {BEST[0]: "–", BEST[1]: "as among 300", BEST[2]: "0.5"}
    for count in BEST:
        shutil.copy(PLACE / "few.db", store := PLACE / f"{count}.db")
        grow(store, count)
        with tracking(f"sqlite:///{store}"):
            ours = [run("-c", ASK, "ours").split() for _ in range(RUNS)]
            told = "minutes"
            if count < BEST[2]:
                seconds, *found = run("-c", ASK, "theirs").split()
                if any(found != answer[1:] for answer in ours):
                    raise SystemExit(f"{count}: best gives {ours[0]}, MLflow {found}")
                told = f"{float(seconds):.2f}"
        seconds = spread([float(answer[0]) for answer in ours])
        lines.append(f"| among {count:,} runs | **{seconds}** | {told} | {goals[count]} |")
        store.unlink()
    return lines


def main() -> None:
    prepare()
    plain = ("a loop that fits nothing: `create_run`, one `log_batch`, `set_terminated`", "1 on sqlite, 2 over HTTP")
    same = ("the same loop with the tags and the data set that a sweep writes too", "–")
    words = {"plain": plain, "same": same, "optuna": ("Optuna with MLflow's callback", "1.2")}
    words["one"] = ("a process for each set", "100")
    with tracking(f"sqlite:///{PLACE}/store.db"):
        embedded = table(rates({"plain": SETS, "same": SETS, "optuna": SETS // 2}), words)
        calls = json.loads(loop("same", SETS))
        shared = efficiency()
    with tracking(f"sqlite:///{PLACE}/long.db"):
        steady = long()
    with serving(PLACE, "--workers", "4") as address, tracking(address):
        served = table(rates({"plain": 60}), words)
    where = ", ".join(f"`{name}` {milliseconds:.1f}" for name, milliseconds in calls.items())
    lines = [
        f"Made by `bench/sweeps.py`: a model that costs nothing, {SETS} sets, {RUNS} turns; median (smallest to largest). "
        f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.system()}.",
        "",
        "On sqlite:",
        "",
        *embedded,
        "",
        f"What a sweep writes costs MLflow, in milliseconds a run and a process that does nothing else: {where}; "
        f"{sum(calls.values()):.1f} in all.",
        "",
        "Over HTTP, to a server with MLflow's default of four workers on the same cores:",
        "",
        *served,
        "",
        *steady,
        "",
        shared,
        "",
        *best(),
    ]
    put("Sweeps", "\n".join(lines))


if __name__ == "__main__":
    main()
