"""Do to a training what tests/faults does, with the patience that a user has, and write what came of it: docs/faults.md.

Needs root, for small disks. Several trainings run side by side, as nearly all of the time is waiting.
"""

import os
import re
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "{{cookiecutter.project}}")]
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

import mlflow  # noqa: E402

from tests.cluster.tracking import serving  # noqa: E402
from tests.faults.disk import fill, locked, small_disk  # noqa: E402
from tests.faults.proxy import Proxy, proxied  # noqa: E402
from tests.faults.test_server import SAID  # noqa: E402
from tests.faults.training import Place  # noqa: E402
from tests.helpers import PYTHON, cookiecutter, free_port, run  # noqa: E402

# What is done to a store from the middle of a fit until the program has ended
Damage = Callable[[Place, Proxy], AbstractContextManager]
AT_ONCE = 8
UPLOADING = threading.Lock()  # it is done in this process, by its environment
NAMES = {
    "slow": "answers after 10 s",
    "stalled": "never answers",
    "truncated": "cuts its answers off",
    "gone": "hangs up",
    "html": "answers with a page",
}

HEAD = """\
# What a training does when its tracking store fails

Each fault was done to a training in the middle of its fit, or before it, as the tests in `tests/faults` do, with the
settings that users have; seconds are from the fault to the end of the program, while others did the same on the same two
cores. `make upload` came when the store was well again. Written by `bench/faults.py`.

| fault | on the screen, beside the metrics | exit code | seconds | then in the store | in the spool | in the store after `upload` |
|---|---|---|---|---|---|---|
"""


def state(place: Place, store: str) -> str:
    """What a store has of the training, in words."""
    client, found = mlflow.MlflowClient(store), []
    for kept in place.runs(store):
        points = sum(len(client.get_metric_history(kept.info.run_id, name)) for name in kept.data.metrics)
        files = len(client.list_artifacts(kept.info.run_id))
        models = sum(client.get_logged_model(m.model_id).status == "READY" for m in kept.outputs.model_outputs)
        found.append(f"{kept.info.status}: {points} points, {files} figure, {models} model")
    return "; ".join(found) or "nothing"


def row(title: str, place: Place, lines: list[str], code: int, seconds: float) -> str:
    """A line of the table, in which addresses and folders have the names that they have for a user."""
    then = state(place, place.store)
    kept = "; ".join(state(place, f"sqlite:///{folder}/mlflow.db") for folder in place.spooled()) or "nothing"
    try:
        with UPLOADING:
            place.upload()
        after = state(place, place.store)
    except Exception as error:
        after = str(error)
    said = "<br>".join(line for line in lines if not line.startswith(("steady: ", "fitting")))
    for pattern, name in (
        (r"http://127.0.0.1:\d+", "http://mlflow:5000"),
        (r"sqlite:////\S*mlflow.db", "sqlite:///mlflow.db"),
        (r"/\S*spool/steady-[0-9a-f]{32}-\d+", "spool/steady-…"),
        (r"/\S*spool(?=:)", "spool"),
        (r"run [0-9a-f]{32}: \S*", "run …"),
        (r"run [0-9a-f]{32}", "run …"),
    ):
        said = re.sub(pattern, name, said)
    return f"| {title} | {said} | {code} | {seconds:.0f} | {then} | {kept} | {after} |\n"


@contextmanager
def faulty(fault: str | int, place: Place, proxy: Proxy, seconds: float = 0, **settings) -> Iterator[None]:
    """The server's answers as this fault makes them: to the end, or for so many seconds."""
    for name, value in ({"fault": fault} | settings).items():
        setattr(proxy, name, value)
    if seconds:
        threading.Timer(seconds, setattr, (proxy, "fault", None)).start()
    yield
    proxy.fault = None


@contextmanager
def killed(place: Place, proxy: Proxy) -> Iterator[None]:
    """Nobody listens any more, and connections that there were are gone."""
    proxy.fault = "gone"
    proxy.die()
    yield
    proxy.start()
    proxy.fault = None


@contextmanager
def in_other_hands(seconds: float, place: Place, _) -> Iterator[None]:
    with locked(place) as other:
        timer = threading.Timer(seconds, other.execute, ["rollback"])
        timer.start()
        yield
        timer.cancel()


@contextmanager
def full(where: Path, place: Place, _) -> Iterator[None]:
    filler = fill(where)
    yield
    filler.unlink()


@contextmanager
def read_only(where: Path, place: Place, proxy: Proxy) -> Iterator[None]:
    """A server that hangs up, and a spool that cannot be written."""
    run("mount", "-o", "remount,ro", where, cwd=where)
    with faulty("gone", place, proxy):
        yield


def during(
    title: str, damage: Damage, place: Place, proxy: Proxy | None, stop: int = 0, times: int = 1, **env: str
) -> str:
    """Train, do the damage from the middle of the fit on, let the fit go or stop it; a line of the table."""
    with place.training(**env) as training, damage(place, proxy):
        began = time.monotonic()
        for _ in range(times if stop else 0):
            time.sleep(1)
            training.process.send_signal(stop)
        ended = training.end() if stop else training.let_go()
        seconds = time.monotonic() - began
    return row(title, place, ended.lines, ended.code, seconds)


