"""What every model of a kind is judged by unless its file says otherwise: metrics and figures per TASK.

scikit-learn and matplotlib are imported when first needed. Figures are made without pyplot, which keeps
global state and would cost half a second.
"""

from collections.abc import Callable
from typing import Any

from ..data import Data

DRAWN = 10_000  # points of a figure: more would cover one another, and take a second


def classification(fitted: Any, test: Data) -> dict[str, float]:
    """Accuracy, and F1 averaged over the classes with equal weight."""
    from sklearn.metrics import accuracy_score, f1_score

    predicted = fitted.predict(test.X)
    return {"accuracy": accuracy_score(test.y, predicted), "f1_macro": f1_score(test.y, predicted, average="macro")}


def regression(fitted: Any, test: Data) -> dict[str, float]:
    """Root mean squared and mean absolute error, in the target's unit; r2, the share of variance explained.

    Each is the mean over the targets where there are several.
    """
    from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

    predicted = fitted.predict(test.X)
    return {
        "rmse": root_mean_squared_error(test.y, predicted),
        "mae": mean_absolute_error(test.y, predicted),
        "r2": r2_score(test.y, predicted),
    }


def clustering(fitted: Any, test: Data) -> dict[str, float]:
    """Silhouette, from -1 to 1: how much nearer a row is to its own cluster than to the next (Rousseeuw 1987)."""
    from sklearn.metrics import silhouette_score

    return {"silhouette": silhouette_score(test.X, fitted.predict(test.X))}


def confusion_matrix(fitted: Any, train: Data, test: Data) -> dict[str, Any]:
    """How often each class (row) was taken for each class (column)."""
    from matplotlib.figure import Figure
    from sklearn.metrics import confusion_matrix
    from sklearn.utils.multiclass import unique_labels

    predicted = fitted.predict(test.X)
    labels = unique_labels(test.y, predicted)
    counts = confusion_matrix(test.y, predicted, labels=labels)
    figure = Figure(figsize=(6, 6), layout="constrained")
    axes = figure.subplots()
    axes.imshow(counts, cmap="Blues")
    axes.set(title=f"{test.name}: {len(test.X)} rows held back", xlabel="predicted", ylabel="actual")
    axes.set_xticks(range(len(labels)), labels)
    axes.set_yticks(range(len(labels)), labels)
    for (row, column), count in ((place, counts[place]) for place in zip(*counts.nonzero(), strict=True)):
        axes.text(column, row, count, ha="center", va="center", color="white" if count > counts.max() / 2 else "black")
    return {"confusion_matrix": figure}


def residuals(fitted: Any, train: Data, test: Data) -> dict[str, Any]:
    """Error against prediction, for each target: a good fit scatters evenly around zero. Of many rows, some."""
    import numpy as np
    from matplotlib.figure import Figure

    actual, predicted = (np.reshape(values, (len(test.X), -1)) for values in (test.y, fitted.predict(test.X)))
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes, every = figure.subplots(), -(-len(test.X) // DRAWN)
    actual, predicted = actual[::every], predicted[::every]
    for place, target in enumerate(test.targets):
        axes.scatter(predicted[:, place], (actual - predicted)[:, place], alpha=0.6, label=target)
    if len(test.targets) > 1:
        axes.legend()
    axes.axhline(0, color="black", linewidth=1)
    rows = f"{len(actual)} of {len(test.X)} rows" if every > 1 else f"{len(test.X)} rows"
    axes.set(title=f"{test.name}: {rows} held back", xlabel="predicted", ylabel="actual - predicted")
    return {"residuals": figure}


def plain(draw: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """The same figures with names as they are: a `$` in one begins no formula."""

    def drawn(*given: Any) -> dict[str, Any]:
        from matplotlib import rc_context

        with rc_context({"text.parse_math": False}):
            return draw(*given)

    return drawn


METRICS = {"classification": classification, "regression": regression, "clustering": clustering}
FIGURES = {"classification": plain(confusion_matrix), "regression": plain(residuals)}
