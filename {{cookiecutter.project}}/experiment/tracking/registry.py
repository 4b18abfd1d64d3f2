"""The registered model of a model file, `<project>-<model>`: its versions, and which of them is the champion."""

import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import mlflow
from mlflow import MlflowException
from mlflow.entities import Run
from mlflow.entities.model_registry import ModelVersion

from ..errors import BadInput
from .experiments import project
from .provenance import now
from .refusal import found
from .store import Store

CHAMPION = "champion"  # the alias
# A version's tags: the champion that it replaced, the one that was given up for it, when it was given up itself, and
# since when it is the champion, or was it last
BEFORE, AFTER, ROLLED_BACK, SINCE = "champion_before", "champion_after", "rolled_back", "champion_since"


class Registry:
    """What the store has registered of one model. All of it raises Away when the store does not answer."""

    def __init__(self, store: Store, model: str):
        self.name, self.model, self._store, self._client = f"{project()}-{model}", model, store, store.client

    def champion(self) -> ModelVersion | None:
        """The version that has the alias; None before the first promotion."""
        return self.version(number) if (number := self._number()) else None

    def reigning(self) -> ModelVersion:
        """The same. Raises BadInput where there is none."""
        if (champion := self.champion()) is None:
            raise BadInput(f"{self.name}: has no champion; make promote MODEL={self.model} finds one")
        return champion

    def version(self, number: str | int) -> ModelVersion | None:
        """None where there is none of this number any more."""
        return self._ask(self._client.get_model_version, self.name, str(number))

    def history(self, champion: ModelVersion | None) -> list[ModelVersion]:
        """The versions that are or were the champion, newest first."""
        every = self._ask(self._client.search_model_versions, f"name = '{self.name}'")
        was = [each for each in every if SINCE in each.tags or (champion and each.version == champion.version)]
        return sorted(was, key=lambda each: int(each.version), reverse=True)

    def given_up(self, champion: ModelVersion | None) -> list[Run]:
        """The runs that were given up by rollback for this champion, or one before; also by one that was killed."""
        own, after = (champion.run_id, champion.tags.get(AFTER)) if champion else (None, None)
        left = [each for each in self.history(champion) if ROLLED_BACK in each.tags or str(each.version) == after]
        return [run for each in left if each.run_id != own and (run := self.run(each.run_id))]

    def register(self, run: Run, tags: dict[str, str]) -> ModelVersion:
        """A version of the run's stored model; the one that an earlier attempt made in place of the same champion."""
        return self._ask(self._registered, run, tags)

    def crown(self, version: ModelVersion, before: ModelVersion | None) -> bool:
        """Make it the champion, unless another than `before` is that by now; returns whether it is.

        MLflow has no compare-and-set: whoever sets the alias in the moment between is seen afterwards, or sees this.
        """
        if self._number() != (before and str(before.version)):
            return False
        self._ask(self._client.set_registered_model_alias, self.name, CHAMPION, str(version.version))
        self._ask(self._client.delete_model_version_tag, self.name, str(version.version), ROLLED_BACK)
        self.mark(version, SINCE, now())
        return self._number() == str(version.version)

    def mark(self, version: ModelVersion, key: str, value: str) -> None:
        self._ask(self._client.set_model_version_tag, self.name, str(version.version), key, value)

    def run(self, run_id: str | None) -> Run | None:
        """None where there is no such run any more."""
        return self._ask(self._client.get_run, run_id) if run_id else None

    def is_ours(self, run: Run | None) -> bool:
        """Whether it is a run of this project: in its experiment, or in Default, where `mlflow run` tracks, as ours."""
        if run and run.info.experiment_id == "0":
            return run.data.tags.get("model") == self.model and "comparable" in run.data.tags
        return run is not None and run.info.experiment_id == self._store.experiment_id

    def maker(self, version: ModelVersion) -> tuple[str, Run | None]:
        """Where a version's files are, and the run that made them, if it is known."""
        if (model_id := version.source.removeprefix("models:/")).startswith("m-"):
            return self.stored(model_id)
        return self._ask(self._client.get_model_version_download_uri, self.name, str(version.version)), None

    def stored(self, model_id: str) -> tuple[str, Run | None]:
        """Where a stored model's files are, and the run that says it made them; empty where it is no more."""
        if (model := self._ask(self._client.get_logged_model, model_id)) is None:
            return "", None
        run = self.run(model.source_run_id)
        made = run is not None and model_id in [output.model_id for output in run.outputs.model_outputs]
        return model.artifact_location, run if made else None

    def fetch(self, place: str, folder: Path) -> Path:
        """Copy a stored model into a new folder in this one. Raises BadInput where it is no more."""
        copied = partial(mlflow.artifacts.download_artifacts, artifact_uri=place, dst_path=tempfile.mkdtemp(dir=folder))
        try:
            return Path(self._store.health.persist(copied))
        except BadInput as error:
            raise BadInput(f"its stored model is not to be had from {place}") from error

    def leave(self, run: Run, text: str, figure: Any) -> None:
        """Keep a comparison among the files of a run."""
        self._ask(self._client.log_text, run.info.run_id, text, "promotion/comparison.md")
        self._ask(self._client.log_figure, run.info.run_id, figure, "promotion/comparison.png")

    def _ask(self, ask: Callable, *words) -> Any:
        """What the store answers; None for what is not there."""
        return self._store.health.persist(partial(found, ask, *words))

    def _number(self) -> str | None:
        """The champion's."""
        model = self._ask(self._client.get_registered_model, self.name)
        return str(model.aliases[CHAMPION]) if model and CHAMPION in model.aliases else None

    def _registered(self, run: Run, tags: dict[str, str]) -> ModelVersion:
        model_id = run.outputs.model_outputs[0].model_id
        own, source = f"name = '{self.name}' and run_id = '{run.info.run_id}'", f"models:/{model_id}"
        for known in self._client.search_model_versions(own):
            begun = known.source == source and known.tags.get(BEFORE) == tags.get(BEFORE)
            if begun and SINCE not in known.tags:
                for key in known.tags.keys() - tags.keys():
                    self._client.delete_model_version_tag(self.name, str(known.version), key)
                for pair in tags.items():
                    self._client.set_model_version_tag(self.name, str(known.version), *pair)
                return known
        with suppress(MlflowException):  # it is there; what else may be the matter is said by the next request
            self._client.create_registered_model(self.name)
        place = {"source": source, "run_id": run.info.run_id, "model_id": model_id}
        return self._client.create_model_version(self.name, **place, tags=tags)
