"""What `oc process --local` makes of a Template, and whether the API server would take it; for where there is no `oc`.

After https://github.com/openshift/library-go/tree/master/pkg/template: `${NAME}` is replaced inside texts and keys,
`${{NAME}}` must be a whole text and becomes the JSON that the value spells, where null removes the key from its map.
"""

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

TEXT = re.compile(r"\$\{([a-zA-Z0-9_]+?)\}")
TYPED = re.compile(r"\$\{\{([a-zA-Z0-9_]+?)\}\}")
GENERATE = re.compile(r"\[(\w)-(\w)\]\{(\d+)\}")
OLDEST = "1.31"  # OpenShift 4.18, the first in which pod failure policies are no longer beta
SCHEMAS = json.loads((Path(__file__).parent / "schemas" / "openshift.json").read_text())


class Refused(Exception):
    """What `oc process` ends with, for the same mistakes."""


def param_file(path: Path) -> dict[str, str]:
    """The NAME=value lines of a file for --param-file, as https://github.com/joho/godotenv reads them."""
    lines = [line for line in path.read_text().splitlines() if line.strip() and not line.strip().startswith("#")]
    pairs = [uncommented(line).partition("=")[::2] for line in lines]
    return {name.removeprefix("export ").strip(): unquoted(value) for name, value in pairs}


def uncommented(line: str) -> str:
    """# begins a comment anywhere in a line, but behind a part that has one quote alone, up to the next such part."""
    kept, within = [], False
    for part in line.split("#"):
        if closing := part.count('"') == 1 or part.count("'") == 1:
            within = not within
        if not kept or within or closing:
            kept.append(part)
    return "#".join(kept)


def unquoted(value: str) -> str:
    """Blanks around a value, but no tabs, and quotes are none of it."""
    value = value.strip(" ")
    return value[1:-1] if re.fullmatch(r"""(["']).*\1""", value) else value


def process(path: Path, given: dict[str, str] | None = None) -> list[dict]:
    """The objects of a Template. Raises Refused for an unknown parameter, or a required one without a value."""
    template, given = yaml.safe_load(path.read_text()), given or {}
    if (template.get("apiVersion"), template.get("kind")) != ("template.openshift.io/v1", "Template"):
        raise Refused(f"{path.name}: no Template")
    parameters = {each["name"]: each for each in template.get("parameters", [])}
    for name in given.keys() - parameters.keys():
        raise Refused(f'unknown parameter name "{name}"')
    values = {name: given[name] if name in given else default(each) for name, each in parameters.items()}
    for name, each in parameters.items():
        if each.get("required") and not values[name]:
            raise Refused(f"parameter {name} is required and must be specified")
    objects, labels = substitute(template["objects"], values), substitute(template.get("labels", {}), values)
    for each in objects:
        if labels:
            own = each["metadata"].get("labels", {})
            lost = not all(isinstance(value, str) for value in own.values())  # one that is no text loses them all
            each["metadata"]["labels"] = ({} if lost else own) | labels
    return objects


def default(parameter: dict) -> str:
    """The value of a parameter that is not given."""
    if parameter.get("generate") == "expression" and not parameter.get("value"):
        return GENERATE.sub(generated, parameter["from"])
    return parameter.get("value", "")


def generated(match: re.Match) -> str:
    first, last, times = match.groups()
    return "".join(chr(random.randint(ord(first), ord(last))) for _ in range(int(times)))  # noqa: S311


def substitute(node: Any, values: dict[str, str]) -> Any:
    """The node with its references replaced; a reference to no parameter stays as it is."""
    if isinstance(node, list):
        return [substitute(each, values) for each in node]
    if isinstance(node, dict):
        pairs = [(substitute(key, values), value, substitute(value, values)) for key, value in node.items()]
        return {key: new for key, old, new in pairs if new is not None or old is None}
    if not isinstance(node, str):
        return node
    if (typed := TYPED.fullmatch(node)) and typed[1] in values:
        try:
            return json.loads(values[typed[1]])
        except json.JSONDecodeError:
            return values[typed[1]]
    for name in filter(values.__contains__, TEXT.findall(node)):
        node = node.replace(f"${{{name}}}", values[name], 1)
    return node


def broken(made: dict) -> Iterator[str]:
    """What the API server would refuse or drop in an object, each with its place: an unknown kind or field, another
    type, a reference that was not filled in.
    """
    group, _, version = made["apiVersion"].rpartition("/")
    if group.endswith(".openshift.io"):
        yield from unlike_openshift(made, f"com.github.openshift.api.{group.split('.')[0]}.{version}.{made['kind']}")
    else:
        yield from unlike_kubernetes(made)
    yield from (f"{left} was not filled in" for left in re.findall(r"\$\{.*?\}", json.dumps(made)))


def unlike_openshift(made: dict, definition: str) -> Iterator[str]:
    if definition not in SCHEMAS["definitions"]:
        yield f"no schema of {made['apiVersion']} {made['kind']}"
        return
    from jsonschema import Draft7Validator  # takes a while, and processing does without

    schema = {"$ref": f"#/definitions/{definition}", **SCHEMAS}
    yield from (f"{error.json_path}: {error.message}" for error in Draft7Validator(schema).iter_errors(made))


def unlike_kubernetes(made: dict) -> Iterator[str]:
    """Held to the schemas of the oldest release that a cluster may have, and of the newest."""
    import kubernetes_validate

    for version in (OLDEST, kubernetes_validate.latest_version()):
        try:
            kubernetes_validate.validate(made, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            yield f"{error.json_path}: {error.message} (Kubernetes {version})"
        except kubernetes_validate.SchemaNotFoundError as error:
            yield error.message
