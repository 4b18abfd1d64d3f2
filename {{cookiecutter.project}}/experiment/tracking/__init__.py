"""All that is known of MLflow, and where a result comes from; no other part of the program imports MLflow.

`store.connect` opens the store, `run.start` begins a run in it, `children` are those of a sweep's sets,
`flavour.log_model` keeps what was fitted, `elsewhere.Reader` loads it where this repository is not, `provenance.tags`
says where it comes from, `ranking.best` finds the best. Each is imported when it is asked for: MLflow takes a second.
"""

import os

__all__ = ["children", "elsewhere", "flavour", "provenance", "ranking", "run", "store"]

# Before MLflow is imported. No request leaves the machine unasked, and what MLflow is doing is not the user's business,
# nor that GitPython found no git.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
