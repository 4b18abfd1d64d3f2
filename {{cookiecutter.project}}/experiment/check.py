"""Hold every model file to its contract: fit it once, small and untracked, and load what `train` would store."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import cli
from .data import Data, Source, splits
from .declaration import Model, load, names
from .errors import blame

ROWS = 400


def main(argv: list[str]) -> None:
    parser = cli.Parser("check", __doc__)
    parser.add_argument("models", nargs="*", metavar="MODEL", help="default: all")
    for model in check([load(name) for name in parser.read(argv).models or names()]):
        print(f"{model.file}: ok")


def check(models: list[Model]) -> Iterator[Model]:
    """The models, each when it has kept the contract. Raises BadInput for the first that breaks it."""
    from .tracking import elsewhere

    with tempfile.TemporaryDirectory() as folder, elsewhere.Reader() as reader:
        for model in models:
            place, (fitted, judging) = Path(folder) / model.name, fit(model)
            predicted = predict(model, fitted, judging)

            from .tracking import flavour  # after the first model's own libraries, which MLflow makes slow to import

            flavour.save_model(place, fitted, judging.X, model.file)
            reader.ask(place, judging.X, predicted)
        for model in models:
            reader.refuse_other_predictions(model.file)
            yield model


def fit(model: Model) -> tuple[Any, Data]:
    """Fit with the defaults on a few rows, evaluate and draw; returns the fitted model and the rows held back."""
    params = model.hyperparameters()
    data = model.data(Source())
    fitting, judging = model.split(fewer(model, data, params.seed), params.seed)
    fitted = model.fit(fitting, params)
    model.evaluate(fitted, judging)
    model.figures(fitted, fitting, judging)
    return fitted, judging


def predict(model: Model, fitted: Any, judging: Data) -> Any:
    """What the fitted model predicts. Raises BadInput unless that is something for each row."""
    import numpy as np

    with blame(model.file, "predict"):
        predicted = fitted.predict(judging.X)
        if (shape := np.shape(predicted))[:1] != (len(judging.X),):
            raise ValueError(f"predict returns {shape or 'one value'} for {len(judging.X)} rows; let each have its own")
    return predicted


def fewer(model: Model, data: Data, seed: int) -> Data:
    """Some hundred rows in their order, classes in their own shares."""
    if len(data.X) <= ROWS:
        return data
    some = splits.random(data, seed, stratify=model.task == "classification", held_back=ROWS)[1]
    return data.rows(some.X.index.sort_values())
