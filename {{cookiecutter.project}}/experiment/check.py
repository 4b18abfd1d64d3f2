"""Hold every model file to its contract, and fit it once: small, and untracked."""

from . import cli
from .data import Data, Source
from .declaration import Model, load, names

ROWS = 400


def main(argv: list[str]) -> None:
    parser = cli.Parser("check", __doc__)
    parser.add_argument("models", nargs="*", metavar="MODEL", help="default: all")
    for name in parser.read(argv).models or names():
        check(load(name))
        print(f"models/{name}.py: ok")


def check(model: Model) -> None:
    """Fit with the defaults on a few rows, evaluate and draw. Raises BadInput for what breaks the contract."""
    params = model.hyperparameters()
    data = model.data(Source())
    fitting, judging = model.split(fewer(model, data, params.seed), params.seed)
    fitted = model.fit(fitting, params)
    model.evaluate(fitted, judging)
    model.figures(fitted, fitting, judging)


def fewer(model: Model, data: Data, seed: int) -> Data:
    """Some hundred rows, classes in their own shares."""
    if len(data.X) <= ROWS:
        return data
    return data.split(seed, stratify=model.task == "classification", test_size=ROWS)[1]
