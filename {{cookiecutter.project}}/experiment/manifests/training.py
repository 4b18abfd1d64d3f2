"""A Template for each model: a form with its hyperparameters as fields, and the Job that trains with them."""

import json

from ..declaration import Model, domain, flag, text
from .template import labels, once, parameter, template

DATA = "CSV or Parquet at s3://, https:// or below /data, where the claim is; empty: the model's own"
ROWS = [
    parameter("DATA", "Data", DATA),
    parameter("TARGET", "Target", "Column to predict, or a,b; empty: the model's own"),
]


def training(model: Model) -> str:
    """The Template whose Job trains this model once."""
    fields = model.hyperparameters.model_fields
    asked = [
        parameter(name.upper(), name, f"{field.description}: {domain(field)}", value=text(field.default))
        for name, field in fields.items()
    ]
    args = json.dumps([f"{flag(name)}=${{{name.upper()}}}" for name in fields])
    words = ["train", model.name, "--data=${DATA}", "--target=${TARGET}"]
    tried = next(iter(model.space))
    default = text(fields[tried].default)
    return template(
        f"train-{model.name}",
        f"Train {model.name}",
        model.description,
        asked + ROWS,
        once(f"${{NAME}}-{model.name.replace('_', '-')}-", labels(model.name, "train"), words, args),
        purpose=f"Trains {model.name} once, as a Job. {model.description}",
        verb=f"job-{model.name} {tried}={default}",
        example=f"-p {tried.upper()}={default} | oc create -f -",
        sources=f"{model.file}, experiment/manifests/*.yaml",
    )
