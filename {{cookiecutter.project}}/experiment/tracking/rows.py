"""The rows on which models are judged again: those that a run held back, or all of another table."""

import json
from contextlib import suppress
from dataclasses import replace

from mlflow.entities import Dataset, Run
from pandas.util import hash_pandas_object

from ..data import Data, Source
from ..declaration import Model
from ..errors import BadInput
from . import provenance


def dataset(run: Run) -> Dataset:
    return run.inputs.dataset_inputs[0].dataset


def digests(run: Run) -> list[str]:
    """The fingerprints of the data sets that a run has used."""
    return [used.dataset.digest for used in run.inputs.dataset_inputs]


def source(run: Run, moved: str = "") -> Source:
    """Where the table of a run is read again from, unless it has moved."""
    told = json.loads(dataset(run).source)
    return Source(moved or told.get("uri") or told.get("url") or "", run.data.tags.get("target", ""))


def held_back(model: Model, run: Run, moved: str) -> tuple[Data, str]:
    """The rows that a run held back, and that in words. Raises BadInput where they cannot be had any more.

    moved: where the run's table is now, if it is not where the run says.
    """
    name, told, wanted = f"run {run.info.run_id}", dataset(run), source(run, moved)
    try:
        data = read(model, wanted)
    except BadInput as error:
        problem = f"its table {told.name} cannot be read: {error}"
    else:
        problem = f"it was judged on {told.name} ({told.digest[:8]}), and {data.source} is {data.digest[:8]}"
        problem = "" if data.digest == told.digest else problem
    if problem:
        raise BadInput(f"{name}: {problem}; say where its own table is: --data <address>")
    rows, seed = run.data.tags.get("comparable"), run.data.params.get("seed", "")
    if rows and seed.isdecimal():
        seed = int(seed)
        judging = model.split(data, seed)[1]
        split = model.held_back(data, seed, judging)
        own = provenance.held_back(judging)
        known = own | run.data.tags  # runs of before and those of sweeps do not tell the rows themselves
        if (own | provenance.comparable(model, data, split)).items() <= known.items():
            return judging, f"{len(judging.X)} rows of {data.name} ({data.digest[:8]}), split {split}"
    other = f"{model.file} does not hold back the rows that it was judged on ({rows or 'it does not say which'})"
    raise BadInput(f"{name}: {other}; judge it on a table that it has not seen: --on <address>")


def whole(model: Model, run: Run, on: str) -> tuple[Data, str]:
    """All rows of another table than the run's, and that in words; also how many of them look like rows of its own.
    Raises BadInput where what is predicted, or the columns, are others than the run's.
    """
    wanted = Source(on, run.data.tags.get("target", ""), "--on")
    data = read(model, wanted)
    if provenance.target(data) != wanted.target:
        raise BadInput(f"--on {wanted.public}: {provenance.target(data)} is predicted, and {wanted.target} by the run")
    if data.digest in digests(run):
        raise BadInput(f"--on {wanted.public}: is the table that run {run.info.run_id} was fitted on; name another")
    said = [f"all {len(data.X)} rows of {data.name} ({data.digest[:8]})", known(model, run, data)]
    return data, ", ".join(filter(None, said))


def known(model: Model, run: Run, data: Data) -> str:
    """How many rows of a table have the features of a row in the run's own table, in words; empty for none. Another
    fingerprint says little: the same rows have one in each type of number and order, and with one row more.
    Raises BadInput where the columns are not the run's, in their order.
    """
    name = f"run {run.info.run_id[:8]}"
    try:
        own = read(model, source(run)).X
    except BadInput:
        return f"which cannot be held against the table of {name}, as that is not there any more"
    if list(own) != list(data.X):
        columns = ", ".join(map(str, own))[:200]
        raise BadInput(f"{data.name}: {name} was fitted on the columns {columns}; give the same, in this order")
    count = int(hash_pandas_object(data.X, index=False).isin(hash_pandas_object(own, index=False)).sum())
    return f"{count} of them with features that a row in the table of {name} has" if count else ""


def read(model: Model, wanted: Source) -> Data:
    """A table as the model reads it; what is predicted need not be a column, if `load` makes it unasked."""
    try:
        return model.data(wanted)
    except BadInput:
        if wanted.target:
            with suppress(BadInput):
                made = model.data(replace(wanted, target=""))
                if provenance.target(made) == wanted.target:
                    return made
        raise
