"""A saved model in the store: MLflow's logged model, made so that a second attempt goes on with the first."""

import math
import tempfile
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import LoggedModel, LoggedModelOutput, LoggedModelStatus, Metric, Run
from mlflow.models import Model

from ..formats import Point
from .record import batches

MODEL = "model"
FORMAT = "model_format"  # a run's tag


def log_model(client: MlflowClient, run_id: str, folder: Path, metrics: list[Point], stored: str) -> None:
    """Store the model that `flavour.save_model` left in a folder as the one that a run has made.

    metrics: those of the run that tell how good the model is, exactly as the run has them. stored: its format, for a
    tag of the run.
    """
    run = client.get_run(run_id)
    model = begun(client, run) or create(client, run)
    client.log_model_artifacts(model.model_id, str(folder))
    with tempfile.TemporaryDirectory() as scratch:  # who it belongs to is known only now, and the folder is not ours
        described = Model.load(str(folder))
        described.run_id, described.model_id, described.model_uuid = run_id, model.model_id, model.model_id
        described.artifact_path = model.artifact_location
        described.save(str(Path(scratch) / "MLmodel"))
        client.log_model_artifacts(model.model_id, scratch)
    metrics = [point for point in metrics if not math.isnan(point[1])]  # MLflow would say 0 of a model, not of a run
    known = {"model_id": model.model_id, "run_id": run_id}
    for values in batches([Metric(*point, **known) for point in metrics]):
        values.write(client, run_id)
    client.finalize_logged_model(model.model_id, LoggedModelStatus.READY)
    if not any(made.model_id == model.model_id for made in run.outputs.model_outputs):
        client.log_outputs(run_id, [LoggedModelOutput(model.model_id, step=0)])
    client.set_tag(run_id, FORMAT, stored)


def begun(client: MlflowClient, run: Run) -> LoggedModel | None:
    """The model that an earlier attempt began to store."""
    found = client.search_logged_models([run.info.experiment_id], f"source_run_id = '{run.info.run_id}'")
    return next(iter(found), None)


def create(client: MlflowClient, run: Run) -> LoggedModel:
    origin = {key: value for key, value in run.data.tags.items() if key.startswith(("mlflow.source.", "mlflow.user"))}
    settings = {"name": MODEL, "source_run_id": run.info.run_id, "tags": origin, "params": run.data.params}
    return client.create_logged_model(run.info.experiment_id, **settings)
