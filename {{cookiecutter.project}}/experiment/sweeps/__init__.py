"""A sweep: which sets of hyperparameters it tries, the processes that fit them, what it leaves in the store.

`extent` is how much there is to try. `begun` is a sweep with all that is known before a set is fitted: its identity
(`plan`) and where its sets come from (`strategies`). `engine` fits them and has them tracked, `progress` tells of them,
`conclusion` leaves the best; each is imported when it is asked for.
"""

__all__ = ["begun", "conclusion", "engine", "extent", "plan", "progress"]
