"""Where runs are kept that the store did not take, until `upload` brings them over: an MLflow store a folder."""

import hashlib
import os
import re
import shutil
from dataclasses import replace
from pathlib import Path

from mlflow import MlflowClient

from .. import utf8
from ..declaration import ROOT
from ..errors import BadInput, Exit, Undelivered
from ..formats import milliseconds
from .delivery import Delivery
from .record import Record
from .refusal import reason

FILE = "mlflow.db"
SUMS = "SHA256SUMS"  # of all files, as `sha256sum -c` reads it
ORIGIN = "begun_as"  # a kept run's tag: its id in the store that did not take it


def place() -> Path:
    """SPOOL_DIR, else a folder of the repository. Raises BadInput for one that cannot be in an sqlite address."""
    found = Path(os.environ.get("SPOOL_DIR") or ROOT / "spool").absolute()
    if strange := re.search(r"\?|%[0-9a-fA-F]{2}", str(found)):
        raise BadInput(f"{found}: a folder with {strange[0]} in its name cannot keep runs; name another: SPOOL_DIR")
    return found


def lasting() -> bool:
    """Whether what is kept is there when this process is gone: in a pod only what is on a claim."""
    return '"persistentVolumeClaim"' in os.environ.get("SPOOL_VOLUME", '"persistentVolumeClaim"')


def keep(experiment: str, records: list[Record]) -> tuple[Path, dict[str, str]]:
    """Write whole runs into a folder of their own; returns it, and what of them cannot be kept, by name, and why.

    The store's file gets its name last, so that what a killed process leaves is taken for no run.
    Raises OSError or MlflowException, leaving nothing.
    """
    if not lasting():
        raise OSError("the Job has no spool_claim, and what is there ends with the pod")
    first, lacking = records[0], {}
    # A set's name has what was given. A sweep that is resumed may have been kept before.
    name = re.sub("[^a-z0-9_]", "-", os.environ.get("JOB_NAME") or first.name)[:63]
    folder = place() / f"{name}-{first.run_id}-{milliseconds()}"
    folder.mkdir(parents=True)
    try:
        client = MlflowClient(f"sqlite:///{folder}/{FILE}.part")
        into = client.create_experiment(experiment, str(folder / "artifacts"))
        for record in records:
            own = {ORIGIN: record.run_id, "mlflow.runName": record.name}  # it may have had another name
            run = client.create_run(into, record.start_time, record.tags | own, record.name)
            delivery = Delivery(replace(record, end=record.end or ("KILLED", milliseconds())), client, run.info.run_id)
            delivery.go_on()
            lacking |= delivery.left_out | delivery.refused
        sums = {**digests(folder / "artifacts", folder), FILE: digest(folder / f"{FILE}.part")}
        utf8.write(folder / SUMS, "".join(f"{found}  {file}\n" for file, found in sums.items()))
        (folder / f"{FILE}.part").rename(folder / FILE)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder, lacking


def damaged(folder: Path) -> set[str]:
    """The files of a kept run that are not as they were when it was kept, or not there."""
    if not (folder / SUMS).exists():  # kept by an earlier version
        return set()
    lines = (folder / SUMS).read_bytes().decode(errors="replace").splitlines()
    known = {file: found for found, _, file in (line.partition("  ") for line in lines)}
    there = digests(folder / "artifacts", folder) | {FILE: digest(folder / FILE)}
    expected = {FILE, *known}  # it is the last of the list, which may be cut off
    return {file for file in expected if there.get(file) != known.get(file)}


def digests(below: Path, folder: Path) -> dict[str, str]:
    """That of each file below a place, by its path in the folder."""
    files = sorted(file for file in below.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): digest(file) for file in files}


def digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def undelivered(problem: str, experiment: str, records: list[Record]) -> Undelivered:
    """Keep runs that the store did not take because of `problem`; what is returned says where they are, if anywhere."""
    try:
        folder, lacking = keep(experiment, records)
    except Exception as error:  # the disk is full, or there is none
        why, fix = reason(error), "make room, or name another place: SPOOL_DIR"
        if isinstance(error, PermissionError) or "Read-only" in str(error):
            why, fix = "it cannot be written", "name a place that can: SPOOL_DIR"
        return Undelivered(f"{problem}; the run cannot be kept in {place()}: {why}; {fix}", Exit.FAILURE)
    what = "the run is" if len(records) == 1 else f"{len(records)} runs are"
    without = "".join(f"; not kept is {name}: {why}" for name, why in lacking.items())
    later = "make upload-job" if os.environ.get("JOB_NAME") else "python -m experiment upload"
    return Undelivered(f"{problem}; {what} kept in {folder}{without}; later: {later}", Exit.SPOOLED)
