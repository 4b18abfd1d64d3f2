"""Values in a later table that a model which knows an earlier one cannot take, each refused by its row."""

import reprlib
from typing import Any

import pandas as pd

from ..errors import BadInput
from . import kinds

WHOLE = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool")  # no type with gaps


def refuse_other(column: pd.Series, kind: Any, where: str) -> None:
    """Raise BadInput where a column's values are none of this type, naming the first row."""
    if column.dtype == kind or column.isna().all():
        return
    if kind.kind in "OM":
        wanted, fix = ("texts", "text") if kind.kind == "O" else ("times", "times, as Parquet has them")
        fits = kinds.is_text(column) if kind.kind == "O" else column.dtype.kind == "M"
        if not fits and kind.name != "object":
            refuse(column, column.notna(), f"and the model was trained on {wanted}; save it as {fix}", where)
    elif not kinds.is_numeric(column):
        raise BadInput(f"{where}: column {column.name} {kinds.first_strange(column)}; the model was trained on numbers")
    elif kind in WHOLE:
        refuse_gaps(column, where)
        other = column.astype("float64") != column.astype(kind).astype("float64")
        refuse(column, other, f"and the model was trained on {kind.name}, which cannot hold it", where)


def refuse_gaps(column: pd.Series, where: str) -> None:
    """Raise BadInput naming the first row where a column is empty."""
    if (gaps := column.isna()).any():
        row = kinds.number(column, int(gaps.to_numpy().argmax()))
        fix = "the model takes no empty cells: fill it, or drop the row"
        raise BadInput(f"{where}: column {column.name} is empty in row {row}; {fix}")


def refuse(column: pd.Series, wrong: pd.Series, why: str, where: str) -> None:
    """Raise BadInput naming the first row of those that are wrong, if there are any."""
    if wrong.any():
        place = int(wrong.to_numpy().argmax())
        value = column.iloc[place : place + 1].tolist()[0]  # as Python's own, and not numpy's
        said = f"holds {reprlib.repr(value)} in row {kinds.number(column, place)}"
        raise BadInput(f"{where}: column {column.name} {said}, {why}")
