"""Why the store cannot be used, in one line, with the fix where MLflow does not tell it."""

import re
from pathlib import Path

from ..data import public
from ..errors import BadInput

# What SQLAlchemy imports for an address -> the package that brings it without a compiler
DRIVERS = {"psycopg": "psycopg[binary]", "psycopg2": "psycopg2-binary", "MySQLdb": "pymysql"}


def refusal(uri: str, error: Exception) -> BadInput:
    """The error to raise in place of one of MLflow's about the store at `uri`."""
    return BadInput(f"tracking store {public(uri)}: {reason(error)}")


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
    return said
