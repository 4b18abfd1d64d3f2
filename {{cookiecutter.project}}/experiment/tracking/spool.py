"""Where runs are kept that the store did not take, until `upload` brings them over: an MLflow store a folder."""

import os
import shutil
from pathlib import Path

from mlflow import MlflowClient

from ..declaration import ROOT
from ..errors import Exit, Undelivered
from .metrics import milliseconds
from .record import Delivery, Record
from .refusal import reason

FILE = "mlflow.db"
ORIGIN = "begun_as"  # a kept run's tag: its id in the store that did not take it


def place() -> Path:
    """SPOOL_DIR, else a folder of the repository."""
    return Path(os.environ.get("SPOOL_DIR") or ROOT / "spool").absolute()


def keep(experiment: str, records: list[Record]) -> Path:
    """Write whole runs into a folder of their own; returns it. Raises OSError or MlflowException, leaving nothing.

    The store's file gets its name last, so that what a killed process leaves is taken for no run.
    """
    if os.environ.get("SPOOL_CLAIM") == "null":
        raise OSError("the Job has no SPOOL_CLAIM, and what is there ends with the pod")
    # A sweep that is resumed may have been kept before.
    folder = place() / f"{records[0].name.replace(' ', '-')}-{records[0].run_id}-{milliseconds()}"
    folder.mkdir(parents=True)
    try:
        client = MlflowClient(f"sqlite:///{folder}/{FILE}.part")
        into = client.create_experiment(experiment, str(folder / "artifacts"))
        for record in records:
            tags = record.tags | {ORIGIN: record.run_id}
            run = client.create_run(into, record.start_time, tags, record.name)
            Delivery(record, client, run.info.run_id).go_on()
        (folder / f"{FILE}.part").rename(folder / FILE)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder


def undelivered(problem: str, experiment: str, records: list[Record]) -> Undelivered:
    """Keep runs that the store did not take because of `problem`; what is returned says where they are, if anywhere."""
    try:
        folder = keep(experiment, records)
    except Exception as error:  # the disk is full, or there is none
        fix = "make room, or name another place: SPOOL_DIR"
        return Undelivered(f"{problem}; the run cannot be kept in {place()}: {reason(error)}; {fix}", Exit.FAILURE)
    what = "the run is" if len(records) == 1 else f"{len(records)} runs are"
    return Undelivered(f"{problem}; {what} kept in {folder}; later: python -m experiment upload", Exit.SPOOLED)
