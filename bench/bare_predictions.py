"""What `predict` is measured against: the whole table in memory, the model's own predict, one column written."""

import sys

import mlflow
import pandas as pd

out, path = sys.argv[1:]
(version,) = mlflow.MlflowClient().search_registered_models()
model = mlflow.sklearn.load_model(f"models:/{version.name}@champion")
table = pd.read_csv(path) if path.endswith(".csv") else pd.read_parquet(path)
made = pd.DataFrame({"target": model.predict(table)})
made.to_csv(out, index=False) if out.endswith(".csv") else made.to_parquet(out)
