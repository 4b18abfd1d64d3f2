"""MLproject's entry points: a person's own are kept, the models' are written between two marker lines."""

import json
from itertools import dropwhile, takewhile

from .. import utf8
from ..declaration import ROOT, Model, flag, text
from ..errors import BadInput

OPEN, CLOSE = "# >>> written by `make sync`", "# <<<"
SWEEP = """\
  sweep:  # the whole SPACE of one model
    parameters:
      model: {type: string}
    command: "python -m experiment sweep {model}"
"""


def mlproject(models: dict[str, Model | None]) -> str:
    """The whole file with the entry points of these models; all else stays, as does that of a model that is None.

    Raises BadInput where a marker line is missing.
    """
    lines = utf8.read(ROOT / "MLproject").splitlines(keepends=True)
    opening = next((number for number, line in enumerate(lines) if line.strip().startswith(OPEN)), None)
    closing = next((number for number, line in enumerate(lines) if line.strip() == CLOSE), None)
    if opening is None or closing is None or closing < opening:
        raise BadInput(f"MLproject: the lines that begin with {OPEN!r} and {CLOSE!r} are missing; put them back")
    present = lines[opening + 1 : closing]
    points = {name: entry_point(model) if model else kept(name, present) for name, model in models.items()}
    points["sweep"] = SWEEP  # the one entry that is no model's
    return "".join([*lines[: opening + 1], *points.values(), *lines[closing:]])


def entry_point(model: Model) -> str:
    """What `mlflow run -e` and the name of this model start."""
    fields = model.hyperparameters.model_fields
    lines = [f"  {model.name}:  # {model.description}", "    parameters:"]
    for name, field in fields.items():
        numeric = field.annotation in (int, float)
        default = text(field.default) if numeric else json.dumps(text(field.default))
        lines.append(f"      {name}: {{type: {'float' if numeric else 'string'}, default: {default}}}")
    flags = " ".join(f"{flag(name)} {{{name}}}" for name in fields)
    lines.append(f'    command: "python -m experiment train {model.name} {flags}"')
    return "\n".join(lines) + "\n"


def kept(name: str, lines: list[str]) -> str:
    """The entry point of this name as the lines have it; empty where they have none."""
    first, *rest = [*dropwhile(lambda line: not line.startswith(f"  {name}:"), lines)] or [""]
    return "".join([first, *takewhile(lambda line: line.startswith("    "), rest)])
