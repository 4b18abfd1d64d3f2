"""A Template for each model: a form with its hyperparameters as fields, and the Job that trains with them."""

import json

from ..declaration import Model, domain, flag, text
from .template import once, parameter, template, training_job


def training(model: Model) -> str:
    """The Template whose Job trains this model once."""
    fields = model.hyperparameters.model_fields
    asked = [
        parameter(name.upper(), name, f"{field.description}: {domain(field)}", value=text(field.default))
        for name, field in fields.items()
    ]
    args = [f"{flag(name)}=${{{name.upper()}}}" for name in fields]
    tried = next(iter(model.space))
    default = text(fields[tried].default)
    return template(
        f"train-{model.name}",
        f"Train {model.name}",
        model.description,
        asked,
        once(model.name, training_job(model.name, json.dumps(args), depth=4)),
        purpose=f"Trains {model.name} once, as a Job. {model.description}",
        verb=f"job-{model.name} {tried}={default}",
        example=f"-p {tried.upper()}={default} | oc create -f -",
        sources=f"{model.file}, experiment/manifests/*.yaml",
    )
