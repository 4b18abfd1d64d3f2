"""What the server of `forks.py` has done before it forks: imports, and MLflow's look at what is installed, which it
takes once a process. Nothing here may start a thread of Python or OpenMP, or read of the environment what a test changes.
"""

# ruff: noqa: F401
import alembic.command
import alembic.config
import duckdb
import joblib.externals.loky.process_executor
import matplotlib.backends.backend_agg
import matplotlib.figure
import mlflow
import mlflow.projects.backend.local
import mlflow.pyfunc
import mlflow.sklearn
import mlflow.store.tracking.sqlalchemy_workspace_store
import mlflow.tracing.processor.base_mlflow
import narwhals.stable.v2
import opentelemetry.sdk.metrics
import optuna
import pandas
import pyarrow.pandas_compat
import pydantic
import sklearn.cluster
import sklearn.datasets
import sklearn.linear_model
import sklearn.metrics
import sklearn.model_selection
import sklearn.neighbors
import sklearn.pipeline
import sklearn.preprocessing
import skops.io
import sqlalchemy.dialects.sqlite
import tqdm
from mlflow.utils.requirements_utils import warn_dependency_requirement_mismatches

warn_dependency_requirement_mismatches(["mlflow"])
