"""Holding rows back: a model is judged on rows that it was not fitted on. Each returns (to fit on, to judge on)."""

from __future__ import annotations

from ..errors import BadInput
from .dataset import Data

SHARE = 0.2  # of the rows, held back


def random(data: Data, seed: int, *, stratify: bool, held_back: float = SHARE) -> tuple[Data, Data]:
    """Rows at random; `stratify` keeps each class's share in both.

    held_back: the share, or the number, of rows to judge on.
    Raises BadInput when there are too few rows, or too few of a class.
    """
    from sklearn.model_selection import train_test_split

    if stratify:
        refuse_few_of_a_class(data)
    try:
        places, classes = range(len(data.X)), data.y if stratify else None
        train, test = train_test_split(places, test_size=held_back, random_state=seed, stratify=classes)
    except ValueError as error:
        raise BadInput(f"{data.name}: {len(data.X)} rows are too few to fit and to judge on: {error}") from None
    return data.rows(data.X.index[train]), data.rows(data.X.index[test])


def ordered(data: Data) -> tuple[Data, Data]:
    """The last rows are held back: what comes later is judged by a model that has seen only what came before."""
    cut = len(data.X) - max(1, round(len(data.X) * SHARE))
    if cut < 1:
        raise BadInput(f"{data.name}: {len(data.X)} row is too few to fit and to judge on; give more")
    return data.rows(data.X.index[:cut]), data.rows(data.X.index[cut:])


def grouped(data: Data, seed: int) -> tuple[Data, Data]:
    """Whole groups at random: no group is in both."""
    from sklearn.model_selection import GroupShuffleSplit

    if data.groups.nunique() < 2:
        one = f"{data.name}: column {data.groups.name} is {data.groups.iloc[0]} in all rows"
        raise BadInput(f"{one}; a split by group needs two groups or more")
    ((train, test),) = GroupShuffleSplit(1, test_size=SHARE, random_state=seed).split(data.X, groups=data.groups)
    return data.rows(data.X.index[train]), data.rows(data.X.index[test])


def refuse_few_of_a_class(data: Data) -> None:
    """Raise BadInput when a class cannot be in both parts."""
    counts, target = data.y.value_counts(), f"{data.name}: column {data.y.name}"
    if len(counts) < 2:
        raise BadInput(f"{target} is {counts.index[0]} in all rows; a classifier needs two classes")
    if counts.iloc[-1] < 2:
        raise BadInput(f"{target} is {counts.index[-1]} in one row only; give each class two rows or more")


def refuse_leaks(parts: tuple[Data, Data]) -> None:
    """Raise ValueError for what a model file's own `split` may not give: anything but two Data, none empty, apart."""
    if not (isinstance(parts, tuple) and len(parts) == 2 and all(isinstance(part, Data) for part in parts)):
        raise ValueError("split returns no two Data; let it return data.rows(…), data.rows(…)")
    train, test = (part.X.index for part in parts)
    if not (len(train) and len(test)):
        raise ValueError(f"split gives {len(train)} rows to fit on and {len(test)} to judge on; both need some")
    if len(shared := train.intersection(test)):
        raise ValueError(f"split gives row {shared[0]} both to fit and to judge on, as it does {len(shared)} rows")
