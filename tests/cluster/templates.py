"""The Templates of openshift/ as they are processed: as they say themselves, and with every parameter changed."""

import itertools
import shlex
from pathlib import Path

import yaml

from .openshift import broken, param_file, process
from .pods import pod, unsafe

# A value for every parameter, as awkward as it may be; a new parameter needs one here.
CHANGED = {
    "ACCESS_MODE": "ReadWriteOnce",
    "ALPHA": "0.5",
    "ARGS": '["drive_failure", "--where=it\'s, \\"so\\"", "--n-neighbors=7"]',
    "BUILDER": "registry.example.com:5000/python:3.12",
    "CLASS_WEIGHT": "balanced",
    "CPU": "2500m",
    "DATA": "s3://bucket/a b's.parquet",
    "DATA_SECRET": "ceph",
    "DATA_VOLUME": '{"name": "data", "persistentVolumeClaim": {"claimName": "rows"}}',
    "DEADLINE": "7200",
    "EPHEMERAL_STORAGE": "20Gi",
    "EPOCHS": "7",
    "GIT_REF": '"2026"',
    "GIT_SECRET": '{"name": "deploy-key"}',
    "GIT_URI": "ssh://git@git.example.com/a b/'c'.git",
    "GPU": "2",
    "JOB": "the-longest-of-all-names-by-us-sweep-elasticnet",
    "K": "7",
    "KEEP": "60",
    "L1_RATIO": "0.25",
    "LOSS": "hinge",
    "MEMORY": "3Gi",
    "MLFLOW_TRACKING_AUTH": "kubernetes-namespaced",
    "MLFLOW_TRACKING_SERVER_CERT_PATH": "/var/run/secrets/kubernetes.io/serviceaccount/service-ca.crt",
    "MLFLOW_TRACKING_URI": "https://mlflow.example.com/mlflow",
    "MLFLOW_WORKSPACE": '"2026"',
    "MODEL": "drive_failure",
    "NAME": "the-longest-of-all-names-by-us",
    "N_NEIGHBORS": "7",
    "QUEUE": '"1234"',
    "RETRIES": "0",
    "ROLE": "view",
    "SCHEDULE": "*/5 0 1 1 *",
    "SEED": "7",
    "SERVICE_ACCOUNT": "trainer",
    "SERVICE_ACCOUNT_TOKEN": "true",
    "SHIFT": "1.5",
    "SIZE": "1Ti",
    "SPOOL_VOLUME": '{"name": "spool", "persistentVolumeClaim": {"claimName": "kept"}}',
    "TAG": "stable",
    "TARGET": "a,b",
    "TIME_ZONE": "Europe/Berlin",
    "TRACKING_SECRET": "mlflow",
    "USER": "system:serviceaccount:models:ci",
    "VERB": "sweep",
    "WEIGHTS": "distance",
}


def opening(path: Path) -> dict[str, str]:
    """The parameters in the `oc process` line of the comment that a manifest opens with."""
    comment = itertools.takewhile(lambda line: line.startswith("#"), path.read_text().splitlines())
    (line,) = [line.strip("# ") for line in comment if line.strip("# ").startswith("oc process")]
    words = shlex.split(line)
    files = [path.parents[1] / word.partition("=")[2] for word in words if word.startswith("--param-file=")]
    given = dict(after.split("=", 1) for word, after in itertools.pairwise(words) if word == "-p")
    return {name: value for file in files for name, value in param_file(file).items()} | given


def changed(path: Path) -> dict[str, str]:
    return {each["name"]: CHANGED[each["name"]] for each in yaml.safe_load(path.read_text())["parameters"]}


def problems(path: Path, given: dict[str, str]) -> list[str]:
    """What the cluster, or whoever runs it, would object to in what a Template makes."""
    found = []
    for each in process(path, given):
        found += broken(each)
        labels = [each["metadata"]["labels"]]
        if each["kind"] in ("Job", "CronJob"):
            labels.append(pod(each)["metadata"]["labels"])
            found += unsafe(pod(each)["spec"])
            (container,) = pod(each)["spec"]["containers"]
            sizes = [container["resources"].get(kind, {}) for kind in ("requests", "limits")]
            found += (
                ["sizes are missing"]
                if not all({"cpu", "memory", "ephemeral-storage"} <= size.keys() for size in sizes)
                else []
            )
        for name in ("name", "component", "part-of", "managed-by"):
            found += [f"no label {name}" for each in labels if not each.get(f"app.kubernetes.io/{name}")]
        found += ["is part of another"] if labels[0]["app.kubernetes.io/part-of"] != given["NAME"] else []
    return found
