"""What becomes of an object on the cluster: at its admission, in the server's store, and at a second `oc apply`."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from .pods import pod

TRIGGERS = "image.openshift.io/triggers"


def admitted(made: dict, images: dict[str, str]) -> dict:
    """The object as it is stored: what is empty is left out, a volume without a source is an empty folder, and an
    image that an ImageStream of the namespace has is the one that its tag names now.

    The last by OpenShift's ImagePolicy admission, in pods and in all that makes pods, when it is created or changed.
    """
    made = deepcopy(made)
    if made["kind"] == "BuildConfig":
        git = made["spec"]["source"].get("git", {})
        for key in [key for key, value in git.items() if value == ""]:
            del git[key]
    if made["kind"] in ("Job", "CronJob"):
        spec = pod(made)["spec"]
        for volume in spec.get("volumes", []):
            if volume.keys() == {"name"}:
                volume["emptyDir"] = {}
        for container in spec["containers"]:
            container["image"] = images.get(container["image"], container["image"])
            for each in container.get("env", []):
                if each.get("value") == "":
                    del each["value"]
    return made


def applied(made: dict, last: dict, live: dict | None, images: dict[str, str]) -> tuple[dict, str]:
    """What is stored after `oc apply`, and what it says of that. last: what was applied before."""
    if live is None:
        return admitted(made, images), "created"
    stored = admitted(made, images)
    notes = live["metadata"].get("annotations", {}) | stored["metadata"].get("annotations", {})
    stored["metadata"] |= {"annotations": notes} if notes else {}
    return stored, "configured" if [*changes(made, live), *removed(last, made)] else "unchanged"


def changes(made: Any, live: Any, place: str = "") -> Iterator[str]:
    """The places at which `oc apply` finds the live object other than what it is given: what only the live one has is
    not its concern, but in a volume, of which it keeps no source that it is not given.
    """
    if isinstance(made, dict) and isinstance(live, dict):
        if ".volumes." in place and made.keys() != live.keys():
            yield place
        for key, value in made.items():
            yield from changes(value, live.get(key), f"{place}.{key}")
    elif isinstance(made, list) and isinstance(live, list) and len(made) == len(live):
        for number, pair in enumerate(zip(made, live, strict=True)):
            yield from changes(*pair, f"{place}.{number}")
    elif made != live:
        yield place


def removed(last: Any, made: Any, place: str = "") -> Iterator[str]:
    """The places of what was applied before, and is no more."""
    if isinstance(last, dict) and isinstance(made, dict):
        for key, value in last.items():
            yield from removed(value, made[key], f"{place}.{key}") if key in made else [f"{place}.{key}"]


def triggered(objects: list[dict], images: dict[str, str]) -> None:
    """What OpenShift's image trigger controller does when a tag names another image: CronJobs that ask for it by an
    annotation get it. Jobs have no such trigger.
    """
    for made in objects:
        for trigger in json.loads(made["metadata"].get("annotations", {}).get(TRIGGERS, "[]")):
            (container,) = pod(made)["spec"]["containers"]
            path = f'spec.jobTemplate.spec.template.spec.containers[?(@.name=="{container["name"]}")].image'
            assert (made["kind"], trigger["from"]["kind"], trigger["fieldPath"]) == ("CronJob", "ImageStreamTag", path)
            container["image"] = images.get(trigger["from"]["name"], container["image"])
