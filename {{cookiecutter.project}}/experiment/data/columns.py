"""Taking the columns that a model learns from out of a table, and refusing those that it cannot use."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..errors import BadInput, nearest


def refuse_twins(frame: pd.DataFrame, table: str) -> None:
    """Raise BadInput when two columns share a name: one may be the answer to the other."""
    if frame.columns.has_duplicates:
        raise BadInput(f"{table}: column {frame.columns[frame.columns.duplicated()][0]} is there twice; rename one")


def named(frame: pd.DataFrame, given: str) -> list[str]:
    """The columns that --target names: one, or several with commas between."""
    names = [given] if given in frame else [name.strip() for name in given.split(",") if name.strip()]
    return list(dict.fromkeys(names))


def target(frame: pd.DataFrame, names: list[str], table: str) -> pd.Series | pd.DataFrame | None:
    """The target column, or a table of several, with a value in each row. Raises BadInput otherwise."""
    for name in names:
        refuse_absent(frame, name, " to predict; name another with --target", table)
    refuse_missing(frame[names], table)
    return frame[names[0]] if len(names) == 1 else frame[names] if names else None


def group(frame: pd.DataFrame, name: str, table: str) -> pd.Series:
    """The column that says which rows belong together. Raises BadInput when it is not there, or has gaps."""
    refuse_absent(frame, name, ", which the model file groups rows by", table)
    refuse_missing(frame[[name]], table)
    return frame[name]


def refuse_absent(frame: pd.DataFrame, name: str, what_for: str, table: str) -> None:
    """Raise BadInput when there is no such column, saying what it is wanted for and which ones are near."""
    if name not in frame:
        raise BadInput(f"{table}: has no column {name}{what_for}; {nearest(name, [str(column) for column in frame])}")


def features(frame: pd.DataFrame, columns: Sequence[str], table: str) -> pd.DataFrame:
    """Just these columns. Raises BadInput naming those that are not there."""
    if lacking := [name for name in columns if name not in frame]:
        raise BadInput(f"{table}: lacks the columns {', '.join(lacking)} that the model reads")
    return frame[list(columns)]


def usable(X: pd.DataFrame, table: str, *, missing_ok: bool, text_ok: bool) -> pd.DataFrame:
    """Features as a model can take them: numbers as float64, infinite ones as missing.

    Whole numbers become floats because a later table may have gaps, which integer columns cannot hold,
    and MLflow refuses floats where it once saw integers. Raises BadInput naming the column.
    """
    if X.shape[1] == 0:
        raise BadInput(f"{table}: has no column to learn from")
    X = X.astype({name: "float64" for name in X if pd.api.types.is_numeric_dtype(X[name])})
    X = X.replace([np.inf, -np.inf], np.nan)
    texts = [str(name) for name in X if X[name].dtype != "float64"]
    if empty := [str(name) for name in X if X[name].isna().all()]:
        raise BadInput(f"{table}: column {', '.join(empty)} is empty in every row; drop it")
    if texts and not text_ok:
        raise BadInput(f"{table}: column {texts[0]} {first_text(X[texts[0]])}; drop or encode it")
    if not missing_ok:
        refuse_missing(X, table)
    return X


def first_text(column: pd.Series) -> str:
    """Where a column first holds something else than a number, in words."""
    strange = column[pd.to_numeric(column, errors="coerce").isna() & column.notna()]
    if strange.empty:  # all numbers, written as text
        strange = column.dropna()
    first = str(strange.iloc[0])
    hint = " (write decimals with a point)" if re.fullmatch(r"-?\d+,\d+", first) else ""
    return f"holds {first!r} in row {strange.index[0] + 1}, which is no number{hint}"


def refuse_wrong_target(y: pd.Series | pd.DataFrame | None, task: str | None, table: str) -> None:
    """Raise BadInput for a target that the task cannot learn."""
    if y is None:
        if task in ("classification", "regression"):
            raise BadInput(f"{table}: {task} needs a column to predict; name it in load, or with --target")
        return
    if y.ndim == 2 and task == "classification":
        several, fix = ", ".join(map(str, y)), "name one, or leave TASK out and define evaluate(model, test)"
        raise BadInput(f"{table}: classification predicts one column, not {several}; {fix}")
    for name, column in pd.DataFrame(y).items():
        numeric = pd.api.types.is_numeric_dtype(column)
        if task == "regression" and not numeric:
            raise BadInput(f"{table}: column {name} {first_text(column)}; regression predicts numbers")
        if numeric and not np.isfinite(column.astype("float64")).all():
            raise BadInput(f"{table}: column {name} holds an infinite value; drop its row")
        if task == "classification" and numeric and len(broken := column[column.astype("float64") % 1 != 0]):
            raise BadInput(f"{table}: column {name} holds {broken.iloc[0]}, no class; name another with --target")


def refuse_missing(frame: pd.DataFrame, table: str) -> None:
    """Raise BadInput naming the first column with an empty cell, and its first such row."""
    for name in frame:
        if (gaps := frame[name].isna()).any():
            row = int(gaps.to_numpy().argmax()) + 1
            raise BadInput(f"{table}: column {name} is empty in {gaps.sum()} rows, first in row {row}; fill or drop it")
