"""What the Templates share: the head, the fields, and the Job, which stands in job.yaml and parameters.yaml."""

import json
from pathlib import Path
from textwrap import indent

from .. import utf8

MARK = "# Written by `make sync`"
QUEUE = {"kueue.x-k8s.io/queue-name": "${{QUEUE}}"}  # Kueue refuses an empty one; null takes the label away
CATALOG = {"tags": "machine-learning,mlflow", "iconClass": "icon-python"}  # where and how the console shows a Template
TEMPLATE = """\
# %(purpose)s  make %(verb)s, or
#   oc process --param-file=openshift/params.env --param-file=openshift/jobs.env -f openshift/%(name)s.yaml %(example)s
%(mark)s from %(sources)s: edits here are lost.
apiVersion: template.openshift.io/v1
kind: Template
metadata:
  name: %(object)s
  annotations: %(annotations)s
parameters:
  - {name: NAME, displayName: Project, description: "Whose image it runs", required: true}
%(parameters)sobjects:
%(objects)s"""
ONCE = """\
- apiVersion: batch/v1
  kind: Job
  metadata: {generateName: "%(name)s", labels: %(labels)s}
  spec:
%(spec)s"""


def template(name: str, title: str, description: str, parameters: list[str], objects: str, **opening: str) -> str:
    """A whole Template.

    name: the file's, without its ending. title, description: for the console. parameters: lines as `parameter` makes
    them. objects: YAML, as a list's entries. opening: the purpose, verb, example and sources of its first lines.

    It has no labels of its own for all objects: `oc process` would drop an object's where one of them is no text.
    """
    return TEMPLATE % {
        "name": name,
        "object": name.replace("_", "-"),
        "mark": MARK,
        "annotations": yaml_map({"openshift.io/display-name": title, "description": description} | CATALOG),
        "parameters": indent("".join([*parameters, shared("parameters.yaml")]), "  "),
        "objects": indent(objects, "  "),
        **opening,
    }


def parameter(name: str, title: str, description: str, **rest: str | bool) -> str:
    """A field of the form, as a line; rest: value, required."""
    return f"- {yaml_map({'name': name, 'displayName': title, 'description': description} | rest)}\n"


def once(name: str, own: dict[str, str], words: list[str], args: str) -> str:
    """The objects of a Template that starts a Job; name: of what letters are added to. The rest: see `job`."""
    return ONCE % {"name": name, "labels": yaml_map(own | QUEUE), "spec": job(own, words, args, depth=4)}


def job(own: dict[str, str], words: list[str], args: str, depth: int) -> str:
    """The spec of a Job, indented by `depth`.

    own: the pod's labels. words: what the program is told. args: the rest of that, as a YAML list.
    """
    command = json.dumps(["python", "-m", "experiment", *words])
    texts = {'"@command"': command, '"@args"': args, '"@labels"': yaml_map(own)}
    spec = shared("job.yaml")
    for place, text in texts.items():
        spec = spec.replace(place, text)
    return indent(spec, " " * depth)


def labels(model: str, verb: str) -> dict[str, str]:
    """The standard labels of what does this with this model."""
    values = {"name": "${NAME}", "instance": model, "component": verb, "part-of": "${NAME}"}
    values["managed-by"] = "openshift-template"
    return {f"app.kubernetes.io/{key}": value for key, value in values.items()}


def yaml_map(pairs: dict[str, str | bool]) -> str:
    """As YAML writes it in one line."""
    return "{" + ", ".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in pairs.items()) + "}"


def shared(file: str) -> str:
    """What a file beside this one says, without the comment that it opens with."""
    lines = utf8.read(Path(__file__).with_name(file)).splitlines()
    return "".join(f"{line}\n" for line in lines if not line.startswith("#"))
