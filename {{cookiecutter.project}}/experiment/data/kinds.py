"""What columns hold: numbers, texts and gaps that a model can use, and what is refused."""

import re
import reprlib

import numpy as np
import pandas as pd

from ..errors import BadInput

# What pandas calls a column of objects that are all real numbers, or true and false
NUMBERS = {"boolean", "integer", "floating", "mixed-integer-float", "decimal"}


def usable(X: pd.DataFrame, table: str, *, missing_ok: bool, text_ok: bool) -> pd.DataFrame:
    """Features as a model can take them: numbers as float64, infinite ones as missing; texts.

    Whole numbers become floats because a later table may have gaps, which integer columns cannot hold,
    and MLflow refuses floats where it once saw integers. Raises BadInput naming the column.
    """
    if X.shape[1] == 0:
        raise BadInput(f"{table}: has no column to learn from")
    refuse_kinds(X, table)
    numeric = [name for name, column in X.items() if is_numeric(column)]
    X = X.astype("float64" if len(numeric) == X.shape[1] else dict.fromkeys(numeric, "float64"))
    if (infinite := np.isinf(X[numeric]).any()).any():  # replacing copies the table, and most have none
        X = X.replace({name: [np.inf, -np.inf] for name in infinite.index[infinite]}, np.nan)
    if len(empty := X.columns[X.isna().all()]):
        raise BadInput(f"{table}: column {', '.join(map(str, empty))} is empty in every row; drop it")
    for name in X.columns.difference(numeric, sort=False):
        if not (text_ok and (is_text(X[name]) or X[name].to_numpy().dtype.kind == "M")):
            raise BadInput(f"{table}: column {name} {first_strange(X[name])}; drop or encode it")
    if not missing_ok:
        refuse_missing(X, table)
    return X


def refuse_kinds(X: pd.DataFrame, table: str) -> None:
    """Raise BadInput for a feature of a kind that MLflow would not let into the stored model again."""
    for name, kind in X.dtypes.items():
        if isinstance(kind, pd.CategoricalDtype):
            what, fix = "categories", "encode it, or make it text, .astype(str), with text_ok=True"
        elif isinstance(kind, pd.DatetimeTZDtype):
            what, fix = "times in a zone", "make it UTC without one: .dt.tz_convert(None)"
        else:
            continue
        raise BadInput(f"{table}: column {name} holds {what}, which a stored model cannot be given; {fix}")


def is_numeric(column: pd.Series) -> bool:
    """Are these real numbers, or true and false? With gaps, pandas has those as objects."""
    if column.dtype == object:
        return pd.api.types.infer_dtype(column, skipna=True) in NUMBERS
    return pd.api.types.is_numeric_dtype(column) and column.dtype.kind != "c"


def is_text(column: pd.Series) -> bool:
    return pd.api.types.infer_dtype(column, skipna=True) in ("string", "empty")


def first_strange(column: pd.Series) -> str:
    """Where a column first holds something else than a number, in words."""
    if not is_text(column):
        place = int(column.notna().to_numpy().argmax())
        first = reprlib.repr(column.iloc[place])
        return f"holds {first} in row {number(column, place)}, which is neither a number nor a text"
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
    if task:
        refuse_missing(pd.DataFrame(y), table)
    for name, column in pd.DataFrame(y).items():
        numeric = is_numeric(column)
        if task == "regression" and not numeric:
            raise BadInput(f"{table}: column {name} {first_strange(column)}; regression predicts numbers")
        if task == "classification":
            refuse_unequal(column, table)
        if numeric and not np.isfinite(column.astype("float64")).all():
            raise BadInput(f"{table}: column {name} holds an infinite value; drop its row")
        if task == "classification" and numeric and len(broken := column[column.astype("float64") % 1 != 0]):
            raise BadInput(f"{table}: column {name} holds {broken.iloc[0]}, no class; name another with --target")


def refuse_unequal(column: pd.Series, table: str) -> None:
    """Raise BadInput for classes or groups that are no texts or numbers, or are numbers that cannot be told apart."""
    if not (is_numeric(column) or is_text(column) or isinstance(column.dtype, pd.CategoricalDtype)):
        raise BadInput(f"{table}: column {column.name} {first_strange(column)}; name another")
    if column.dtype.kind == "f" and len(large := column[column.abs() >= 2**53]):
        problem = f"holds {large.iloc[0]:.0f}, a number too large to be told from its neighbours"
        raise BadInput(f"{table}: column {column.name} {problem}; make texts of them")


def number(column: pd.Series, place: int) -> int:
    """Of a row in its table, from 1; a piece of one knows which row is its first."""
    return place + 1 + (column.index.start if isinstance(column.index, pd.RangeIndex) else 0)


def refuse_missing(frame: pd.DataFrame, table: str) -> None:
    """Raise BadInput naming the first column with an empty cell, and its first such row."""
    for name in frame.columns[frame.isna().any()]:
        gaps = frame[name].isna()
        row = int(gaps.to_numpy().argmax()) + 1
        raise BadInput(f"{table}: column {name} is empty in {gaps.sum()} rows, first in row {row}; fill or drop it")
