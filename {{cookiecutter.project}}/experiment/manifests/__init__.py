"""What `make sync` writes: the files that repeat what the models declare, and the Job that all Templates share."""

from ..declaration import ROOT, Model, load, names
from ..errors import BadInput
from .mlproject import mlproject
from .retraining import retraining
from .template import MARK
from .training import training

__all__ = ["files"]


def files() -> tuple[dict[str, str | None], list[BadInput]]:
    """Each such file, by its path in the repository, with the text that it should hold, None if it should not exist;
    and the mistakes of models.

    What a file has of a model that breaks its contract stays as it is. Raises BadInput where MLproject's markers are
    missing.
    """
    models, mistakes = dict.fromkeys(names()), []
    for name in models:
        try:
            models[name] = load(name)
        except BadInput as error:
            mistakes.append(error)
    wanted = {"MLproject": mlproject(models), "openshift/retrain.yaml": retraining()} | templates(models)
    foreign = [file for file in wanted if file.startswith("openshift/") and not ours(file)]
    mistakes += [BadInput(f"{file}: `make sync` would write it, but did not make it; rename it") for file in foreign]
    return {file: text for file, text in wanted.items() if file not in foreign}, mistakes


def templates(models: dict[str, Model | None]) -> dict[str, str | None]:
    """The models' Templates; None for one whose model is gone. That of a model that is None stays."""
    made = [str(path.relative_to(ROOT)) for path in sorted((ROOT / "openshift").glob("train-*.yaml"))]
    kept = {f"openshift/train-{name}.yaml" for name, model in models.items() if model is None}
    gone = {file: None for file in made if file not in kept and ours(file)}
    return gone | {f"openshift/train-{name}.yaml": training(model) for name, model in models.items() if model}


def ours(file: str) -> bool:
    """Whether `make sync` may write this file: nobody else has made one of its name."""
    path = ROOT / file
    return not path.exists() or MARK in path.read_text()
