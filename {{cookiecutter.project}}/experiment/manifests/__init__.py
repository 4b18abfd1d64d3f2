"""What `make sync` writes: the files that repeat what the models declare, and the Job that all Templates share."""

import re

from .. import utf8
from ..declaration import ROOT, Model, load, names
from ..errors import BadInput
from .mlproject import mlproject
from .running import running, scheduled
from .template import MARK
from .training import training

__all__ = ["files"]

LONGEST = 52  # of a CronJob's name
OF_NO_MODEL = {"openshift/run.yaml": running, "openshift/schedule.yaml": scheduled}


def files() -> tuple[dict[str, str | None], list[BadInput]]:
    """Each such file, by its path in the repository, with the text that it should hold, None if it should not exist;
    and the mistakes of models.

    What a file has of a model that breaks its contract stays as it is. Raises BadInput where MLproject's markers, or
    the project's name, are missing.
    """
    models, mistakes, longest = dict.fromkeys(names()), [], LONGEST - len(f"{project()}-")
    for name in models:
        try:
            refuse_name(name, longest)
            models[name] = load(name)
        except BadInput as error:
            mistakes.append(error)
    wanted: dict[str, str | None] = {"MLproject": mlproject(models)}
    for file, text in templates(models).items():
        if ours(file):
            wanted[file] = text
        elif text is not None:
            mistakes.append(BadInput(f"{file}: `make sync` would write it, but did not make it; rename it"))
    return wanted, mistakes


def project() -> str:
    """What the project is called on OpenShift. Raises BadInput where nothing says so."""
    named = re.search("^NAME=(.+)$", utf8.read(ROOT / "openshift" / "params.env"), re.MULTILINE)
    if not named:
        raise BadInput("openshift/params.env: has no line NAME=<the project's>; put it back")
    return named[1]


def refuse_name(model: str, most: int) -> None:
    """Raise BadInput for a model whose name could not be a label's value, or with the project's a CronJob's name."""
    if len(model) > most or model.endswith("_"):
        raise BadInput(
            f"models/{model}.py: on OpenShift a name has {most} letters at most, and no _ at the end; rename it"
        )


def templates(models: dict[str, Model | None]) -> dict[str, str | None]:
    """All Templates with a Job, None for those of no model. That of a model that is None stays as it is."""
    of_models = {f"openshift/train-{name}.yaml": model for name, model in models.items()}
    there = sorted(f"openshift/{path.name}" for path in (ROOT / "openshift").glob("train-*.yaml"))
    gone = {file: None for file in there if file not in of_models}
    made = {file: training(model) for file, model in of_models.items() if model}
    return {file: make() for file, make in OF_NO_MODEL.items()} | gone | made


def ours(file: str) -> bool:
    """Whether `make sync` may write or remove a Template: there is none, or it says that it was made of this model.

    A person's copy of one says that it was made of another.
    """
    path = ROOT / file
    origin = "experiment/" if file in OF_NO_MODEL else f"models/{path.stem.removeprefix('train-')}.py"
    return not path.exists() or f"{MARK} from {origin}" in utf8.read(path)
