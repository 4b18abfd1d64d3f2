"""Seconds that one tracked run spends on what no program around MLflow can leave out, in the order it needs them."""

import gc
import json
import tempfile
import time

gc.set_threshold(100_000)  # as the product does
laps, last = {}, time.perf_counter()


def lap(name):
    global last
    now = time.perf_counter()
    laps[name], last = now - last, now


import skops.io  # noqa: E402

lap("import skops, and scikit-learn's core with it")
import mlflow  # noqa: E402

lap("import mlflow")
mlflow.MlflowClient().get_experiment_by_name("ml-project")
lap("open the store")
from sklearn.datasets import load_digits  # noqa: E402
from sklearn.metrics import f1_score  # noqa: E402, F401
from sklearn.model_selection import train_test_split  # noqa: E402, F401
from sklearn.neighbors import KNeighborsClassifier  # noqa: E402

lap("import the rest of scikit-learn")
frame = load_digits(as_frame=True).frame
model = KNeighborsClassifier(7).fit(frame.drop(columns="target"), frame.target)
lap("read the digits and fit")
from matplotlib.figure import Figure  # noqa: E402

figure = Figure()
figure.subplots().imshow([[1, 2], [3, 4]])
figure.savefig("/dev/null", format="png")
lap("import matplotlib and save a figure")
import mlflow.sklearn  # noqa: E402

mlflow.sklearn.save_model(
    model,
    f"{tempfile.mkdtemp()}/model",
    pip_requirements=["scikit-learn"],
    skops_trusted_types=skops.io.get_untrusted_types(data=skops.io.dumps(model)),
)
lap("save the model as MLflow does")
print(json.dumps(laps))
gc.freeze()
