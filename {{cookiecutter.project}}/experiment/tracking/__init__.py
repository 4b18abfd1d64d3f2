"""All that is known of MLflow, and where a result comes from; no other part of the program imports MLflow.

`store.connect` opens the store, `run.start` begins a run in it, `children` are those of a sweep's sets and `family`
those of one that is there already, `kept` in the `spool` are those that the store did not take, which `bringing` brings
after all, `scratch` holds what a process needs while it lives, `flavour.save_model` saves what was fitted,
`elsewhere.Reader` loads it where this repository is not, `metrics.Metrics` makes what is measured fit for any store,
`stray` catches what a model tracks by itself, `provenance.tags` says where a result comes from, `ranking` finds the
best. Each is imported when it is asked for: MLflow takes a second.
"""

import logging
import os

__all__ = [
    "bringing",
    "children",
    "elsewhere",
    "family",
    "flavour",
    "kept",
    "metrics",
    "provenance",
    "ranking",
    "run",
    "scratch",
    "spool",
    "store",
    "stray",
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
