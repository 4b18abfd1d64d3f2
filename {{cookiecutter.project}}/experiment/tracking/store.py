"""The tracking store: reaching it in time, opening it, asking it."""

import os
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from ..declaration import Params, flag, text
from ..errors import BadInput
from ..formats import code, texts
from .address import address, database, lock, refuse_unreachable
from .health import Health
from .refusal import refusal, status_of

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run


@dataclass(frozen=True)
class Store:
    """An open store and this project's experiment in it; requirements: those of the models that it is to store."""

    client: "MlflowClient"
    uri: str
    project: str
    experiment_id: str
    health: Health
    requirements: tuple[str, ...] = ()

    def refuse_params(self, params: Params) -> None:
        """Raise BadInput for hyperparameters that the run would not hold as they are."""
        texts.refuse_long({flag(name): text(value) for name, value in params})
        self._refuse_other_texts(params)

    def _refuse_other_texts(self, params: Params) -> None:
        """Raise BadInput when `mlflow run` has logged a value in another text than the one that every run holds.

        MLflow logs what it is given before this program starts, and lets nobody change it: the run would say one thing
        and use another, and a search for the value would miss it.
        """
        opened = os.environ.get("MLFLOW_RUN_ID")
        known = self._begun(opened).data.params if opened else {}
        for name, value in params:
            logged, used = known.get(name), text(value)
            if logged in (None, used):
                continue
            fix = f"give it as -P {name}={used}"
            if logged == shlex.quote(""):
                fix = f"leave it out for the default, {used}"
            elif logged == shlex.quote(used):
                fix = "give a text that a shell reads without quotes, or use `python -m experiment train`"
            raise BadInput(f"{name}: `mlflow run` logged {logged}, where runs hold {used}; {fix}")

    def _begun(self, run_id: str) -> "Run":
        """The run that `mlflow run` began for this process. Raises BadInput for what is none."""
        fix = "unset it: a training begins a run of its own, unless `mlflow run` has begun one"
        try:
            run = self.health.persist(partial(self.client.get_run, run_id))
        except BadInput as error:
            raise BadInput(f"MLFLOW_RUN_ID {run_id}: {error}; {fix}") from None
        if run.info.status == "FINISHED" or run.info.lifecycle_stage != "active":
            raise BadInput(f"MLFLOW_RUN_ID {run_id}: that run is {run.info.status}, {run.info.lifecycle_stage}; {fix}")
        return run

    def refuse_away(self) -> None:
        """Raise Away or BadInput when the store does not answer."""
        self.health.persist(partial(self.client.get_experiment, self.experiment_id), 0)

    def search(self, own: str, where: str, page: int) -> Iterator["Run"]:
        """The runs that pass the filters `own`, the program's, and `where`, a person's, newest first.

        page: how many one request brings; the next is made when they are used up.
        The Default experiment is asked too, because `mlflow run` tracks there unless told otherwise.
        Raises BadInput for a filter that MLflow cannot parse, and Away for a store that is away.
        """
        from mlflow.exceptions import MlflowException

        both, token = " and ".join(filter(None, [own, where])), ""
        while token is not None:
            try:
                runs = self.client.search_runs(
                    [self.experiment_id, "0"], both, max_results=page, page_token=token or None
                )
            except MlflowException as error:
                if not where or status_of(error) != 400:
                    raise refusal(self.uri, error) from error
                example = "metrics.f1_macro > 0.9 and params.weights = 'uniform'"
                raise BadInput(f"--where {where}: {error.message} Write it as in: {example}") from None
            yield from runs
            token = runs.token or None


def connect(storing_models: bool = False, waiting: bool = True, loading_models: bool = False) -> Store:
    """Open the store before anything is computed. Raises BadInput at once when it cannot be used, and Away when it does
    not answer: if `waiting`, after a while in which it is asked again.
    """
    uri, requirements = address(), code.requirements() if storing_models else ()
    health, seconds = Health(uri), None if waiting else 0
    if uri.startswith(("http://", "https://")):
        health.persist(partial(refuse_unreachable, uri), seconds)
    if storing_models or loading_models:
        # Before MLflow: it looks through all modules there are, which takes a second longer among MLflow's thousands.
        import skops.io  # noqa: F401
    import mlflow

    from . import experiments

    mlflow.set_tracking_uri(uri)

    def opened() -> Store:
        # Several processes that create one sqlite file at once corrupt it for good. To create one takes seconds.
        with lock(uri) if database(uri) else health.waiting():
            client = mlflow.MlflowClient(uri)
            found = experiments.wanted(client) or experiments.named(client, uri)
            return Store(client, uri, *found, health, requirements)

    return health.persist(opened, seconds, watched=False)
