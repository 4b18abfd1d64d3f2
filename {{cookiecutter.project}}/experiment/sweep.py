"""Try many sets of hyperparameters on all cores: one parent run, a child run for each set."""

import shlex
import time
from typing import Any

from . import cli
from .data import Data, Source
from .declaration import Model, Params, flag, load, space, text
from .errors import BadInput


def main(argv: list[str]) -> None:
    model = cli.model(argv, "sweep")
    parser = cli.Parser(f"sweep {model.name}", f"Try the SPACE of {model.file}: {model.description}")
    parser.add_argument("--limit", type=cli.count, default=12, help="most sets to try (default: 12)")
    parser.add_argument("--jobs", type=cli.count, default=None, help="processes to use (default: all cores)")
    parser.add_hyperparameters(model)
    parser.add_data()
    args = parser.read(argv[1:])
    fixed = cli.given(model, args)
    sweep(model, space.sets(model, fixed, args.limit), Source(args.data, args.target), args.jobs)


def sweep(model: Model, sets: list[Params], source: Source, jobs: int | None) -> None:
    """Fit every set and track it; a set that fails is a failed child and stops no other. Prints the best."""
    from joblib import Parallel, delayed
    from tqdm import tqdm

    from .tracking import provenance, store

    opened = store.connect()
    opened.refuse_other_texts(sets[0])  # what was given is the same in all
    data = model.data(source)
    model.split(data, sets[0].seed)  # refuses data that no set could be fitted on, before there is a run

    from .tracking import run

    tags = provenance.tags(model, data, sets[0].seed)
    with run.start(opened, f"{model.name} sweep", model.description, tags | {"sweep": f"{len(sets)} sets"}) as parent:
        parent.dataset(data)
        work = Parallel(n_jobs=jobs or -1, return_as="generator_unordered")(
            delayed(attempt)(model.name, params, data) for params in sets
        )
        tried = []
        for params, metrics, problem, seconds in tqdm(work, total=len(sets), unit="set", desc=model.name):
            own = {"seconds_fit": f"{seconds:.3f}", "split": model.held_back(data, params.seed)}
            name = " ".join(f"{name}={value}" for name, value in chosen(model, params).items())
            parent.child(name, params, metrics, tags | own, problem)
            tried.append((params, metrics, problem))
        tried.sort(key=lambda each: sets.index(each[0]))  # the same sweep ranks equals in the same order
        finished = [(params, metrics) for params, metrics, problem in tried if not problem]
        if not finished:
            raise BadInput(f"{model.file}: none of {len(sets)} sets could be fitted; the first said: {tried[0][2]}")
        ranked = sorted(finished, key=lambda pair: pair[1][model.metric], reverse=not model.minimised)
        parent.tags({"best": " ".join(options(model, ranked[0][0]))})
    report(model, ranked, len(tried) - len(finished))
    print(parent.whereabouts)
    again = [*options(model, ranked[0][0]), *source.options]
    print(f"next: python -m experiment train {model.name} {shlex.join(again)}")


def attempt(name: str, params: Params, data: Data) -> tuple[Params, dict[str, float], str, float]:
    """Fit and evaluate one set, in a process of its own: (params, metrics, what went wrong, seconds)."""
    start = time.perf_counter()
    try:
        model = load(name)
        fitting, judging = model.split(data, params.seed)
        metrics, problem = model.evaluate(model.fit(fitting, params), judging), ""
    except Exception as error:  # one set's failure is a result, whatever it is
        metrics, problem = {}, f"{type(error).__name__}: {error}"
    return params, metrics, problem, time.perf_counter() - start


def chosen(model: Model, params: Params) -> dict[str, str]:
    """What makes this set what it is, name -> text: the SPACE, and what else is no default."""
    defaults = model.hyperparameters()
    return {name: text(value) for name, value in params if name in model.space or value != getattr(defaults, name)}


def options(model: Model, params: Params) -> list[str]:
    """What a person types to get this set again."""
    return [f"{flag(name)}={value}" for name, value in chosen(model, params).items()]


def report(model: Model, ranked: list[tuple[Params, dict[str, Any]]], failed: int, top: int = 5) -> None:
    """Print the best sets as a table."""
    print(f"\n{model.metric}, {'lowest' if model.minimised else 'highest'} first:")
    for params, metrics in ranked[:top]:
        print(f"  {metrics[model.metric]:<10.5g} {' '.join(options(model, params))}")
    if failed:
        print(f"{failed} sets failed; their runs say why")
