"""What a model file declares: finding it, its contract, its hyperparameters, their space, the defaults of each task.

`imports` is asked for by who fits, `evaluation` by who predicts, and imports it.
"""

from .find import described, load, names, refuse_unknown
from .hyperparameters import BrokenRule, Params, Range, domain, flag, text, validate
from .model import ROOT, Model
from .space import choices

__all__ = [
    "ROOT",
    "BrokenRule",
    "Model",
    "Params",
    "Range",
    "choices",
    "described",
    "domain",
    "evaluation",
    "flag",
    "imports",
    "load",
    "names",
    "refuse_unknown",
    "text",
    "validate",
]
