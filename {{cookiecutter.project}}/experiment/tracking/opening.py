"""Beginning a run in the store, or going on with one."""

import os
from contextlib import suppress
from functools import partial
from uuid import uuid4

from mlflow import MlflowClient
from mlflow.entities import Run, RunTag

from ..formats import milliseconds
from . import spool
from .delivery import end
from .store import Store

KEY = "idempotency_key"  # a run's tag, by which one is found whose beginning was asked for without an answer
RESUMED = "resumed"  # a run's tag: when a later process went on with it, in milliseconds since 1970


class Beginning:
    """Begins one run, however often it is called; what it is asked for may arrive although the answer gets lost."""

    def __init__(self, client: MlflowClient, experiment_id: str, name: str, tags: dict[str, str]):
        self._client, self._experiment_id, self._key = client, experiment_id, uuid4().hex
        self._settings, self._asked = {"run_name": name, "tags": tags | {KEY: self._key}}, False

    def __call__(self) -> Run:
        if found := self._found():
            return found[0]
        self._asked = True
        return self._client.create_run(self._experiment_id, **self._settings)

    def undo(self) -> None:
        """End as KILLED what may have been begun without an answer that came in time."""
        with suppress(Exception):  # the store is away
            for run in self._found():
                end(self._client, run.info.run_id, "KILLED")

    def _found(self) -> list[Run]:
        query = f"tags.{KEY} = '{self._key}'"
        return self._client.search_runs([self._experiment_id], query, max_results=1) if self._asked else []


def opened(store: Store, name: str, tags: dict[str, str], again: str) -> Run:
    """A new run; or the one of id `again`, or that `mlflow run` made. Raises Away or BadInput where there is none."""
    spool.place()  # what is wrong with it is told before there is a run
    persist = store.health.persist
    if again:
        tags = tags | {RESUMED: str(milliseconds())}
    if existing := again or os.environ.pop("MLFLOW_RUN_ID", ""):
        return persist(partial(reopened, store.client, existing, name, tags))
    own = tags | {"mlflow.source.type": "LOCAL"} | persist(partial(earlier_attempt, store, tags.get("job")))
    beginning = Beginning(store.client, store.experiment_id, name, own)
    try:
        return persist(beginning)
    except BaseException:  # it was stopped, or has waited for too long
        beginning.undo()
        raise


def reopened(client: MlflowClient, run_id: str, name: str, tags: dict[str, str]) -> Run:
    """A run that is there already; one that was FINISHED stays that."""
    client.log_batch(run_id, tags=[RunTag(*pair) for pair in tags.items()])
    if (run := client.get_run(run_id)).info.status != "FINISHED":
        client.update_run(run_id, status="RUNNING", name=name)
    return run


def earlier_attempt(store: Store, job: str | None) -> dict[str, str]:
    """The tags that link this attempt of a Job to the one before; if that was left RUNNING, it is ended as KILLED.

    A Job starts a pod when the one before is gone, which may have had no time to say so.
    """
    query = f"tags.job = '{job}'"
    if not job or not (found := store.client.search_runs([store.experiment_id], query, max_results=1)):
        return {}
    (before,) = found
    if before.info.status == "RUNNING":
        end(store.client, before.info.run_id, "KILLED")
    attempt = int(before.data.tags.get("attempt", 1)) + 1
    return {"attempt": str(attempt), "earlier_attempt": before.info.run_id}
