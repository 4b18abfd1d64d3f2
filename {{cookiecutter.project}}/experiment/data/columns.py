"""Taking features, target and group out of a table, by name."""

from collections.abc import Iterator, Sequence

import pandas as pd

from ..errors import BadInput, nearest, tell
from .dataset import Data
from .kinds import is_numeric, refuse_kinds, refuse_missing, refuse_unequal, refuse_wrong_target


def flat(*parts: object) -> str:
    """One name for a column that is named on several levels: what is not empty of them."""
    return "_".join(text for part in parts if (text := str(part).strip()))


def refuse_twins(frame: pd.DataFrame, table: str) -> None:
    """Raise BadInput when a column has no name, or two share one: one may be the answer to the other."""
    if nameless := [name for name in frame if not str(name).strip()]:
        raise BadInput(f"{table}: column {nameless[0]!r} has no name of its own; give it one, or drop it")
    if frame.columns.has_duplicates:
        raise BadInput(f"{table}: column {frame.columns[frame.columns.duplicated()][0]} is there twice; rename one")


def named(frame: pd.DataFrame, given: str) -> list[str]:
    """The columns that --target names: one, or several with commas between."""
    names = [given] if given in frame else [name.strip() for name in given.split(",") if name.strip()] or [given]
    return list(dict.fromkeys(names)) if given else []


def target(frame: pd.DataFrame, names: list[str], table: str) -> pd.Series | pd.DataFrame | None:
    """The target column, or a table of several, with a value in each row. Raises BadInput otherwise."""
    for name in names:
        refuse_absent(frame, name, " to predict; name another with --target", table)
    refuse_missing(frame[names], table)
    # A copy, as a part of the table would keep all of it in memory.
    return frame[names[0] if len(names) == 1 else names].copy() if names else None


def group(frame: pd.DataFrame, name: str, table: str) -> pd.Series:
    """The column that says which rows belong together. Raises BadInput when it is not there, or has gaps."""
    refuse_absent(frame, name, ", which the model file groups rows by", table)
    refuse_missing(frame[[name]], table)
    refuse_unequal(frame[name], table)
    return frame[name].copy()


def refuse_absent(frame: pd.DataFrame, name: str, what_for: str, table: str) -> None:
    """Raise BadInput when there is no such column, saying what it is wanted for and which ones are near."""
    if name not in frame:
        raise BadInput(f"{table}: has no column {name}{what_for}; {nearest(name, [str(column) for column in frame])}")


def features(frame: pd.DataFrame, columns: Sequence[str], table: str) -> pd.DataFrame:
    """Just these columns. Raises BadInput naming those that are not there."""
    if lacking := [name for name in columns if name not in frame]:
        raise BadInput(f"{table}: lacks the columns {', '.join(lacking)} that the model reads")
    return frame[list(columns)]


def hold(data: Data, task: str | None) -> None:
    """Raise BadInput for what a model of this task cannot learn, however the data were made; tell what looks odd."""
    if not data.X.index.is_unique:  # rows are held back by their names, so twins would be on both sides
        raise BadInput(f"{data.name}: rows have names twice; number them: .reset_index(drop=True)")
    refuse_kinds(data.X, data.name)
    refuse_wrong_target(data.y, task, data.name)
    for feature, answer in twins_of_targets(data.X, data.y):
        equal = f"column {feature} equals the target {answer} in every row"
        tell(f"{data.name}: {equal}; is it known beforehand?", "note")


def twins_of_targets(X: pd.DataFrame, y: pd.Series | pd.DataFrame | None) -> Iterator[tuple[str, str]]:
    """The features that equal a target in every row, each with its target: an answer by another name."""
    for target, answer in pd.DataFrame(y).items() if y is not None else ():
        values = (answer.astype("float64") if is_numeric(answer) else answer).to_numpy()
        for feature, column in X.items():
            if not column.hasnans and column.iat[0] == values[0] and (column.to_numpy() == values).all():
                yield str(feature), str(target)
