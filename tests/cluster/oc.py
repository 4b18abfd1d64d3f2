"""Stands in for `oc` where there is no cluster: processes Templates as it does, and keeps what it is told.

In $OC_FOLDER: calls, a JSON list a line; objects, what is on the cluster; source, the last that was uploaded.
Nobody is logged in when OC_USER is not set; there is no image when OC_NO_IMAGE is.
"""

import json
import os
import random
import shutil
import sys
from itertools import pairwise
from pathlib import Path

FOLDER = Path(os.environ["OC_FOLDER"])


def values(words: list[str], flag: str) -> list[str]:
    """The values of a flag that may be given several times, as `--flag value` or `--flag=value`."""
    apart = [after for word, after in pairwise(words) if word == flag]
    return apart + [word.removeprefix(f"{flag}=") for word in words if word.startswith(f"{flag}=")]


def processed(words: list[str]) -> list[dict]:
    from openshift import Refused, param_file, process  # takes a while, and other verbs do without

    files = [param_file(Path(path)) for path in values(words, "--param-file")]
    pairs = [value.split("=", 1) for value in values(words, "-p")]
    given = dict(pairs)
    if len(given) < len(pairs):
        sys.exit("error: parameters were provided more than once")
    try:
        return process(Path(values(words, "-f")[0]), {name: file[name] for file in files for name in file} | given)
    except Refused as refused:
        sys.exit(f"error: {refused}")


def present() -> list[dict]:
    """The objects on the cluster, oldest first."""
    return json.loads((FOLDER / "objects").read_text()) if (FOLDER / "objects").exists() else []


def key(made: dict) -> tuple[str, str]:
    return made["kind"].lower(), made["metadata"]["name"]


def put(verb: str) -> None:
    """Create or apply what comes on stdin."""
    if not (given := sys.stdin.read()):
        sys.exit(f"error: no objects passed to {verb}")
    objects = {key(each): each for each in present()}
    for made in json.loads(given):
        metadata = made["metadata"]
        if "name" not in metadata:
            metadata["name"] = metadata["generateName"] + "".join(random.choices("bcdfghjklm", k=5))  # noqa: S311
        objects[key(made)] = made
        print(f"{made['kind'].lower()}/{metadata['name']} {verb}")
    (FOLDER / "objects").write_text(json.dumps([*objects.values()]))


def get(words: list[str]) -> None:
    """List Jobs and CronJobs that have the labels asked for; tell the annotation that a build left, or of an image."""
    if words[0].startswith("imagestreamtag/") and "OC_NO_IMAGE" in os.environ:
        sys.exit(f'Error from server (NotFound): imagestreamtags "{words[0].partition("/")[2]}" not found')
    if "/" in words[0]:
        print((FOLDER / "annotation").read_text() if (FOLDER / "annotation").exists() else "", end="")
        return
    wanted = dict(pair.split("=") for pair in values(words, "-l")[0].split(","))
    kinds = [kind.removesuffix("s") for kind in words[0].split(",")]
    for each in present():
        kind, name = key(each)
        if kind in kinds and wanted.items() <= each["metadata"]["labels"].items():
            types = [condition["type"] for condition in each.get("status", {}).get("conditions", [])]
            shown = {"name": f"{kind}.batch/{name}", "": name}  # any other output is clean-jobs' jsonpath
            print(shown.get("".join(values(words, "-o")), f"{name} {' '.join(types)}"))


def delete(words: list[str]) -> None:
    """By kind/name, or by a kind and names."""
    words = [word for word in words if not word.startswith("-")]
    gone = {tuple(words[0].split("/"))} if "/" in words[0] else {(words[0], name) for name in words[1:]}
    (FOLDER / "objects").write_text(json.dumps([each for each in present() if key(each) not in gone]))


def main(verb: str, *rest: str) -> None:
    words = list(rest)
    with (FOLDER / "calls").open("a") as file:
        print(json.dumps([verb, *words]), file=file)
    if verb == "whoami":
        if "OC_USER" not in os.environ:
            sys.exit("error: You must be logged in to the server (Unauthorized)")
        print(os.environ["OC_USER"])
    elif verb == "process":
        print(json.dumps(processed(words)))
    elif verb in ("apply", "create"):
        put(verb)
    elif verb == "annotate":
        (FOLDER / "annotation").write_text(words[-1].partition("=")[2])
    elif verb == "get":
        get(words)
    elif verb == "delete":
        delete(words)
    elif verb == "start-build":
        for source in values(words, "--from-dir"):
            shutil.copytree(source, FOLDER / "source")
        if os.environ.get("OC_FAILS") == words[0]:
            sys.exit(f"error: the build {words[0]}-1 status is Failed")


main(*sys.argv[1:])
