"""All that is known of MLflow's store, and where a result comes from.

`store.connect` opens the store, `run.start` begins a run in it, `children` are those of a sweep's sets and `family`
those of one that is there already, `kept` in the `spool` are those that the store did not take, which `bringing` brings
after all, `scratch` holds what a process needs while it lives, `provenance.tags` says where a result comes from,
`ranking` finds the best, `rows` are those to judge on, `judging` judges stored models, `comparison` says which one is
better, `registry` knows the champion, `candidates` those that may become it, `chosen` is the model that a person uses.
Each is imported when it is asked for: MLflow takes a second.
"""

from .. import formats  # noqa: F401 (it sets MLflow's environment, before MLflow is imported)

__all__ = [
    "bringing",
    "candidates",
    "children",
    "chosen",
    "comparison",
    "family",
    "judging",
    "kept",
    "provenance",
    "ranking",
    "registry",
    "rows",
    "run",
    "scratch",
    "spool",
    "store",
]
