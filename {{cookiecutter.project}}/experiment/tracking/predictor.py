"""MLflow's wrapping for any object with `predict`, for libraries that it has no flavour for."""

from typing import Any

from mlflow.pyfunc import PythonModel


class Predictor(PythonModel):
    def __init__(self, fitted: Any):
        self.fitted = fitted

    def predict(self, context, model_input, params=None):
        return self.fitted.predict(model_input)
