"""All that is known of MLflow: no other part of the program imports it."""

import os

# Before MLflow is imported. No request leaves the machine unasked, and MLflow's progress is not the user's business.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
