"""What `make sync` writes: the files that repeat what the models declare."""

from ..declaration import load, names
from .mlproject import mlproject

__all__ = ["files"]


def files() -> dict[str, str]:
    """Each such file, by its path in the repository, with the text that it should hold.

    Raises BadInput for a model file that breaks its contract, or a file whose markers are missing.
    """
    models = [load(name) for name in names()]
    return {"MLproject": mlproject(models)}
