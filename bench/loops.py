"""What sweeps are measured against, each a loop in one process: `loops.py KIND COUNT` tracks COUNT runs and fits nothing.

plain: create_run, one log_batch, set_terminated. same: with the tags and the data set that a sweep writes too, and the
seconds that each call takes, on stdout. optuna: MLflow's callback in a study. one: a single run.
"""

import json
import sys
import time
from collections import Counter

import mlflow
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param

kind, count = sys.argv[1], int(sys.argv[2])
client = mlflow.MlflowClient()
experiment = mlflow.set_experiment(f"bench-{kind}").experiment_id
tags = {f"tag_{number}": "a value as long as most, 0123456789" for number in range(14)} if kind == "same" else {}
columns = json.dumps({"mlflow_colspec": [{"type": "double", "name": name, "required": True} for name in "xy"]})
dataset = Dataset("numbers", "0123456789abcdef" * 2, "code", "{}", columns, '{"num_rows": 50}')
inputs = [DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])]
spent: Counter[str] = Counter()


def timed(call, *args, **settings):
    began = time.perf_counter()
    result = call(*args, **settings)
    spent[call.__name__] += time.perf_counter() - began
    return result


def track(number: int) -> None:
    run = timed(client.create_run, experiment, tags=tags).info.run_id
    metrics = [Metric("mae", float(number), 0, 0), Metric("bias", 1.0, 0, 0)]
    params = [Param(name, str(number)) for name in ("a", "b", "burn", "seed")]
    timed(client.log_batch, run, metrics=metrics, params=params)
    if kind == "same":
        timed(client.log_inputs, run, inputs)
    timed(client.set_terminated, run)


def objective(trial) -> float:
    return float(trial.suggest_int("a", 0, 99) + trial.suggest_int("b", 0, 99))


if kind == "optuna":
    import optuna
    from optuna_integration.mlflow import MLflowCallback

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    settings = {"create_experiment": False, "mlflow_kwargs": {"experiment_id": experiment}}
    callback = MLflowCallback(mlflow.get_tracking_uri(), "mae", **settings)
    optuna.create_study(sampler=optuna.samplers.RandomSampler()).optimize(objective, count, callbacks=[callback])
else:
    for number in range(count):
        track(number)
    print(json.dumps({name: 1000 * seconds / count for name, seconds in spent.items()}))
