"""MLflow's wrapping for any object with `predict`, for what no library's own flavour can hold."""

import warnings
from typing import Any

from mlflow.pyfunc import PythonModel

with warnings.catch_warnings(record=True):  # MLflow asks for type hints, which a table of any columns cannot have

    class Predictor(PythonModel):
        def __init__(self, fitted: Any):
            self.fitted = fitted

        def predict(self, context, model_input, params=None):
            return self.fitted.predict(model_input)
