"""Where the tracking store is, and whether it answers; nothing here needs MLflow, whose import takes a second."""

import os
from contextlib import nullcontext
from pathlib import Path

from ..data import public
from ..errors import BadInput
from ..model import ROOT

SECONDS = 2  # to connect, and to answer: a server that is up needs milliseconds


def address() -> str:
    """MLFLOW_TRACKING_URI, else an sqlite file in the repository whatever directory one works in."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{ROOT / 'mlflow.db'}"


def refuse_unreachable(uri: str) -> None:
    """Raise BadInput when no server answers; MLflow itself would try for four minutes."""
    import requests

    insecure = os.environ.get("MLFLOW_TRACKING_INSECURE_TLS") == "true"
    verify = os.environ.get("MLFLOW_TRACKING_SERVER_CERT_PATH") or not insecure
    try:
        answer = requests.get(f"{uri.rstrip('/')}/health", timeout=SECONDS, verify=verify)
    except requests.RequestException as error:
        cause = error.__cause__ or error
        raise BadInput(
            f"MLFLOW_TRACKING_URI {public(uri)}: no answer ({cause}); start the server or unset it"
        ) from None
    if answer.status_code >= 500:
        raise BadInput(f"MLFLOW_TRACKING_URI {public(uri)}: the server answers {answer.status_code} {answer.reason}")


def database(uri: str) -> Path | None:
    """The file behind an sqlite address."""
    return Path(uri.removeprefix("sqlite:///").partition("?")[0]) if uri.startswith("sqlite:///") else None


def lock(uri: str):
    """Held by the one process that may create or migrate the sqlite file."""
    from filelock import FileLock

    file = database(uri)
    return FileLock(f"{file}.lock", timeout=60) if file else nullcontext()
