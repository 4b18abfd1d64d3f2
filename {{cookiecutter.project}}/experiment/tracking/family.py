"""A sweep that is in the store already, and the runs under it."""

import fcntl
import os
import tempfile
from functools import partial
from pathlib import Path

import mlflow
from mlflow.entities import Run

from ..errors import BadInput
from .delivery import end
from .store import Store

PARENT = "mlflow.parentRunId"


def sweep(store: Store, run_id: str, file: str) -> tuple[Run, str]:
    """A sweep's own run, and what it keeps in its artifact `file`. Raises BadInput for what is no sweep."""
    client, persist = store.client, store.health.persist
    try:
        run = persist(partial(client.get_run, run_id))
    except BadInput as error:
        raise BadInput(f"--resume {run_id}: {error}") from None
    if "sweep" in run.data.tags:
        try:
            return run, persist(partial(mlflow.artifacts.load_text, f"{run.info.artifact_uri}/{file}"))
        except BadInput as error:
            if not persist(partial(client.list_artifacts, run_id)):  # killed so early that it has no set either
                hold(run_id)
                persist(partial(end, client, run_id, "KILLED"))
            raise BadInput(f"--resume {run_id}: its {file} cannot be read: {error}; begin a new sweep") from None
    kind = f"a set of {parent}" if (parent := run.data.tags.get(PARENT)) else f"a run of {run.info.run_name}"
    raise BadInput(f"--resume {run_id}: is no sweep but {kind}; a sweep says its id as it begins")


def hold(run_id: str) -> None:
    """Keep a sweep to this process until it ends, however it ends, so that no set is tried by two at once.

    Only processes of this machine and user are kept away: elsewhere nobody can know whether this one still lives.
    Raises BadInput when another one has the sweep.
    """
    # A byte of one file for all sweeps: the kernel gives it back, and nothing is left to remove.
    file = os.open(Path(tempfile.gettempdir()) / f"sweeps-{os.getuid()}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, int(run_id, 16) % 2**62)
    except (BlockingIOError, PermissionError):  # systems differ
        raise BadInput(f"--resume {run_id}: another process is at it; wait for its end, or stop it") from None


def close_left_running(store: Store, sweep: Run) -> list[Run]:
    """All runs under a sweep's, oldest first; those that a killed process left RUNNING are ended as KILLED."""
    runs = store.health.persist(partial(under, store, sweep))
    for run in runs:
        if run.info.status == "RUNNING":
            store.health.persist(partial(end, store.client, run.info.run_id, "KILLED"))
    return runs


def under(store: Store, sweep: Run) -> list[Run]:
    """The runs of a sweep's sets, oldest first."""
    found = []
    own, token = f"tags.`{PARENT}` = '{sweep.info.run_id}'", ""
    settings = {"max_results": 1000, "order_by": ["attributes.start_time ASC"]}
    while token is not None:
        page = store.client.search_runs([sweep.info.experiment_id], own, page_token=token or None, **settings)
        found += page
        token = page.token or None
    return found
