"""A training to damage: started, held in the middle of its fit, let go; and what is found of it afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow.entities import Run

from ..forks import Fork, forked

OURS = ("fitting", "steady: ", "run ", "note: ", "error: ", "stopped by signal ", "to go on: ")
# Of a run of steady.py: what differs from one run to the next
OWN = ("seconds_", "mlflow.runName", "begun_as", "idempotency_key", "mlflow.user")


@dataclass
class Ended:
    """code: the exit code. lines: what was on the screen after the fit's middle."""

    code: int
    lines: list[str]


@dataclass
class Place:
    """A project, a folder for what a test leaves, the address that a training is given and the one of what is well."""

    project: Path
    folder: Path
    address: str
    store: str
    patience: str = "1"

    @property
    def env(self) -> dict[str, str]:
        own = {"MLFLOW_EXPERIMENT_NAME": self.folder.name, "SPOOL_DIR": str(self.folder / "spool")}
        return own | {"MLFLOW_TRACKING_URI": self.address, "SPOOL_AFTER": self.patience}

    @contextmanager
    def training(self, *words: str, **env: str) -> Iterator["Training"]:
        """A training that is in the middle of its fit, and stays there until it is let go."""
        with self.started(*words, **env) as training:
            training.reach_the_middle()
            yield training

    @contextmanager
    def started(self, *words: str, **env: str) -> Iterator["Training"]:
        holds = {name: self.folder / name for name in ("HOLD", "LAST")}
        for file in holds.values():
            file.touch()
        own = self.env | {name: str(file) for name, file in holds.items()} | env
        with forked("-m", "experiment", "train", "steady", *words, cwd=self.project, env=own) as process:
            yield Training(process, *holds.values())

    def upload(self, leave: bool = False) -> str:
        """What `upload` prints, to the address that is well; in this process, as MLflow's import takes seconds."""
        from experiment.upload import upload

        with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()) as said:
            for name, value in (self.env | {"MLFLOW_TRACKING_URI": self.store}).items():
                patch.setenv(name, value)
            upload(leave)
        mlflow.set_tracking_uri(None)
        return said.getvalue()

    def spooled(self) -> list[Path]:
        return sorted(folder.parent for folder in (self.folder / "spool").glob("*/mlflow.db"))

    def runs(self, store: str = "") -> list[Run]:
        client = mlflow.MlflowClient(store or self.store)
        found = client.get_experiment_by_name(self.folder.name)
        return client.search_runs([found.experiment_id]) if found else []


@dataclass
class Training:
    """hold, last: the fit stays in its middle, and then at its end, as long as these files are there."""

    process: Fork
    hold: Path
    last: Path
    said: list[str] = field(default_factory=list)

    def reach_the_middle(self) -> None:
        assert self.process.stdout.readline() == "fitting\n"

    def line(self) -> str:
        """The next one on the screen; an empty one when the program has ended."""
        self.said.append(self.process.stdout.readline().rstrip("\n"))
        return self.said[-1]

    def reach_trouble(self) -> None:
        """Let the fit come to its end and stay there until it is told that the store does not take its metrics."""
        self.hold.unlink()
        assert self.line().startswith("note: tracking store"), self.said

    def release(self) -> None:
        """Let the fit end."""
        self.hold.unlink(missing_ok=True)
        self.last.unlink()

    def let_go(self) -> Ended:
        """Let the fit end, and wait for the program to."""
        self.release()
        return self.end()

    def end(self) -> Ended:
        said = self.process.communicate()
        ended = Ended(self.process.returncode, [*self.said, *said.splitlines()])
        assert all(line.startswith(OURS) and len(line) < 500 for line in ended.lines), said
        return ended


def content(store: str, run: Run) -> dict:
    """All that a run holds, but for what two runs cannot have in common: ids, moments and seconds."""
    client = mlflow.MlflowClient(store)
    points = {name: client.get_metric_history(run.info.run_id, name) for name in run.data.metrics}
    (model,) = run.outputs.model_outputs
    logged = client.get_logged_model(model.model_id)
    mlflow.set_tracking_uri(store)
    loaded = mlflow.pyfunc.load_model(f"models:/{model.model_id}")
    mlflow.set_tracking_uri(None)
    table = pd.DataFrame(np.eye(10), columns=loaded.metadata.get_input_schema().input_names())
    files = {file.path for file in client.list_artifacts(run.info.run_id)}
    return {
        "status": run.info.status,
        "params": run.data.params,
        "metrics": {name: [(point.step, point.value) for point in history] for name, history in points.items()},
        "tags": {key: value for key, value in run.data.tags.items() if not key.startswith(OWN)},
        "datasets": [
            (each.dataset.name, each.dataset.digest, each.dataset.schema) for each in run.inputs.dataset_inputs
        ],
        "files": {file: Path(client.download_artifacts(run.info.run_id, file)).read_bytes() for file in files},
        "model": (logged.status, logged.name, {metric.key: metric.value for metric in logged.metrics}),
        "predictions": loaded.predict(table).tolist(),
    }


def moments(store: str, run: Run) -> dict:
    """When a run was begun and ended, and each of its metrics reported."""
    client = mlflow.MlflowClient(store)
    points = {name: client.get_metric_history(run.info.run_id, name) for name in run.data.metrics}
    times = {name: [point.timestamp for point in history] for name, history in points.items()}
    return times | {"": (run.info.start_time, run.info.end_time)}
