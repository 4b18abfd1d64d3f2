"""Stands in for `oc` where there is no cluster: processes Templates as it does, and keeps what it is told.

In $OC_FOLDER: calls, a JSON list a line; objects, those that were applied; source, the last that was uploaded.
Nobody is logged in when OC_USER is not set.
"""

import json
import os
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
    given = dict(value.split("=", 1) for value in values(words, "-p"))
    try:
        return process(Path(values(words, "-f")[0]), {name: file[name] for file in files for name in file} | given)
    except Refused as refused:
        sys.exit(f"error: {refused}")


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
    elif verb == "apply":
        if not (given := sys.stdin.read()):
            sys.exit("error: no objects passed to apply")
        (FOLDER / "objects").write_text(given)
    elif verb == "annotate":
        (FOLDER / "annotation").write_text(words[-1].partition("=")[2])
    elif verb == "get":
        print((FOLDER / "annotation").read_text() if (FOLDER / "annotation").exists() else "", end="")
    elif verb == "start-build":
        for source in values(words, "--from-dir"):
            shutil.copytree(source, FOLDER / "source")
        if os.environ.get("OC_FAILS") == words[0]:
            sys.exit(f"error: the build {words[0]}-1 status is Failed")


main(*sys.argv[1:])
