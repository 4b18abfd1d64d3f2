"""Beginning a run in the store, or going on with one."""

import os

import mlflow
from mlflow.entities import Run, RunTag

from .refusal import refusal
from .store import Store


def opened(store: Store, name: str, tags: dict[str, str], again: str) -> Run:
    """A new run; or the one of id `again`, or that `mlflow run` made. Raises BadInput where the store takes none."""
    client, existing = store.client, again or os.environ.pop("MLFLOW_RUN_ID", "")
    try:
        if not existing:
            own = tags | {"mlflow.source.type": "LOCAL"} | earlier_attempt(store, tags.get("job"))
            return client.create_run(store.experiment_id, tags=own, run_name=name)
        client.update_run(existing, status="RUNNING", name=name)
        client.log_batch(existing, tags=[RunTag(*pair) for pair in tags.items()])
        return client.get_run(existing)
    except mlflow.MlflowException as error:
        raise refusal(store.uri, error) from error


def earlier_attempt(store: Store, job: str | None) -> dict[str, str]:
    """The tags that link this attempt of a Job to the one before; if that was left RUNNING, it is ended as KILLED.

    A Job starts a pod when the one before is gone, which may have had no time to say so.
    """
    query = f"tags.job = '{job}'"
    if not job or not (found := store.client.search_runs([store.experiment_id], query, max_results=1)):
        return {}
    (before,) = found
    if before.info.status == "RUNNING":
        store.client.set_terminated(before.info.run_id, "KILLED")
    attempt = int(before.data.tags.get("attempt", 1)) + 1
    return {"attempt": str(attempt), "earlier_attempt": before.info.run_id}
