"""The Templates that run any verb of the program: once, as a Job, or on a schedule, as a CronJob."""

import json

from .template import QUEUE, job, labels, once, parameter, template, yaml_map

OF_A_JOB = parameter("JOB", "Job", "Its name, but for the five letters that make it another each time", required=True)
OF_A_CRONJOB = [
    parameter("JOB", "CronJob", "Its name: at most 52 of a-z, 0-9 and -", required=True),
    parameter("SCHEDULE", "Schedule", "As cron has it: 0 3 * * 1 is Mondays at three", required=True),
    parameter("TIME_ZONE", "Time zone", "Of the schedule, as in Europe/Berlin", value="Etc/UTC"),
]
FIELDS = [
    parameter("VERB", "Verb", "What the program shall do, as in sweep; python -m experiment lists them", required=True),
    parameter("ARGS", "Arguments", 'The rest of its command line, as a JSON list: ["knn", "--limit=30"]', value="[]"),
    parameter("MODEL", "Model", "For the labels, as in knn; null where it is of no model", value="null"),
]
# OpenShift writes in the digest of the image that the tag names when the CronJob is made; by this it follows the tag.
TRIGGER = {
    "from": {"kind": "ImageStreamTag", "name": "${NAME}:${TAG}"},
    "fieldPath": 'spec.jobTemplate.spec.template.spec.containers[?(@.name=="train")].image',
}
CRONJOB = """\
- apiVersion: batch/v1
  kind: CronJob
  metadata: {name: "${JOB}", labels: %(own)s, annotations: %(annotations)s}
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
OWN = labels("${{MODEL}}", "${VERB}")  # null takes a label away
WORDS, ARGS = ["${VERB}"], '"${{ARGS}}"'


def running() -> str:
    """The Template whose Job runs a verb."""
    return template(
        "run",
        "Run a verb",
        "What the program can do, done once",
        [OF_A_JOB, *FIELDS],
        once("${JOB}-", OWN, WORDS, ARGS),
        purpose="Runs any verb once, as a Job.",
        verb="sweep-job MODEL=knn limit=30",
        example="-p JOB=my-project-check -p VERB=check | oc create -f -",
        sources="experiment/manifests/*.yaml",
    )


def scheduled() -> str:
    """The Template whose CronJob runs a verb again and again."""
    parts = {
        "annotations": yaml_map({"image.openshift.io/triggers": json.dumps([TRIGGER])}),
        "own": yaml_map(OWN),
        "labels": yaml_map(OWN | QUEUE),
        "spec": job(OWN, WORDS, ARGS, depth=8),
    }
    return template(
        "schedule",
        "Run a verb on a schedule",
        "What the program can do, done again and again",
        [*OF_A_CRONJOB, *FIELDS],
        CRONJOB % parts,
        purpose="Runs any verb again and again, as a CronJob.",
        verb='retrain-on MODEL=knn schedule="0 3 * * 1" data=s3://…',
        example="""-p JOB=my-project-check -p VERB=check -p SCHEDULE="0 3 * * 1" | oc apply -f -""",
        sources="experiment/manifests/*.yaml",
    )