def before(title: str, damage: Damage, place: Place, proxy: Proxy | None) -> str:
    """Do the damage before a training begins."""
    with damage(place, proxy):
        began = time.monotonic()
        done = run(PYTHON, "-m", "experiment", "train", "steady", cwd=place.project, env=place.env, check=False)
        seconds = time.monotonic() - began
    return row(title, place, done.stderr.splitlines(), done.returncode, seconds)


def at(address: str, place: Place, _) -> AbstractContextManager:
    """Another address than the one of the server."""
    place.address = address
    return nullcontext()


def cases(folder: Path) -> Iterator[tuple[Callable, str, Damage, bool, dict]]:
    """How the damage is done, what it is called, what it is, whether to a server, settings."""
    api = {"only": "/api/"}
    yield before, "no server", partial(at, f"http://127.0.0.1:{free_port()}"), True, {}
    yield before, "no such host", partial(at, "http://nosuchhost.invalid"), True, {}
    for fault in SAID:
        yield (
            before,
            f"server {NAMES.get(fault, f'answers {fault}')}, at the start",
            partial(faulty, fault, **api),
            True,
            {},
        )
    yield before, "server hangs up for 15 s, at the start", partial(faulty, "gone", seconds=15), True, {}
    lost = partial(faulty, "lost", only="/runs/create", times=1)
    yield before, "the answer to the run's beginning gets lost", lost, True, {}
    yield before, "sqlite: locked, at the start", partial(in_other_hands, 600), False, {}
    yield during, "none", lambda *_: nullcontext(), True, {}
    yield during, "server hangs up for 15 s", partial(faulty, "gone", seconds=15), True, {}
    yield during, "server is killed", killed, True, {}
    for fault in SAID:
        yield during, f"server {NAMES.get(fault, f'answers {fault}')}", partial(faulty, fault), True, {}
    cut = {"only": "coefficients.png", "cut": 10_000}
    yield (
        during,
        "a connection cut at byte 10,000 of a figure, once",
        partial(faulty, "cut", seconds=3, **cut),
        True,
        {},
    )
    yield during, "the same, each time", partial(faulty, "cut", **cut), True, {}
    for what, only in (("a figure", "coefficients.png"), ("the model", "/artifacts/MLmodel")):
        yield during, f"server answers 413 to {what}", partial(faulty, 413, only=only), True, {}
    yield during, "server answers 400 to metrics", partial(faulty, 400, only="/runs/log-batch"), True, {}
    yield during, "Ctrl-C, while a server never answers", partial(faulty, "stalled"), True, {"stop": signal.SIGINT}
    thrice = {"stop": signal.SIGINT, "times": 3}
    yield during, "Ctrl-C three times, while a server never answers", partial(faulty, "stalled"), True, thrice
    yield during, "SIGTERM, while a server hangs up", partial(faulty, "gone"), True, {"stop": signal.SIGTERM}
    for seconds in (10, 60, 600):
        yield during, f"sqlite: locked for {seconds} s", partial(in_other_hands, seconds), False, {}
    yield during, "disk full: the store", partial(full, folder / "store"), False, {"on": "store"}
    yield during, "disk full: an artifact", partial(full, folder / "artifacts"), False, {"on": "artifacts"}
    spool = {"SPOOL_DIR": str(folder / "spool" / "spool")}
    yield (
        during,
        "disk full: the spool, while a server hangs up",
        partial(faulty, "gone"),
        True,
        {"on": "spool"} | spool,
    )
    fixed = {"SPOOL_DIR": str(folder / "fixed" / "spool")}
    yield during, "read-only: the spool, while a server hangs up", partial(read_only, folder / "fixed"), True, fixed


def one(project: Path, folder: Path, server: str, number: int, case: tuple) -> str:
    """A line of the table."""
    how, title, damage, remote, settings = case
    (own := folder / f"case{number}").mkdir()
    on = settings.pop("on", "")
    with proxied(server) as proxy:
        place = Place(project, own, proxy.address, server, patience="60")
        if not remote:
            place.address = place.store = f"sqlite:///{folder / 'store' if on == 'store' else own}/mlflow.db"
            client = mlflow.MlflowClient(place.store)
            client.create_experiment(own.name, str((folder if on == "artifacts" else own) / "artifacts" / own.name))
        if on == "spool":
            fill(folder / "spool")
        return how(title, damage, place, proxy, **settings)


def main() -> None:
    os.environ.update(MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR="false", MLFLOW_LOGGING_LEVEL="CRITICAL")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch, ExitStack() as disks:
        folder = Path(scratch)
        cookiecutter(ROOT, folder)
        shutil.copy(ROOT / "tests" / "faults" / "steady.py", folder / "ml-project" / "models")
        (folder / "served").mkdir()
        for name in ("store", "artifacts", "spool", "fixed"):
            disks.enter_context(small_disk(folder / name))
        with serving(folder / "served") as server, ThreadPoolExecutor(AT_ONCE) as pool:
            started = [
                pool.submit(one, folder / "ml-project", folder, server, number, case)
                for number, case in enumerate(cases(folder))
            ]
            rows = [each.result() for each in started]
    (ROOT / "docs" / "faults.md").write_text(HEAD + "".join(rows))


if __name__ == "__main__":
    main()
