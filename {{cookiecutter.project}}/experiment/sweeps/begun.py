"""A sweep that is about to begin, or to go on: all that is known before its next set is fitted."""

from dataclasses import dataclass, field
from typing import Any

from ..data import Data, Source
from ..declaration import Model, Params
from ..errors import BadInput, tell
from ..tracking import provenance, store
from . import strategies
from .plan import FILE, Plan, digest, params_of, refuse_changes
from .results import Results, chosen
from .strategies import Fixed, Listed, Search, Tpe
from .work import Outcome, score_of


@dataclass
class Begun:
    """What a sweep is made of; `results` are those of an earlier process, until there are more."""

    model: Model
    store: store.Store
    source: Source
    data: Data
    plan: Plan
    search: Search
    results: Results
    order: dict[Params, int] = field(default_factory=dict)  # how early a set comes
    resumed: str = ""  # the id of the sweep to go on with
    stored: set[str] = field(default_factory=set)  # the runs whose model is in the store already

    @property
    def seed(self) -> int:
        """That of all sets, unless SPACE has it."""
        return strategies.base(self.model, self.plan.given()).seed

    @property
    def left(self) -> int:
        """How many sets there are to try."""
        return self.plan.limit - len(self.results.rows)

    def named(self, params: Params) -> tuple[str, dict[str, str]]:
        """What the run of a set is called, and the tags of its own."""
        name = " ".join(f"{name}={value}" for name, value in chosen(self.model, params).items())
        own = {"set": digest(params), "split": self.model.held_back(self.data, params.seed)}
        return name, own | provenance.comparable(self.model, self.data, params.seed)

    def place(self, params: Params) -> int:
        return self.order.setdefault(params, len(self.order))


def new(model: Model, fixed: Fixed, strategy: str | None, limit: int | None, source: Source, models: bool) -> Begun:
    """A new sweep; models: it will store some. Raises BadInput for whatever can be known beforehand."""
    strategy = strategy or strategies.default(model, fixed)
    if strategy == "tpe":
        sets, limit = [], limit or strategies.SETS
        search = Tpe(model, fixed, {}, [], limit)
    else:
        sets = strategies.sets(model, strategy, fixed, limit)
        search, limit = Listed(sets), len(sets)
    base = strategies.base(model, fixed)
    opened = store.connect(storing_models=models)
    opened.refuse_other_texts(base)  # what was given is the same in all
    data = model.data(source)
    model.split(data, base.seed)  # refuses data that no set could be fitted on, before there is a run
    plan = Plan.of(model, fixed, strategy, limit, sets, data, source)
    begun = Begun(model, opened, source, data, plan, search, Results(model))
    for params in sets:
        begun.place(params)
    return begun


def again(model: Model, run_id: str, given: Source, force: bool, models: bool) -> Begun:
    """A sweep of before, with the sets that it has not finished; runs that were left RUNNING are ended as KILLED.

    given: replaces what the sweep began with, as its address was kept without what is secret in it.
    Raises BadInput for what is no sweep of the model, or one that still runs, or when something else than `given` has
    changed, unless forced.
    """
    opened = store.connect(storing_models=models)
    from ..tracking import family

    run, kept = family.sweep(opened, run_id, FILE)
    plan = Plan.read(kept)
    if plan.model != model.name:
        raise BadInput(f"--resume {run_id}: is a sweep of {plan.model}, not of {model.name}")
    source = Source(given.uri or plan.uri, given.target or plan.target)
    data, fixed = model.data(source), plan.given()
    if not force:
        refuse_changes(plan, Plan.of(model, fixed, plan.strategy, plan.limit, [], data, source), run_id)
    begun = Begun(model, opened, source, data, plan, Listed([]), Results(model), resumed=run_id)
    for params in (sets := plan.params(model)):
        begun.place(params)
    family.hold(run_id)  # before the runs of another process would be ended
    runs = [child for child in family.close_left_running(opened, run) if child.data.params]
    finished: dict[Params, Any] = {}
    for child in runs:
        begun.place(params := params_of(model, child.data.params))
        if child.info.status == "FINISHED" and model.metric in child.data.metrics:
            finished.setdefault(params, child)  # once, should two processes have tried the same
    recall(begun, finished)
    missing = [params for params in sets or begun.order if params not in finished]
    if plan.strategy == "tpe":
        done = {params: child.data.metrics[model.metric] for params, child in finished.items()}
        begun.search = Tpe(model, fixed, done, missing, begun.left)
    else:
        begun.search = Listed(missing)
    return begun


def recall(begun: Begun, finished: dict[Params, Any]) -> None:
    """Put what an earlier process finished among the results; says so when other rows judged it, which is forced."""
    others = 0
    for params, child in finished.items():
        metrics, tags = child.data.metrics, child.data.tags
        score = score_of(begun.model, metrics, begun.place(params))
        outcome = Outcome(params, metrics=metrics, score=score, ended=child.info.end_time)
        begun.results.add(child.info.run_id, outcome)
        if "model_format" in tags:
            begun.stored.add(child.info.run_id)
        others += not provenance.comparable(begun.model, begun.data, params.seed).items() <= tags.items()
    if others:
        tell(f"{others} of the finished sets were judged on other rows, and are ranked among the rest", "note")
