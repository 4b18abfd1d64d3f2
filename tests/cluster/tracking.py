"""A real MLflow server on loopback, as a tracking server is on a cluster."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from ..helpers import PYTHON, free_port, until

ADMIN = {"MLFLOW_TRACKING_USERNAME": "admin", "MLFLOW_TRACKING_PASSWORD": "a-good-password"}


@contextmanager
def serving(folder: Path, *options: str, port: int = 0) -> Iterator[str]:
    """A real MLflow server; its address."""
    port = port or free_port()
    command = [PYTHON, "-m", "mlflow", "server", "--port", str(port), "--workers", "1", *options]
    places = ["--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", f"{folder}/artifacts"]
    settings = {
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_FLASK_SERVER_SECRET_KEY": "only-for-a-test",
        "MLFLOW_AUTH_ADMIN_PASSWORD": ADMIN["MLFLOW_TRACKING_PASSWORD"],
    }
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command + places, cwd=folder, env=os.environ | settings, stdout=log, stderr=log, start_new_session=True
        )
    try:
        address = f"http://127.0.0.1:{port}"
        until(lambda: answers(address) or process.poll() is not None, 120, "the server does not answer")
        assert process.poll() is None, (folder / "log").read_text()
        yield address
    finally:
        # All of the group, as uvicorn's workers outlive their parent, and for good: asked to end, it waits for a request
        # that a test cut off. sqlite keeps what was written.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(60)


def answers(address: str) -> bool:
    try:
        return requests.get(f"{address}/health", timeout=60).ok
    except requests.ConnectionError:
        return False
