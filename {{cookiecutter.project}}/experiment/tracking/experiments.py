"""Which experiment runs go to: MLflow's own variables say, else the project's name."""

import os

import yaml
from mlflow import MlflowClient, MlflowException
from mlflow.entities import Experiment

from .. import utf8
from ..declaration import ROOT
from ..errors import BadInput
from .address import database


def wanted(client: MlflowClient) -> tuple[str, str] | None:
    """Name and id of the experiment that MLFLOW_EXPERIMENT_ID asks for; None when it asks for none.

    Beside MLFLOW_RUN_ID it is what `mlflow run` tells of a run of its own.
    Raises BadInput for one that is not there, or not the one that MLFLOW_EXPERIMENT_NAME asks for.
    """
    asked, name = os.environ.get("MLFLOW_EXPERIMENT_ID"), os.environ.get("MLFLOW_EXPERIMENT_NAME")
    if not asked or os.environ.get("MLFLOW_RUN_ID"):
        return None
    try:
        found = client.get_experiment(asked)
    except MlflowException as error:
        if error.error_code not in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            raise
        raise BadInput(
            f"MLFLOW_EXPERIMENT_ID {asked}: the store has no such experiment; unset it, or name one"
        ) from None
    if name not in (None, "", found.name):
        other = f"is the experiment {found.name}, where MLFLOW_EXPERIMENT_NAME says {name}"
        raise BadInput(f"MLFLOW_EXPERIMENT_ID {asked}: {other}; unset one of them")
    return active(found)


def named(client: MlflowClient, uri: str) -> tuple[str, str]:
    """Name and id of the experiment of MLFLOW_EXPERIMENT_NAME, or of the project.

    It is created when missing, its artifacts beside an sqlite file. Raises BadInput for one that was deleted.
    """
    name = os.environ.get("MLFLOW_EXPERIMENT_NAME") or project()
    if (found := client.get_experiment_by_name(name)) is None:
        file = database(uri)
        try:
            beside = str(file.absolute().parent / "mlartifacts") if file else None
            return name, client.create_experiment(name, beside)
        except MlflowException:  # another client of the same server was faster
            found = client.get_experiment_by_name(name)
            if found is None:
                raise
    return active(found)


def project() -> str:
    """The project's name, from MLproject. Raises BadInput where that has none."""
    try:
        return yaml.safe_load(utf8.read(ROOT / "MLproject"))["name"]
    except (yaml.YAMLError, TypeError, KeyError):
        raise BadInput("MLproject: has no line `name: <the project's>`, or is no YAML; put that right") from None


def active(found: Experiment) -> tuple[str, str]:
    if found.lifecycle_stage != "active":
        restore = f"mlflow experiments restore -x {found.experiment_id}"
        raise BadInput(f"experiment {found.name} was deleted; `{restore}` brings it back")
    return found.name, found.experiment_id
