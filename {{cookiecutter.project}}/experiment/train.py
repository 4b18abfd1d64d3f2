"""Fit one model and track the run."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from . import cli, upload
from .data import Source
from .declaration import Model, Params, imports
from .formats import metrics


def parse(argv: list[str]) -> Callable[[], None]:
    model = cli.model(argv, "train")
    parser = cli.Parser(f"train {model.name}", model.description)
    parser.add_hyperparameters(model)
    parser.add_data()
    args = parser.read(argv[1:])
    return partial(begin, model, cli.hyperparameters(model, args), Source(args.data, args.target))


def begin(model: Model, params: Params, source: Source) -> None:
    """Train once all is there that takes no fit to know."""
    imports.settle(model.file)
    source.refuse_missing()
    upload.earlier()
    train(model, params, source)


def train(model: Model, params: Params, source: Source) -> str:
    """Fit, evaluate and track one set of hyperparameters; returns the run's id.

    The store is tried before the data is read, and the data before a run is made: what cannot work leaves nothing.
    """
    from .tracking import provenance, store

    opened, clock = store.connect(storing_models=True), Stopwatch()
    opened.refuse_params(params)
    with clock("load"):
        data = model.data(source)
        fitting, judging = model.split(data, params.seed)
        held_back = model.held_back(data, params.seed, judging)

    from .tracking import run

    with run.start(opened, model.name, model.description, provenance.tags(model, data, held_back)) as tracked:
        measured = metrics.Metrics(model.metric, tracked.stream)
        tracked.params(params)
        with clock("describe"):  # its fingerprint takes in every value
            tracked.dataset(data)
            rows = provenance.held_back(judging)  # before a model is asked, which may change its table
        with clock("fit"):
            fitted = model.fit(fitting, params, measured.report)
        with clock("evaluate"):
            judged = measured.judge(model.evaluate(fitted, judging))
        tracked.judge(judged)  # whatever fails from here on, the result of a long fit is known
        said = ", ".join(f"{name} {value:.4g}" for name, value, *_ in judged)
        print(f"{model.name}: {said}\n", end="", flush=True)  # as one piece, since the store's thread tells too
        with clock("log"):
            tracked.model(fitted, judging, model.file, judged)
        with clock("draw"):
            tracked.figures(model.figures(fitted, fitting, judging))
        tracked.tags(clock.tags() | provenance.comparable(model, data, held_back) | rows)
    print(tracked.whereabouts)
    return tracked.id


class Stopwatch:
    """Seconds spent on each part of a run."""

    def __init__(self):
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, part: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[part] = time.perf_counter() - start

    def tags(self) -> dict[str, str]:
        """As tags, not metrics: two runs of the same inputs have the same metrics."""
        return {f"seconds_{part}": f"{seconds:.3f}" for part, seconds in self.seconds.items()}
