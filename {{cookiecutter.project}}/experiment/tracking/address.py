"""Where the tracking store is, and whether it answers; nothing here needs MLflow, whose import takes a second."""

import os
import re
from pathlib import Path

from ..data import public
from ..declaration import ROOT
from ..errors import Away, BadInput

SECONDS = 2  # to connect, and to answer: a server that is up needs milliseconds


def address() -> str:
    """MLFLOW_TRACKING_URI, else an sqlite file in the repository whatever directory one works in.

    Raises BadInput for what is no address, or where no file can be.
    """
    uri = os.environ.get("MLFLOW_TRACKING_URI")
    if not uri:
        if strange := re.search(r"""['"?#%\\]""", str(ROOT)):
            fix = "rename it, or set MLFLOW_TRACKING_URI"
            raise BadInput(f"{ROOT}: a folder with {strange[0]} in its name cannot hold MLflow's sqlite store; {fix}")
        return f"sqlite:///{ROOT / 'mlflow.db'}"
    if not uri.startswith(("http://", "https://", "sqlite:///", "postgresql", "mysql", "mssql", "databricks")):
        raise BadInput(f"MLFLOW_TRACKING_URI {public(uri)}: use http://, https:// or sqlite:///<file>")
    if (file := database(uri)) and (file.is_dir() or not file.absolute().parent.is_dir()):
        raise BadInput(f"MLFLOW_TRACKING_URI {uri}: name a file in a folder that exists")
    return uri


def refuse_unreachable(uri: str) -> None:
    """Raise Away when no server answers, and BadInput when none ever will; MLflow itself would try for four minutes."""
    import requests

    insecure = os.environ.get("MLFLOW_TRACKING_INSECURE_TLS") == "true"
    authority = os.environ.get("MLFLOW_TRACKING_SERVER_CERT_PATH")
    if authority and not Path(authority).exists():
        raise BadInput(f"MLFLOW_TRACKING_SERVER_CERT_PATH {authority}: no such file")
    verify = authority or not insecure
    try:
        answer = requests.get(f"{uri.rstrip('/')}/health", timeout=SECONDS, verify=verify)
    except requests.exceptions.SSLError as error:
        if "certificate" not in str(error).lower():  # a router that restarts, or a server that speaks http
            raise Away(f"MLFLOW_TRACKING_URI {public(uri)}: no answer over https") from None
        fix = "name the file of the authority that signed it: MLFLOW_TRACKING_SERVER_CERT_PATH"
        raise BadInput(f"MLFLOW_TRACKING_URI {public(uri)}: its certificate is not trusted; {fix}") from None
    except (requests.RequestException, ValueError) as error:
        # Not the error's own text, which repeats the address with what may be secret in it.
        cause = getattr(error.args[0] if error.args else None, "reason", type(error).__name__)
        kind = Away if isinstance(error, requests.ConnectionError | requests.Timeout) else BadInput
        raise kind(f"MLFLOW_TRACKING_URI {public(uri)}: no answer ({cause}); start the server or unset it") from None
    if answer.status_code >= 500:
        raise Away(f"MLFLOW_TRACKING_URI {public(uri)}: the server answers {answer.status_code} {answer.reason}")


def whereabouts(uri: str, experiment_id: str, run_id: str) -> str:
    """Where a person finds a run of a store, in words."""
    if (place := public(uri)).startswith("http"):
        return f"run {run_id}: {place.rstrip('/')}/#/experiments/{experiment_id}/runs/{run_id}"
    return f"run {run_id} in {place}; compare runs with `make ui`"


def database(uri: str) -> Path | None:
    """The file behind an sqlite address."""
    return Path(uri.removeprefix("sqlite:///").partition("?")[0]) if uri.startswith("sqlite:///") else None


def lock(uri: str):
    """Held by the one process that may create or migrate the sqlite file."""
    from filelock import FileLock

    return FileLock(f"{database(uri)}.lock", timeout=60)
