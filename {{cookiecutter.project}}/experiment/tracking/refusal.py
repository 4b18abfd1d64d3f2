"""Why the store cannot be used, in one line, with the fix where MLflow does not tell it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..data import public
from ..errors import Away, BadInput

# What SQLAlchemy imports for an address -> the package that brings it without a compiler
DRIVERS = {"psycopg": "psycopg[binary]", "psycopg2": "psycopg2-binary", "MySQLdb": "pymysql"}


# What a library says of a store that may be well in a moment -> what a person reads
PASSING = {
    r"database is locked": "another process has locked the file",
    r"disk is full|No space left": "no space is left on its disk",
    r"disk I/O error": "its disk cannot be written",
    r"could not be acquired": "another process has locked the file",
    r"Failed to resolve|could not translate host|Name or service not known": "there is no such host",
    r"Connection refused|NewConnectionError": "nobody answers: connection refused",
    r"the database system is (\w+ \w+)": "its database is {}",
    r"too many (\d+) error responses|error code (\d+) != 200|(\d+) (?:Client|Server) Error": "the server answers {}",
    r"[Tt]imed? ?out": "no answer in time",
    r"Connection aborted|Connection ?[Rr]eset|closed the connection": "the connection broke",
    r"Remote end closed|IncompleteRead|Broken pipe": "the connection broke",
}
# What may be well in a moment during a fit; before one, somebody is to look at it
DOUBTFUL = {
    r"not in a valid JSON format": "the server answers what is none of MLflow's; is it behind a log-in?",
    r"not a database|is malformed": "the file is not a database, or a damaged one",
}


def refusal(uri: str, error: Exception) -> BadInput | Away:
    """The error to raise in place of one of MLflow's about the store at `uri`."""
    if isinstance(error, BadInput | Away):
        return error
    return (Away if passing(error) else BadInput)(f"tracking store {public(uri)}: {reason(error)}")


def reason(error: Exception) -> str:
    """What went wrong, with the fix."""
    said = str(getattr(error, "message", "") or error)
    if isinstance(error, ModuleNotFoundError):
        write = " and write mysql+pymysql://" if error.name == "MySQLdb" else ""
        package = DRIVERS.get(error.name, error.name)
        fix = f"add {package} to requirements.in, then `make lock setup`{write}"
        return f"its driver {error.name} is not installed; {fix}"
    if answer := re.search(r"failed with error code (401|403) != 200. Response body: (.*)", said, re.DOTALL):
        if answer[1] == "401":
            fix = "set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN"
            return f"the server does not know who you are; {fix}"
        return f"the server refuses this to you: {answer[2]}; ask who runs it for access"
    if schema := re.search(r"out-of-date database schema \(found version (\w+)", said):
        import mlflow

        migrations = Path(mlflow.__file__).parent / "store" / "db_migrations" / "versions"
        if not list(migrations.glob(f"{schema[1]}_*.py")):
            return "was written by a newer MLflow; raise mlflow in requirements*.in, then `make lock setup`"
        return "was written by an older MLflow; copy it to a safe place, then `mlflow db upgrade` it"
    if isinstance(error, PermissionError) or "readonly" in said or "unable to open" in said or "Read-only" in said:
        return "cannot be written; set MLFLOW_TRACKING_URI to a server or to sqlite:///<a file you can write>"
    for pattern, words in (PASSING | DOUBTFUL).items():
        if found := re.search(pattern, said):
            return words.format(next(filter(None, found.groups()), ""))
    return " ".join(said.split())[:300]


def status_of(error: Exception) -> int:
    """What the server answered, or would have; 404 for a file that is no more, 500 for what is no answer."""
    if isinstance(error, FileNotFoundError):
        return 404
    if files := re.findall(r"(\d{3}) (?:Client|Server) Error", str(error)):  # which MLflow makes one error of, a 500
        return max(map(int, files))
    if hasattr(error, "get_http_status_code"):
        return error.get_http_status_code()
    return getattr(getattr(error, "response", None), "status_code", 500)  # of a file


def final(error: Exception) -> bool:
    """Whether the store has understood and refused: to ask again would change nothing."""
    return 400 <= status_of(error) < 500 and status_of(error) not in (408, 429)


def invalid(error: Exception) -> bool:
    """Whether MLflow itself says that a value is none; a gateway that answers 400 knows nothing of values."""
    return status_of(error) == 400 and "error code 400 != 200" not in str(error)


def found(ask: Callable, *words) -> Any:
    """What the store answers; None where MLflow says that there is no such thing, which a gateway's 404 does not."""
    try:
        return ask(*words)
    except Exception as error:
        if getattr(error, "error_code", "") != "RESOURCE_DOES_NOT_EXIST" or "error code 404 != 200" in str(error):
            raise
        return None


def passing(error: Exception) -> bool:
    """Whether the store may be well in a moment, and nobody need do anything about it."""
    if final(error) or isinstance(error, BadInput | Away):
        return isinstance(error, Away)
    answered = any(kind.__name__ == "RestException" for kind in type(error).__mro__)  # 408, 429 or 5xx
    return answered or any(re.search(pattern, str(error)) for pattern in PASSING)
