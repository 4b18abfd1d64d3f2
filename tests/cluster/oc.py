"""Stands in for `oc` where there is no cluster: processes Templates as it does, and keeps what it is told.

In $OC_FOLDER: calls, a JSON list a line; objects, what is on the cluster; images, what tags name; source, the last that
was uploaded; moments, lists of what is there one after the other, as a clock has it that `sleep` and `logs` put forward.
Nobody has ever logged in when OC_USER is not set, and not lately when it is empty; OC_FORBIDDEN has kinds that the user
may not read.
"""

import json
import os
import random
import re
import shutil
import sys
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ["OC_FOLDER"])
sys.path.insert(0, str(ROOT))
NEVER = """error: Missing or incomplete configuration info.  Please point to an existing, complete config file:

  1. Via the command-line flag --kubeconfig
  2. Via the KUBECONFIG environment variable
  3. In your home directory as ~/.kube/config

To view or setup config directly use the 'config' command."""
EXPIRED = """\
E1127 22:00:00.000000   12345 memcache.go:265] "Unhandled Error" err="couldn't get current server API group list"
error: You must be logged in to the server (Unauthorized)"""
GROUPS = {
    "imagestream": "image.openshift.io",
    "buildconfig": "build.openshift.io",
    "imagestreamtag": "image.openshift.io",
}
COMMAS = 'warning: --param no longer accepts comma-separated lists of values. "{}" will be treated as a single key-value pair.'


def values(words: list[str], flag: str) -> list[str]:
    """The values of a flag that may be given several times, as `--flag value` or `--flag=value`."""
    apart = [after for word, after in pairwise(words) if word == flag]
    return apart + [word.removeprefix(f"{flag}=") for word in words if word.startswith(f"{flag}=")]


def kept(name: str, default):
    """What a file of the folder has."""
    return json.loads((FOLDER / name).read_text()) if (FOLDER / name).exists() else default


def keep(name: str, content) -> None:
    (FOLDER / name).write_text(json.dumps(content))


def processed(words: list[str]) -> list[dict]:
    from tests.cluster.openshift import Refused, param_file, process  # takes a while, and other verbs do without

    given = {}
    for word in values(words, "-p"):
        if re.search(".*=.*,.*=.*", word):
            print(COMMAS.format(word), file=sys.stderr)
        name, value = word.split("=", 1)
        if name in given:
            sys.exit(f"error: The following parameters were provided more than once: {name}")
        given[name] = value
    for path in values(words, "--param-file"):
        for name, value in param_file(Path(path)).items():
            if name in given:
                print(
                    f'warning: Template parameter "{name}" already defined, ignoring value from file "{path}"',
                    file=sys.stderr,
                )
            given.setdefault(name, value)
    try:
        return process(Path(values(words, "-f")[0]), given)
    except Refused as refused:
        sys.exit(f"error: {refused}")


def present() -> list[dict]:
    """The objects on the cluster, oldest first."""
    moments = kept("moments", [])
    return moments[min(kept("now", 0), len(moments) - 1)] if moments else kept("objects", [])


def images() -> dict[str, str]:
    return kept("images", {"ml-project:latest": "registry/ml-project@sha256:0"})


def key(made: dict) -> tuple[str, str]:
    return made["kind"].lower(), made["metadata"]["name"]


def put(verb: str) -> None:
    """Create or apply what comes on stdin."""
    from tests.cluster.api import admitted, applied

    if not (given := sys.stdin.read()):
        sys.exit(f"error: no objects passed to {verb}")
    objects, lasts = {key(each): each for each in present()}, kept("applied", {})
    for made in json.loads(given):
        metadata, done = made["metadata"], "created"
        if "name" not in metadata:
            metadata["name"] = metadata["generateName"] + "".join(random.choices("bcdfghjklm", k=5))  # noqa: S311
        if verb == "create":
            objects[key(made)] = admitted(made, images())
        else:
            last = lasts.get("/".join(key(made)), {})
            objects[key(made)], done = applied(made, last, objects.get(key(made)), images())
            lasts["/".join(key(made))] = made
        kind, name = key(made)
        print(f"{kind}.{GROUPS.get(kind, 'batch')}/{name} {done}")
    keep("objects", [*objects.values()])
    keep("applied", lasts)


