"""Runs that are kept in the spool, read as they can be written again."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from filelock import FileLock, Timeout
from mlflow import MlflowClient
from mlflow.entities import DatasetInput, Param, Run, RunTag

from ..errors import Away, BadInput, tell
from ..formats import Point
from .dataset import DATASET
from .health import patience
from .record import Part, Record, batches
from .refusal import passing, reason
from .spool import FILE, ORIGIN, damaged, place
from .stored_model import FORMAT, MODEL, log_model

GONE = ".gone"  # the ending of a folder that is being removed


def folders(job: str = "") -> list[Path]:
    """The folders that hold kept runs; those of one Job, if it is named."""
    found = sorted(file.parent for file in place().glob(f"*/{FILE}") if file.parent.suffix != GONE)
    return [each for each in found if not job or re.fullmatch(rf"{re.escape(job)}-[0-9a-f]{{32}}-\d+", each.name)]


@contextmanager
def alone() -> Iterator[None]:
    """Keep others from bringing what is kept meanwhile. Raises Away while another process of any machine is at it."""
    lock = FileLock(place() / ".upload.lock")
    try:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            tell(f"{place()}: another upload is at it; it is waited for", "note")
            lock.acquire(timeout=patience())
    except Timeout:
        raise Away(f"{place()}: another upload is at it") from None
    except OSError as error:
        raise BadInput(f"{place()}: cannot be written ({error.strerror}), so nothing is brought from there") from None
    with lock:
        for gone in place().glob(f"*{GONE}"):
            shutil.rmtree(gone, ignore_errors=True)
        yield


def remove(folder: Path) -> None:
    """Remove a folder of kept runs; when that is cut short, what is left of it is taken for no run."""
    shutil.rmtree(folder.rename(f"{folder}{GONE}"), ignore_errors=True)


def read(folder: Path) -> list[Record]:
    """The runs in a folder, oldest first; the folder may have been moved. Raises BadInput for one that is damaged."""
    try:
        if FILE in (bad := damaged(folder)):
            fix = "figures and models are in its artifacts/; if `mlflow db upgrade` did that, remove its SHA256SUMS"
            raise BadInput(f"{folder}: its {FILE} is not as it was kept; {fix}")
        client, found = MlflowClient(f"sqlite:///{folder}/{FILE}"), []
        for experiment in client.search_experiments():
            found += client.search_runs([experiment.experiment_id], order_by=["attributes.start_time ASC"])
        if not found:
            raise BadInput(f"{folder}: its {FILE} holds no run")
        return [record(client, run, folder, bad) for run in found]
    except BadInput:
        raise
    except Exception as error:  # whatever a damaged one leads to
        raise (Away if passing(error) else BadInput)(f"{folder}: {reason(error)}") from error


def record(client: MlflowClient, run: Run, folder: Path, bad: set[str]) -> Record:
    """A kept run as it can be written again; bad: files that are not as they were."""
    kept, tags = run.info.run_id, dict(run.data.tags)
    made = Record(tags.pop(ORIGIN), run.info.run_name, run.info.start_time, tags)
    made.end, stored = (run.info.status, run.info.end_time), tags.pop(FORMAT, "")
    for name in run.data.metrics:
        made.metrics += [point(each) for each in client.get_metric_history(kept, name)]
    params, texts = [Param(*pair) for pair in run.data.params.items()], [RunTag(*pair) for pair in tags.items()]
    made.parts += batches(params=params, tags=texts)
    if run.inputs.dataset_inputs:
        inputs = [DatasetInput(each.dataset, each.tags) for each in run.inputs.dataset_inputs]
        made.parts.append(Part(DATASET, partial(MlflowClient.log_inputs, datasets=inputs)))
    files = {file.name: file for file in (folder / "artifacts" / kept / "artifacts").glob("*")}
    broken = {Path(file).name for file in bad if file.startswith(f"artifacts/{kept}/")}
    made.lost = dict.fromkeys(broken, "its file is gone, or not as it was")
    for name in sorted(files.keys() - broken):
        made.parts.append(Part(name, partial(MlflowClient.log_artifact, local_path=str(files[name]))))
    for output in run.outputs.model_outputs:
        model = client.get_logged_model(output.model_id)
        at, judged = folder / "artifacts" / "models" / model.model_id, [point(each) for each in model.metrics]
        if any(file.startswith(f"{at.relative_to(folder)}/") for file in bad) or not at.exists():
            made.lost[MODEL] = "its files are gone, or not as they were"
        else:
            made.parts.append(Part(MODEL, partial(log_model, folder=at / "artifacts", metrics=judged, stored=stored)))
    return made


def point(metric) -> Point:
    return metric.key, metric.value, metric.timestamp, metric.step
