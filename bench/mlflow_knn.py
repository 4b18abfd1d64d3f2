"""The same run written by hand against MLflow, with care: signature and requirements given, no pyplot."""

import mlflow
import mlflow.sklearn
import skops.io
from matplotlib.figure import Figure
from mlflow.models import infer_signature
from sklearn.datasets import load_digits
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

frame = load_digits(as_frame=True).frame
X, y = frame.drop(columns="target").astype(float), frame.target
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, stratify=y, random_state=0)
mlflow.set_experiment("by-hand")
with mlflow.start_run():
    mlflow.log_params({"n_neighbors": 7, "weights": "uniform", "seed": 0})
    mlflow.log_input(mlflow.data.from_pandas(frame, targets="target", name="digits"), context="training")
    model = KNeighborsClassifier(n_neighbors=7).fit(X_train, y_train)
    predicted = model.predict(X_test)
    scores = {"accuracy": accuracy_score(y_test, predicted), "f1_macro": f1_score(y_test, predicted, average="macro")}
    mlflow.log_metrics(scores)
    figure = Figure()
    figure.subplots().imshow(confusion_matrix(y_test, predicted))
    mlflow.log_figure(figure, "confusion_matrix.png")
    trusted = skops.io.get_untrusted_types(data=skops.io.dumps(model))
    signature = infer_signature(X_test, predicted)
    requirements = ["scikit-learn", "skops"]
    mlflow.sklearn.log_model(
        model, name="model", signature=signature, pip_requirements=requirements, skops_trusted_types=trusted
    )
