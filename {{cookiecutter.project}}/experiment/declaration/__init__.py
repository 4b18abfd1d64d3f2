"""What a model file declares: finding it, its contract, its hyperparameters, their space, the defaults of each task.

`space` is imported when it is asked for: only a sweep needs it.
"""

from .find import described, load, names
from .hyperparameters import Params, Range, domain, flag, text, validate
from .model import ROOT, Model

__all__ = [
    "ROOT",
    "Model",
    "Params",
    "Range",
    "described",
    "domain",
    "flag",
    "load",
    "names",
    "space",
    "text",
    "validate",
]
