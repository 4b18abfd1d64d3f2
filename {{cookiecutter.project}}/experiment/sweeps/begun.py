"""A sweep that is about to begin, or to go on: all that is known before its next set is fitted."""

from dataclasses import dataclass, field
from typing import Any

from ..data import Data, Source
from ..declaration import Model, Params, choices, imports
from ..errors import BadInput, tell
from ..formats import metrics, texts
from ..tracking import provenance, store
from . import strategies
from .plan import FILE, Plan, digest, params_of, refuse_changes
from .results import Results, chosen
from .strategies import Fixed, Listed, Search, Tpe
from .work import Outcome, score_of


@dataclass
class Begun:
    """What a sweep is made of; `results` are those of an earlier process, until there are more.

    code: the model file and what it imports, by their digests. held_back: which rows, in words, as each set's seed is
    the same.
    """

    model: Model
    code: dict[str, str]
    store: store.Store
    source: Source
    data: Data
    held_back: str
    plan: Plan
    search: Search
    results: Results
    order: dict[Params, int] = field(default_factory=dict)  # how early a set comes
    resumed: str = ""  # the id of the sweep to go on with
    stored: set[str] = field(default_factory=set)  # the runs whose model is in the store already

    @property
    def left(self) -> int:
        """How many sets there are to try."""
        return self.plan.limit - len(self.results.rows)

    def named(self, params: Params) -> tuple[str, dict[str, str]]:
        """What the run of a set is called, and the tags of its own."""
        name = " ".join(f"{name}={value}" for name, value in chosen(self.model, params).items())
        return name, {"set": digest(params)} | provenance.comparable(self.model, self.data, self.held_back)

    def place(self, params: Params) -> int:
        return self.order.setdefault(params, len(self.order))


def new(model: Model, fixed: Fixed, strategy: str, limit: int | None, source: Source, models: bool) -> Begun:
    """A new sweep; models: it will store some. Raises BadInput for whatever can be known beforehand."""
    source.refuse_missing()
    code = imports.settle(model.file)
    if strategy == "tpe":
        sets, limit = [], limit or strategies.SETS
        search = Tpe(model, fixed, {}, [], limit)
    else:
        sets = strategies.sets(model, strategy, fixed, limit)
        search, limit = Listed(sets), len(sets)
    opened = store.connect(storing_models=models)
    opened.refuse_params(strategies.base(model, fixed))  # what was given is the same in all
    texts.refuse_long(choices(model.space))
    data = model.data(source)
    held_back = rows(model, data, fixed)  # before there is a run
    plan = Plan.of(model, code, fixed, strategy, limit, sets, data, source)
    begun = Begun(model, code, opened, source, data, held_back, plan, search, Results(model))
    for params in sets:
        begun.place(params)
    return begun


def again(model: Model, run_id: str, given: Source, force: bool, models: bool) -> Begun:
    """A sweep of before, with the sets that it has not finished; runs that were left RUNNING are ended as KILLED.

    given: replaces what the sweep began with, as its address was kept without what is secret in it.
    Raises BadInput for what is no sweep of the model, for one that still runs and, unless forced, for other changes.
    """
    given.refuse_missing()
    code, opened = imports.settle(model.file), store.connect(storing_models=models)
    from ..tracking import family

    run, kept = family.sweep(opened, run_id, FILE)
    plan = Plan.read(kept)
    if plan.model != model.name:
        raise BadInput(f"--resume {run_id}: is a sweep of {plan.model}, not of {model.name}")
    source = Source(given.uri or plan.uri, given.target or plan.target)
    data, fixed = read(model, source, "" if given.uri else run_id), plan.given()
    if not force:
        refuse_changes(plan, Plan.of(model, code, fixed, plan.strategy, plan.limit, [], data, source), run_id)
    held_back, results = rows(model, data, fixed), Results(model)
    begun = Begun(model, code, opened, source, data, held_back, plan, Listed([]), results, resumed=run_id)
    for params in (sets := plan.params(model)):
        begun.place(params)
    family.hold(run_id)  # before the runs of another process would be ended
    runs = [child for child in family.close_left_running(opened, run) if child.data.params]
    finished: dict[Params, Any] = {}
    for child in runs:
        begun.place(params := params_of(model, child.data.params))
        if child.info.status == "FINISHED" and metrics.judged(child, model.metric):
            finished.setdefault(params, child)  # once, should two processes have tried the same
    recall(begun, finished)
    missing = [params for params in sets or begun.order if params not in finished]
    done = {params: child.data.metrics[model.metric] for params, child in finished.items()}
    begun.search = Tpe(model, fixed, done, missing, begun.left) if plan.strategy == "tpe" else Listed(missing)
    return begun


def read(model: Model, source: Source, resumed: str) -> Data:
    """The data. Raises BadInput when it cannot be read; resumed: the sweep that says where it is."""
    try:
        return model.data(source)
    except BadInput as error:
        if not (resumed and source.uri):
            raise
        raise BadInput(f"--resume {resumed}: {error}; say where that is, seen from here, by --data") from None


def rows(model: Model, data: Data, fixed: Fixed) -> str:
    """Those that every set is judged on, in words. Raises BadInput for data that no set could be fitted on."""
    seed = strategies.base(model, fixed).seed
    return model.held_back(data, seed, model.split(data, seed)[1])


def recall(begun: Begun, finished: dict[Params, Any]) -> None:
    """Put what an earlier process finished among the results; says so when other rows judged it, which is forced."""
    others, same = 0, provenance.comparable(begun.model, begun.data, begun.held_back)
    for params, child in finished.items():
        score = score_of(begun.model, child.data.metrics, begun.place(params))
        judged = metrics.judged(child, begun.model.metric)
        begun.results.add(child.info.run_id, Outcome(params, judged=judged, score=score, ended=child.info.end_time))
        if "model_format" in child.data.tags:
            begun.stored.add(child.info.run_id)
        others += not same.items() <= child.data.tags.items()
    if others:
        tell(f"{others} of the finished sets were judged on other rows, and are ranked among the rest", "note")
