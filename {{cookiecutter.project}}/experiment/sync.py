"""Write what other files repeat of the hyperparameters, or say where they are stale."""

import json
from itertools import zip_longest

from . import cli
from .declaration import ROOT, Model, flag, load, names, text
from .errors import BadInput, Exit

OPEN, CLOSE = "# >>> written by `make sync`", "# <<<"


def main(argv: list[str]) -> int:
    parser = cli.Parser("sync", __doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 and name the line if one is stale")
    checking = parser.read(argv).check
    wanted = {"MLproject": splice("MLproject", entry_points([load(name) for name in names()]))}
    stale = [file for file, content in wanted.items() if (ROOT / file).read_text() != content]
    for file in stale:
        if checking:
            print(f"{difference(file, wanted[file])}; run `make sync`")
        else:
            (ROOT / file).write_text(wanted[file])
            print(f"{file}: written")
    return Exit.FAILURE if checking and stale else Exit.OK


def entry_points(models: list[Model]) -> str:
    """MLproject's entry points: one for each model, one for the sweep."""
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


def splice(file: str, block: str) -> str:
    """The file with `block` between its two marker lines; all else stays. Raises BadInput where they are missing."""
    lines = (ROOT / file).read_text().splitlines(keepends=True)
    opening = next((number for number, line in enumerate(lines) if line.strip().startswith(OPEN)), None)
    closing = next((number for number, line in enumerate(lines) if line.strip() == CLOSE), None)
    if opening is None or closing is None or closing < opening:
        raise BadInput(f"{file}: the lines that begin with {OPEN!r} and {CLOSE!r} are missing; put them back")
    return "".join([*lines[: opening + 1], block, *lines[closing:]])


def difference(file: str, wanted: str) -> str:
    """The first line of a file that is not as it should be."""
    pairs = zip_longest((ROOT / file).read_text().splitlines(), wanted.splitlines())
    number, (has, wants) = next((n, pair) for n, pair in enumerate(pairs, 1) if pair[0] != pair[1])
    return f"{file}, line {number}: is {(has or '').strip()!r}, should be {(wants or '').strip()!r}"
