"""The Template of a CronJob, which trains one model again and again on the newest data."""

import json

from .template import QUEUE, labels, parameter, template, training_job, yaml_map

FIELDS = [
    parameter("CRONJOB", "CronJob", "Its name: at most 52 of a-z, 0-9 and -", required=True),
    parameter("MODEL", "Model", "The model to train: the name of its file in models/", required=True),
    parameter("SCHEDULE", "Schedule", "As cron has it: 0 3 * * 1 is Mondays at three", required=True),
    parameter("TIME_ZONE", "Time zone", "Of the schedule, as in Europe/Berlin", value="Etc/UTC"),
    parameter("HYPERPARAMETERS", "Hyperparameters", 'As a JSON list of flags: ["--n-neighbors=7"]', value="[]"),
]
# OpenShift writes in the digest of the image that the tag names when the CronJob is made; by this it follows the tag.
TRIGGER = {
    "from": {"kind": "ImageStreamTag", "name": "${NAME}:${TAG}"},
    "fieldPath": 'spec.jobTemplate.spec.template.spec.containers[?(@.name=="train")].image',
}
OBJECTS = """\
- apiVersion: batch/v1
  kind: CronJob
  metadata: {name: "${CRONJOB}", labels: %(own)s, annotations: %(annotations)s}
  spec:
    schedule: ${SCHEDULE}
    timeZone: ${TIME_ZONE}
    concurrencyPolicy: Forbid # one that takes longer than the interval is not joined by the next
    startingDeadlineSeconds: 3600 # what a cluster that was down has missed is made up for within the hour, once
    successfulJobsHistoryLimit: 3
    failedJobsHistoryLimit: 3
    jobTemplate:
      metadata: {labels: %(labels)s}
      spec:
%(spec)s"""


def retraining() -> str:
    """The Template whose CronJob trains a model on a schedule."""
    parts = {
        "annotations": yaml_map({"image.openshift.io/triggers": json.dumps([TRIGGER])}),
        "own": yaml_map(labels("${MODEL}")),
        "labels": yaml_map(labels("${MODEL}") | QUEUE),
        "spec": training_job("${MODEL}", '"${{HYPERPARAMETERS}}"', depth=8),
    }
    return template(
        "retrain",
        "Retrain",
        "A model trained on the newest data, on a schedule",
        FIELDS,
        OBJECTS % parts,
        purpose="Trains a model again and again, as a CronJob, on what is then at DATA.",
        verb='retrain-on MODEL=knn schedule="0 3 * * 1" data=s3://…',
        example='-p CRONJOB=my-project-knn -p MODEL=knn -p SCHEDULE="0 3 * * 1" | oc apply -f -',
        sources="experiment/manifests/*.yaml",
    )
