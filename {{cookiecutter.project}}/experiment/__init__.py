"""The harness: finds the models in models/, reads data, trains, tunes and tracks. It never needs editing.

A model file imports from here what it declares itself with::

    from experiment import BadInput, Data, Field, Params, Range, Source

A verb that a person types is one file here. What verbs work with lies in rooms, folders whose `__init__.py` says what
they are for and what they offer. A room uses what those below it offer, and no verb::

    sweeps/       a sweep's identity, its strategies, its engine, what it leaves
    manifests/    what `make sync` writes
    tracking/     all that is known of MLflow's store, and where a result comes from
    formats/      the form in which results are kept, and how they are loaded again
    declaration/  what a model file declares: its contract, hyperparameters, space, defaults
    data/         where a table comes from, its columns, its split, its fingerprint
"""

import sys

if not (3, 11) <= sys.version_info[:2] <= (3, 14):
    raise SystemExit(f"Python {sys.version.split()[0]} is not tested here: use 3.11 to 3.14")

try:
    from pydantic import Field

    from .data import Data, Source
    from .declaration import Params, Range
    from .errors import BadInput
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing.name} is not installed: run `make setup`, then .venv/bin/python or make") from None
except KeyboardInterrupt:
    raise SystemExit(130) from None

__all__ = ["BadInput", "Data", "Field", "Params", "Range", "Source"]
