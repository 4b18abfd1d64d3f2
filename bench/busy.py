"""Busy: the model that the tests of sweeps have, with a larger space, and fits that keep a core busy if told so."""

import time

from experiment import Data, Field, Params
from models.tiny import METRIC, Constant, evaluate, load, split

__all__ = ["METRIC", "evaluate", "load", "split"]

SPACE = {"a": list(range(100)), "b": list(range(100))}


class Hyperparameters(Params):
    a: int = Field(0, ge=0, description="what is predicted")
    b: int = Field(0, ge=0, description="what is predicted beyond, in hundredths")
    burn: float = Field(0.0, ge=0, description="seconds of one core that a fit takes")


def fit(train: Data, params: Hyperparameters):
    began = time.thread_time()
    while time.thread_time() - began < params.burn:
        pass
    return Constant(params.a + params.b / 100)
