"""What `train elasticnet` is measured against on a big table: read it, split it, fit and judge, and keep nothing."""

import sys

import pandas as pd
from sklearn.linear_model import ElasticNet
from sklearn.metrics import root_mean_squared_error
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

path = sys.argv[1]
table = pd.read_csv(path) if path.endswith(".csv") else pd.read_parquet(path)
X_fit, X_judge, y_fit, y_judge = train_test_split(
    table.drop(columns="target"), table.target, test_size=0.2, random_state=0
)
model = make_pipeline(StandardScaler(), ElasticNet(alpha=0.1, l1_ratio=0.5, max_iter=10_000, random_state=0))
print("rmse", root_mean_squared_error(y_judge, model.fit(X_fit, y_fit).predict(X_judge)))