def get(words: list[str]) -> None:
    """Print what there is of a kind, or one by its name."""
    from tests.cluster.jsonpath import at, printed

    kinds, _, name = words[0].partition("/")
    kinds = [kind.removesuffix("s") for kind in kinds.split(",")]
    if forbidden := {f"{kind}s" for kind in kinds} & {*os.environ.get("OC_FORBIDDEN", "").split(",")}:
        what = f"{min(forbidden)}.{GROUPS.get(kinds[0], 'batch')}"
        sys.exit(f'Error from server (Forbidden): {what} is forbidden: User "dana" cannot read them in "models"')
    if kinds == ["imagestreamtag"]:
        stream = name.partition(":")[0]
        if not any(image.startswith(f"{stream}:") for image in images()):
            sys.exit(f'Error from server (NotFound): imagestreams.image.openshift.io "{stream}" not found')
        if name not in images():
            sys.exit(f'Error from server (NotFound): imagestreamtags.image.openshift.io "{name}" not found')
        return
    found = [each for each in present() if each["kind"].lower() in kinds and (not name or key(each)[1] == name)]
    for pair in ",".join(values(words, "-l") + values(words, "--field-selector")).split(","):
        wanted, _, value = pair.partition("=")
        if wanted in ("type", "involvedObject.kind", "involvedObject.name"):
            found = [each for each in found if at(f".{wanted}", each) == [value]]
        elif wanted:
            found = [each for each in found if each["metadata"].get("labels", {}).get(wanted) == value]
    for order in values(words, "--sort-by"):
        found.sort(key=lambda each: at(order, each))
    if name and not found:
        if "--ignore-not-found" not in words:
            sys.exit(f'Error from server (NotFound): {kinds[0]}s.{GROUPS.get(kinds[0], "batch")} "{name}" not found')
        return
    output = "".join(values(words, "-o"))
    if output.startswith("jsonpath="):
        print(printed(output.removeprefix("jsonpath="), found[0] if name else {"items": found}), end="")
        return
    for kind, each in map(key, found):
        print({"name": f"{kind}{'' if kind == 'pod' else '.batch'}/{each}"}.get(output, each))


def delete(words: list[str]) -> None:
    """By kind/name, or by a kind and names."""
    words = [word for word in words if not word.startswith("-")]
    gone = {tuple(words[0].split("/"))} if "/" in words[0] else {(words[0], name) for name in words[1:]}
    keep("objects", [each for each in present() if key(each) not in gone])


def build(words: list[str]) -> None:
    """Make a new image of the BuildConfig's name."""
    from tests.cluster.api import triggered

    for source in values(words, "--from-dir"):
        shutil.copytree(source, FOLDER / "source")
    if os.environ.get("OC_FAILS") == words[0]:
        sys.exit(f"error: the build {words[0]}-1 status is Failed")
    made, objects = f"registry/{words[0]}@sha256:{random.getrandbits(64):x}", present()
    keep("images", images() | {f"{words[0]}:latest": made})
    triggered(objects, images())
    keep("objects", objects)


def annotate(words: list[str]) -> None:
    objects, (note, _, value) = present(), words[-1].partition("=")
    (named,) = [each for each in objects if "/".join(key(each)) == words[-2]]
    named["metadata"].setdefault("annotations", {})[note] = value
    keep("objects", objects)


def logs(words: list[str]) -> None:
    """Print what a container has printed until the next moment, with --timestamps."""
    name = next(word for word in words if word.startswith("pod/")).removeprefix("pod/")
    (pod,) = [each for each in present() if key(each) == ("pod", name)]
    state = pod["status"]["containerStatuses"][0]["state"]
    if "waiting" in state:
        sys.exit(
            f'Error from server (BadRequest): container "train" in pod "{name}" is waiting to start: ContainerCreating'
        )
    for second, line in enumerate(pod["printed"]):
        moment = f"2026-11-27T10:00:{second:02}.{second:09}Z"
        if all(moment >= since.partition(".")[0] for since in values(words, "--since-time")):  # in whole seconds
            print(f"{moment} {line}")
    keep("now", kept("now", 0) + 1)


def main(verb: str, *rest: str) -> None:
    words = list(rest)
    with (FOLDER / "calls").open("a") as file:
        print(json.dumps([verb, *words]), file=file)
    if verb == "whoami":
        if not os.environ.get("OC_USER"):
            sys.exit(EXPIRED if "OC_USER" in os.environ else NEVER)
        print(os.environ["OC_USER"])
    elif verb == "process":
        print(json.dumps(processed(words)))
    elif verb in ("apply", "create"):
        put(verb)
    else:
        verbs = {"annotate": annotate, "get": get, "delete": delete, "start-build": build, "logs": logs}
        verbs[verb](words)


main(*sys.argv[1:])
