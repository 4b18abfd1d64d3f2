"""The command line that every verb shares: one line per mistake, and flags made from the hyperparameters."""

import argparse
import os
import re
from collections.abc import Sequence

from .declaration import Model, Params, described, domain, flag, load, names, text, validate
from .errors import BadInput, Exit, aside, nearest

PREFIX = "PARAM_"


class Parser(argparse.ArgumentParser):
    """argparse that refuses in one line, and takes `--n_neighbors` for `--n-neighbors`."""

    def __init__(self, verb: str, description: str):
        super().__init__(
            prog=f"python -m experiment {verb}",
            description=description,
            allow_abbrev=False,  # an abbreviation would change its meaning with the next hyperparameter
        )

    def error(self, message: str):
        raise BadInput(f"{message}; see {self.prog} --help")

    def read(self, argv: Sequence[str]) -> argparse.Namespace:
        """Parse all of argv. Raises BadInput for an unknown flag, naming the nearest."""
        dashed = [re.sub(r"^--[^=]+", lambda name: name[0].replace("_", "-"), word) for word in argv]
        for place in range(len(dashed) - 1, 0, -1):  # argparse takes -1e-3 for a flag
            if re.fullmatch(r"-[\d.]+e[+-]?\d+", dashed[place], re.IGNORECASE) and dashed[place - 1].startswith("--"):
                dashed[place - 1 : place + 1] = ["=".join(dashed[place - 1 : place + 1])]
        bare = {f"{flag}=true": flag for flag, action in self._option_string_actions.items() if action.nargs == 0}
        args, unknown = self.parse_known_args([bare.get(word, word) for word in dashed])  # name=true, as make has it
        if unknown:
            flags = [option for option in self._option_string_actions if option.startswith("--")]
            word = unknown[0].split("=")[0]
            raise BadInput(f"{word}: unknown to {self.prog}; {nearest(word, flags)}")
        return args

    def add_data(self) -> None:
        """--data and --target: what to learn from."""
        group = self.add_argument_group("data")
        group.add_argument("--data", metavar="URI", help="CSV or Parquet: path, https:// or s3:// (default: bundled)")
        group.add_argument("--target", metavar="COLUMN", help="column to predict, or a,b (default: the model's own)")
        group.set_defaults(data="", target="")

    def add_hyperparameters(self, model: Model) -> None:
        """A flag per hyperparameter, taken as text here and checked by `hyperparameters`."""
        group = self.add_argument_group("hyperparameters", "also read from the environment: PARAM_SEED=1")
        for name, field in model.hyperparameters.model_fields.items():
            about = f"{field.description}: {domain(field)} (default: {text(field.default)})".replace("%", "%%")
            group.add_argument(flag(name), dest=name, metavar="VALUE", default=argparse.SUPPRESS, help=about)


def given(model: Model, args: argparse.Namespace) -> dict[str, tuple[str, str]]:
    """The hyperparameters that a person or a Job set: name -> (text, place). A flag wins over the environment.

    Raises BadInput for a PARAM_ variable that is no hyperparameter of the model.
    """
    names = {PREFIX + name.upper(): name for name in model.hyperparameters.model_fields}
    values = {}
    for variable in filter(lambda key: key.startswith(PREFIX), os.environ):
        if variable not in names:
            hint = nearest(variable, list(names))
            raise BadInput(f"{variable} (environment): no hyperparameter of {model.file}; {hint}")
        values[names[variable]] = (os.environ[variable], variable)
    flags = {name: (getattr(args, name), flag(name)) for name in names.values() if getattr(args, name, "")}
    return {name: pair for name, pair in (values | flags).items() if pair[0]}


def hyperparameters(model: Model, args: argparse.Namespace) -> Params:
    """The checked hyperparameters of one fit, from flags, environment and defaults."""
    return validate(model.hyperparameters, given(model, args), model.file)


def model(argv: Sequence[str], verb: str) -> Model:
    """The model that the first word names. Raises BadInput when there is none of that name."""
    if argv[:1] in (["-h"], ["--help"]):
        print(f"usage: python -m experiment {verb} MODEL [options]\n\n{verb} MODEL --help lists the options. Models:")
        print("\n".join(f"  {name:14} {about}" for name, about in described().items()))
        raise SystemExit(Exit.OK)
    if not argv or argv[0].startswith("-"):
        raise BadInput(f"{verb}: name the model first, one of {', '.join(names())}")
    with aside():  # what its file prints is no answer
        return load(argv[0])


def count(word: str, least: int = 1) -> int:
    """A whole number of at least 1, for argparse."""
    number = int(word)
    if number < least:
        raise argparse.ArgumentTypeError(f"{word} must be {least} or more")
    return number


def natural(word: str) -> int:
    """A whole number of at least 0, for argparse."""
    return count(word, least=0)
