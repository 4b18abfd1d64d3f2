"""The form in which results are kept, so that any store takes them and anybody can load them; it needs no store.

`flavour.save_model` saves what was fitted, with the `code` that loading needs, `elsewhere.Reader` loads it where this
repository is not, `metrics.Metrics` makes what is measured fit for any store, `texts.refuse_long` refuses what none
holds, `stray` catches what a model tracks by itself. Each is imported when it is asked for: MLflow takes a second.
"""

import logging
import os

from .metrics import Point, milliseconds

__all__ = [
    "Point",
    "code",
    "elsewhere",
    "flavour",
    "loading",
    "metrics",
    "milliseconds",
    "over",
    "predicting",
    "stray",
    "texts",
]

# Before MLflow is imported. No request leaves the machine unasked, and what MLflow is doing is not the user's business,
# nor that GitPython found no git.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
if not os.environ.get("MLFLOW_TRACKING_SERVER_CERT_PATH"):  # with an empty one, MLflow would trust every server
    os.environ.pop("MLFLOW_TRACKING_SERVER_CERT_PATH", None)
os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
# One that does not answer is asked again by us, and told in a line of ours, without MLflow's four minutes and pages. By
# nobody else: a request whose answer got lost may have begun a run, and another would begin its twin.
os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "0"
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "30")
os.environ.setdefault("MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER", "false")
for name in ("mlflow.store", "urllib3.connectionpool"):
    logging.getLogger(name).setLevel(logging.CRITICAL)
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
