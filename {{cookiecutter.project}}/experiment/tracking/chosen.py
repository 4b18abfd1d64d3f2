"""The stored model that a person has chosen to use, and a copy of it that may be loaded."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mlflow.entities import Run

from ..errors import BadInput, tell
from ..formats import loading
from .candidates import foreign, named
from .provenance import now
from .registry import Registry


@dataclass(frozen=True)
class Chosen:
    """run: the one whose model it is, as far as it is known; version: of the registered model, empty without one.

    place, maker: where its files are, and the run that says it made them.
    """

    registry: Registry
    version: str
    run: Run | None
    place: str
    maker: Run | None

    @property
    def name(self) -> str:
        return f"version {self.version} of {self.registry.name}" if self.version else f"run {self.run.info.run_id}"

    @property
    def notes(self) -> dict[str, str]:
        """What is known of where it comes from, and the time; what is not known is left out."""
        tags = self.run.data.tags if self.run else {}
        known = {
            "model": self.registry.name,
            "version": self.version,
            "run": self.run and self.run.info.run_id,
            "commit": tags.get("mlflow.source.git.commit"),
            "git_dirty": tags.get("git_dirty"),
            "created_at": now(),
        }
        return {name: value for name, value in known.items() if value}


def chosen(registry: Registry, run_id: str, version: str) -> Chosen:
    """The model of a run, or of a version, or the champion. Raises BadInput where there is none."""
    if run_id:
        run = named(registry, run_id, partial(unusable, registry.model))
        return Chosen(registry, "", run, *registry.stored(run.outputs.model_outputs[0].model_id))
    known = registry.version(version) if version.isdecimal() else None if version else registry.reigning()
    if known is None:
        fix = f"make champion MODEL={registry.model} lists those that were the champion"
        raise BadInput(f"--version {version}: {registry.name} has none of this number, or none any more; {fix}")
    return Chosen(registry, str(known.version), registry.run(known.run_id), *registry.maker(known))


def unusable(model: str, run: Run | None) -> str:
    """Why a run's model cannot be used; empty where it can."""
    return foreign(model, run) or ("" if run.outputs.model_outputs else "its model was not stored")


def fetched(registry: Registry, place: str, maker: Run | None, folder: Path, trusting: bool) -> Path:
    """A copy of a stored model, in a folder, that may be loaded: it runs no code, or that of a run of this project.

    trusting: any may. Raises BadInput where it is gone, or may not be.
    """
    if not place:
        raise BadInput("its stored model is gone")
    copy = registry.fetch(place, folder)
    if not (trusting or registry.is_ours(maker) or loading.harmless(copy)):
        raise BadInput("to load it may run code, and no run of this project made it; --allow-pickle loads it")
    return copy


def tell_others(others: list[str], name: str) -> None:
    """Say that a model's own code is other than today's, if it is."""
    if others:
        code = f"{others[0]} and {len(others) - 1} more files" if len(others) > 1 else others[0]
        tell(f"{name} predicts by its own code, and not by today's, which is another: {code}", "note")
