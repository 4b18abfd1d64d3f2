"""What `oc get -o jsonpath=…` prints, for the forms that are in use here.

After https://kubernetes.io/docs/reference/kubectl/jsonpath/: what is not there is empty, several results are parted by
blanks, a map is JSON, and `{.items[-1]}` of an empty list would be an error.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

PIECE = re.compile(r"\{([^{}]*)\}|([^{}]+)")
STEP = re.compile(r"\.((?:\\.|[^.\[\]])+)|\[\*\]|\[\?\(@\.([\w.]+)==\"([^\"]*)\"\)\]")


def printed(template: str, node: Any) -> str:
    """The template with its paths replaced."""
    return "".join(pieces(PIECE.finditer(template), node))


def pieces(found: Iterator[re.Match], node: Any) -> Iterator[str]:
    """Up to the end, or to the end of a range."""
    for path, text in (match.groups() for match in found):
        if path is None:
            yield text
        elif path == "end":
            return
        elif path.startswith("range "):
            body = [*until_end(found)]
            for each in at(path.removeprefix("range "), node):
                yield from pieces(iter(body), each)
        elif path.startswith('"'):
            yield json.loads(path)
        else:
            yield " ".join(each if isinstance(each, str) else json.dumps(each) for each in at(path, node))


def until_end(found: Iterator[re.Match]) -> Iterator[re.Match]:
    for match in found:
        if match[1] == "end":
            return
        yield match


def at(path: str, node: Any) -> list[Any]:
    """What is at a path, below a node."""
    assert STEP.sub("", path) == "", f"{path}: no path that this stand-in knows"
    nodes = [node]
    for name, key, value in (match.groups() for match in STEP.finditer(path)):
        if name:
            name = re.sub(r"\\(.)", r"\1", name)
            nodes = [each[name] for each in nodes if isinstance(each, dict) and each.get(name) is not None]
        else:
            nodes = [each for these in nodes for each in these]
        if key:
            nodes = [each for each in nodes if at(f".{key}", each) == [value]]
    return nodes
