"""Drive failure: will this hard drive fail soon, judging by its SMART attributes?

Unless --data names a table, the drives are SIMULATED (data set `simulated_drives`). The attributes are named as in
the files that Backblaze publishes of its drives, so such a CSV works as it is: `--data 2024-01-01.csv`.
"""

from typing import Literal

from experiment import Data, Field, Params, Source

TASK = "classification"
METRIC = "f1_bad"
SPACE = {"loss": ["log_loss", "modified_huber"], "alpha": [1e-5, 1e-4, 1e-3], "class_weight": ["none", "balanced"]}

# Reallocated sectors, power-on hours, uncorrectable errors, command timeouts, °C, pending and offline-bad sectors.
SMART = [f"smart_{number}_raw" for number in (5, 9, 187, 188, 194, 197, 198)]
ERRORS = [f"smart_{number}_raw" for number in (5, 187, 188, 197, 198)]


class Hyperparameters(Params):
    loss: Literal["hinge", "log_loss", "modified_huber"] = Field("log_loss", description="what a wrong answer costs")
    alpha: float = Field(1e-4, gt=0, le=1, description="strength of the l2 penalty")
    class_weight: Literal["none", "balanced"] = Field("none", description="balanced: both classes weigh the same")
    epochs: int = Field(20, ge=1, le=1000, description="passes over the rows")


def simulated_drives(rows: int = 20_000, failing: float = 0.015, seed: int = 2019):
    """Drives that do not exist: one row each, `failure` is 1 for the 1.5 % that fail.

    One published figure shapes it: 76.7 % of the drives that failed, and 4.2 % of those that did not, had an error
    count above zero in at least one of SMART 5, 187, 188, 197, 198 (Backblaze, "What SMART Stats Tell Us About Hard
    Drives", 2016). The rest is invented: how many errors, how hours and temperature differ.
    """
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(seed)
    bad = random.random(rows) < failing
    drives = pd.DataFrame({"failure": bad.astype(int)})
    shows_errors = random.random(rows) < np.where(bad, 0.767, 0.042)
    which = random.random((rows, len(ERRORS))) < np.where(bad, 0.5, 0.25)[:, None]
    which[np.arange(rows), random.integers(len(ERRORS), size=rows)] = True  # at least one
    counts = np.ceil(random.lognormal(np.where(bad, 3.5, 1.5)[:, None], 1.5, size=which.shape))
    drives[ERRORS] = np.where(shows_errors[:, None] & which, counts, 0)
    drives["smart_9_raw"] = random.gamma(np.where(bad, 4.0, 3.0), 6_000).round()
    drives["smart_194_raw"] = random.normal(np.where(bad, 29.0, 27.0), 4).round()
    return drives


def load(source: Source) -> Data:
    return source.read(simulated_drives, target="failure", columns=SMART, missing_ok=True)


def fit(train: Data, params: Hyperparameters, report):
    import numpy as np
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import SGDClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler
    from sklearn.utils.class_weight import compute_sample_weight

    logarithm = FunctionTransformer(np.log1p, feature_names_out="one-to-one")  # counts span five orders of magnitude
    prepare = make_pipeline(SimpleImputer(strategy="median"), logarithm, StandardScaler())
    X = prepare.fit_transform(train.X)
    weights = compute_sample_weight("balanced" if params.class_weight == "balanced" else None, train.y)
    judge = SGDClassifier(loss=params.loss, alpha=params.alpha, average=True, random_state=params.seed)
    for epoch in range(params.epochs):
        judge.partial_fit(X, train.y, classes=[0, 1], sample_weight=weights)
        report(epoch, train_accuracy=judge.score(X, train.y, weights))
    return make_pipeline(prepare, judge)


def evaluate(model, test: Data) -> dict[str, float]:
    """Precision, recall and F1 of each class: accuracy would praise a model that never warns."""
    from sklearn.metrics import average_precision_score, precision_recall_fscore_support

    scores = precision_recall_fscore_support(test.y, model.predict(test.X), labels=[0, 1], zero_division=0)
    metrics = {"average_precision": average_precision_score(test.y, model.decision_function(test.X))}
    for name, (good, bad) in zip(["precision", "recall", "f1"], scores[:3], strict=True):
        metrics |= {f"{name}_good": good, f"{name}_bad": bad}
    return metrics


def figures(model, train: Data, test: Data):
    """Precision against recall: how many false alarms must be borne to catch more of the failing drives."""
    from matplotlib.figure import Figure
    from sklearn.metrics import precision_recall_curve

    precision, recall, _ = precision_recall_curve(test.y, model.decision_function(test.X))
    figure = Figure(figsize=(6, 5), layout="constrained")
    axes = figure.subplots()
    axes.plot(recall, precision, drawstyle="steps-post")
    axes.axhline(test.y.mean(), color="black", linewidth=1, linestyle="--", label="warning at random")
    axes.set(xlabel="recall", ylabel="precision")
    axes.set_title(f"{test.name}: {int(test.y.sum())} of {len(test.y)} fail", parse_math=False)
    axes.legend()
    return {"precision_recall": figure}
