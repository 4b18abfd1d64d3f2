"""Hold every model file to its contract: fit it once, small and untracked, and load what `train` would store."""

import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from . import cli
from .data import Data, Source, splits
from .declaration import Model, choices, load, names, refuse_unknown, text
from .errors import BadInput, blame, tell

ROWS = 400


def parse(argv: list[str]) -> Callable[[], None]:
    parser = cli.Parser("check", __doc__)
    parser.add_argument("models", nargs="*", metavar="MODEL", help="default: all")
    chosen = parser.read(argv).models
    for name in chosen:
        refuse_unknown(name)
    return partial(report, chosen or names())


def report(chosen: list[str]) -> None:
    for model in check(chosen):
        print(f"{model.file}: ok")


def check(chosen: list[str]) -> Iterator[Model]:
    """The models of these names, each when it has kept the contract. Raises BadInput for the first that breaks it."""
    from .formats import elsewhere, stray, texts

    with tempfile.TemporaryDirectory() as folder, elsewhere.Reader() as reader, stray.caught(Path(folder)) as caught:
        models = [load(name) for name in chosen]
        for model in models:
            place, (fitted, judging) = Path(folder) / model.name, fit(model)
            predicted = predict(model, fitted, judging)
            stray.refuse(caught, model.file)

            from .formats import flavour  # after the first model's own libraries, which MLflow makes slow to import

            told = {f"default of {name}": text(value) for name, value in model.hyperparameters()} | choices(model.space)
            texts.refuse_long({f"{model.file}, {place}": value for place, value in told.items()})
            flavour.save_model(place, fitted, judging, model.file)
            reader.ask(place, judging.X, predicted)
        for model in models:
            reader.refuse_other_predictions(model.file)
            yield model


def fit(model: Model) -> tuple[Any, Data]:
    """Fit with the defaults on a few rows, evaluate and draw; returns the fitted model and the rows held back.

    Raises BadInput when a store would hold other metrics than are given, or the same rows are not held back twice.
    """
    from .data import known
    from .formats import metrics

    params, data = model.hyperparameters(), model.data(Source())
    if made := known.Known.of(data).made:
        tell(f"{model.file}: load makes or changes {made}: predict calls no load; let the model do it", "note")
    few = fewer(model, data, params.seed)
    (fitting, judging), (_, again) = model.split(few, params.seed), model.split(few, params.seed)
    if model.held_back(few, params.seed, judging) != model.held_back(few, params.seed, again):
        raise BadInput(f"{model.file}: split gives other rows each time; let it depend on data and seed alone")
    doubts: list[str] = []

    def refuse(doubt: str) -> None:
        doubts.append(doubt)
        raise ValueError(doubt)

    measured = metrics.Metrics(model.metric, doubt=refuse)
    fitted = model.fit(fitting, params, measured.report)
    with blame(model.file, "evaluate"):
        judged = measured.judge(model.evaluate(fitted, judging))
    model.unmet({name: value for name, value, *_ in judged})  # refuses what is not among it
    if doubts:  # where the fit went on all the same
        raise BadInput(f"{model.file}: {doubts[0]}")
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
