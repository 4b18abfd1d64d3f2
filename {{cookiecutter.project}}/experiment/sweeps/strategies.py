"""Which sets of its space a sweep tries, by Optuna's samplers."""

from contextlib import suppress
from typing import Protocol

import optuna
from optuna.samplers import BaseSampler, GridSampler, RandomSampler, TPESampler
from optuna.trial import TrialState, create_trial

from ..declaration import Model, Params, validate
from .extent import left, size
from .space import Fixed, checked, space

SETS = 12  # tried of a space that has no end
DRAWS = 10  # for each set that is wanted: whole numbers and choices may repeat

optuna.logging.set_verbosity(optuna.logging.WARNING)


class Search(Protocol):
    """What a sweep asks for sets, and tells how they did."""

    def ask(self) -> Params | None:
        """The next set; None when there is none left."""

    def tell(self, params: Params, value: float | None) -> None:
        """The METRIC that a set reached; None when it failed."""


class Listed:
    """Sets that are known beforehand."""

    def __init__(self, sets: list[Params]):
        self._left = iter(sets)

    def ask(self) -> Params | None:
        return next(self._left, None)

    def tell(self, params: Params, value: float | None) -> None:
        """What others reached changes nothing."""


class Tpe:
    """Each set is drawn from where those before it did well (Bergstra et al. 2011); none is tried twice.

    known: sets of before, with the METRIC that they reached. again: sets to try first. count: how many to try.
    """

    def __init__(self, model: Model, fixed: Fixed, known: dict[Params, float], again: list[Params], count: int):
        self._model, self._fixed, self._space = model, fixed, space(model, fixed)
        seed = base(model, fixed).seed + len(known)  # or it would begin as before
        direction = "minimize" if model.minimised else "maximize"
        self._study = study(TPESampler(seed=seed % 2**32, constant_liar=True), direction)
        self._values: dict[Params, float | None] = dict.fromkeys(again) | known
        self._again, self._left, self._asked = list(again), count, {}
        for params, value in known.items():
            self._learn(params, value)

    def ask(self) -> Params | None:
        if self._left == 0:
            return None
        self._left -= 1
        if self._again:
            return self._again.pop(0)
        for _ in range(100):  # more of the same: the space has no other sets
            trial = self._study.ask(self._space)
            params = checked(self._model, self._fixed, trial.params)
            if params not in self._values:
                self._values[params], self._asked[params] = None, trial
                return params
            self._settle(trial, self._values[params])
        return None

    def tell(self, params: Params, value: float | None) -> None:
        self._values[params] = value
        if params in self._asked:
            self._settle(self._asked.pop(params), value)
        elif value is not None:
            self._learn(params, value)

    def _settle(self, trial: optuna.Trial, value: float | None) -> None:
        self._study.tell(trial, value, state=TrialState.FAIL if value is None else TrialState.COMPLETE)

    def _learn(self, params: Params, value: float) -> None:
        """From a set that was not drawn here; one outside of a SPACE that has changed since teaches nothing."""
        drawn = {name: getattr(params, name) for name in self._space}
        with suppress(ValueError):
            self._study.add_trial(create_trial(params=drawn, distributions=self._space, value=value))


def base(model: Model, fixed: Fixed) -> Params:
    """What all sets have in common, on top of the defaults."""
    return validate(model.hyperparameters, fixed, model.file)


def sets(model: Model, strategy: str, fixed: Fixed, limit: int | None) -> list[Params]:
    """The sets of a strategy that does not learn, checked, in the order that the same arguments always give.

    limit: most sets to try; None: a whole grid, else SETS. Sets are drawn by the seed, none twice.
    """
    distributions, seed = space(model, fixed), base(model, fixed).seed
    count = size(left(model, fixed))
    wanted = int(min(limit or (count if strategy == "grid" else SETS), count))
    sampler = RandomSampler(seed)
    if count <= DRAWS * wanted:  # beyond, listing the grid is dear, and draws hardly ever repeat
        sampler = GridSampler({name: values.choices for name, values in distributions.items()}, seed)
    return draw(model, fixed, distributions, sampler, wanted)


def draw(model: Model, fixed: Fixed, distributions: dict, sampler: BaseSampler, wanted: int) -> list[Params]:
    """As many distinct sets as wanted, or as there are."""
    asked, drawn = study(sampler), {}
    for _ in range(DRAWS * wanted):
        drawn[checked(model, fixed, asked.ask(distributions).params)] = None
        if len(drawn) == wanted:
            break
    return list(drawn)


def study(sampler: BaseSampler, direction: str = "minimize") -> optuna.Study:
    return optuna.create_study(sampler=sampler, direction=direction)
