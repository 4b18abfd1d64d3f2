"""What `make sync` writes: the files that repeat what the models declare."""

from ..declaration import load, names
from ..errors import BadInput
from .mlproject import mlproject

__all__ = ["files"]


def files() -> tuple[dict[str, str], list[BadInput]]:
    """Each such file, by its path in the repository, with the text that it should hold; and the models' mistakes.

    What a file has of a model that breaks its contract stays as it is. Raises BadInput where the markers are missing.
    """
    models, mistakes = dict.fromkeys(names()), []
    for name in models:
        try:
            models[name] = load(name)
        except BadInput as error:
            mistakes.append(error)
    return {"MLproject": mlproject(models)}, mistakes
