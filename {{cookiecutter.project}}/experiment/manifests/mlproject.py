"""MLproject's entry points: a person's own are kept, the models' are written between two marker lines."""

import json

from ..declaration import ROOT, Model, flag, text
from ..errors import BadInput

OPEN, CLOSE = "# >>> written by `make sync`", "# <<<"


def mlproject(models: list[Model]) -> str:
    """The whole file with the entry points of these models; all else stays.

    Raises BadInput where a marker line is missing.
    """
    lines = (ROOT / "MLproject").read_text().splitlines(keepends=True)
    opening = next((number for number, line in enumerate(lines) if line.strip().startswith(OPEN)), None)
    closing = next((number for number, line in enumerate(lines) if line.strip() == CLOSE), None)
    if opening is None or closing is None or closing < opening:
        raise BadInput(f"MLproject: the lines that begin with {OPEN!r} and {CLOSE!r} are missing; put them back")
    return "".join([*lines[: opening + 1], entry_points(models), *lines[closing:]])


def entry_points(models: list[Model]) -> str:
    """One for each model, one for the sweep."""
    lines = []
    for model in models:
        fields = model.hyperparameters.model_fields
        lines += [f"  {model.name}:  # {model.description}", "    parameters:"]
        for name, field in fields.items():
            numeric = field.annotation in (int, float)
            default = text(field.default) if numeric else json.dumps(text(field.default))
            lines.append(f"      {name}: {{type: {'float' if numeric else 'string'}, default: {default}}}")
        flags = " ".join(f"{flag(name)} {{{name}}}" for name in fields)
        lines += [f'    command: "python -m experiment train {model.name} {flags}"']
    lines += [
        "  sweep:  # the whole SPACE of one model",
        "    parameters:",
        "      model: {type: string}",
        '    command: "python -m experiment sweep {model}"',
    ]
    return "\n".join(lines) + "\n"
