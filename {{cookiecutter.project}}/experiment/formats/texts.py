"""Texts that MLflow would cut."""

from ..errors import BadInput


def refuse_long(texts: dict[str, str]) -> None:
    """Raise BadInput for the text of a hyperparameter that MLflow would cut, by the place that it comes from."""
    from mlflow.utils.validation import MAX_PARAM_VAL_LENGTH as most

    for place, value in texts.items():
        if len(value) > most:
            raise BadInput(f"{place} {value[:20]}…: has {len(value)} letters, of which MLflow keeps {most}; shorten it")
