"""What a namespace of OpenShift asks of a pod, and what a kubelet then hands to its container."""

import math
import re
from collections.abc import Iterator
from typing import NamedTuple

VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
CHOSEN = {"runAsUser", "runAsGroup", "fsGroup", "supplementalGroups", "seLinuxOptions"}
# What a kubelet tells a pod of a Service with this name, as it does of all in the namespace
LINKS = {
    "PARAM_K_SERVICE_HOST": "172.30.0.9",
    "PARAM_K_PORT": "tcp://172.30.0.9:80",
    "PARAM_K_PORT_80_TCP_ADDR": "172.30.0.9",
}
LABELS = re.compile(r"metadata\.labels\['(.+)'\]")


def pod(made: dict) -> dict:
    """The pod template of a Job or a CronJob."""
    spec = made["spec"]["jobTemplate"]["spec"] if made["kind"] == "CronJob" else made["spec"]
    return spec["template"]


def unsafe(spec: dict) -> Iterator[str]:
    """What Pod Security's level "restricted" refuses in a pod's spec, and what OpenShift's restricted-v2 does.

    After https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    yield from (f"{name} is set" for name in ("hostNetwork", "hostPID", "hostIPC") if spec.get(name))
    for volume in spec.get("volumes", []):
        if isinstance(volume, dict):  # else the schema has it
            yield from (f"volume {volume.get('name')} is {kind}" for kind in volume.keys() - VOLUMES - {"name"})
    shared = spec.get("securityContext", {})
    for each in [*spec["containers"], *spec.get("initContainers", [])]:
        context = {"capabilities": None} | shared | each.get("securityContext", {})
        yield from (f"{name} is the cluster's to choose" for name in context.keys() & CHOSEN)
        if context["capabilities"] != {"drop": ["ALL"]}:
            yield "capabilities are not all dropped"
        if context.get("runAsNonRoot") is not True:
            yield "runAsNonRoot is not true"
        if context.get("allowPrivilegeEscalation") is not False:
            yield "allowPrivilegeEscalation is not false"
        if context.get("seccompProfile", {}).get("type") not in ("RuntimeDefault", "Localhost"):
            yield "seccompProfile is not RuntimeDefault"
        if context.get("privileged") or any("hostPort" in port for port in each.get("ports", [])):
            yield "it is privileged, or takes a port of the host"


class Container(NamedTuple):
    """What a container is started with."""

    env: dict[str, str]
    command: list[str]
    args: list[str]


def started(made: dict, name: str, secrets: dict[str, dict[str, str]] | None = None) -> Container:
    """The container of the first pod of this Job, whose name is given; secrets: those that there are, by name."""
    template = pod(made)
    (container,) = template["spec"]["containers"]
    labels = template["metadata"]["labels"] | {"batch.kubernetes.io/job-name": name, "job-name": name}
    env = {**LINKS} if template["spec"].get("enableServiceLinks", True) else {}
    for source in container.get("envFrom", []):
        env |= (secrets or {}).get(source["secretRef"]["name"], {})
    for each in container["env"]:
        origin = each.get("valueFrom", {})
        if field := origin.get("fieldRef", {}).get("fieldPath"):
            env[each["name"]] = labels[found[1]] if (found := LABELS.fullmatch(field)) else f"{name}-x7k2p"
        elif "resourceFieldRef" in origin:
            assert origin["resourceFieldRef"] == {"resource": "limits.cpu"}
            env[each["name"]] = str(cores(container["resources"]["limits"]["cpu"]))
        else:
            env[each["name"]] = expanded(each.get("value", ""), env)
    words = ([expanded(word, env) for word in container.get(part, [])] for part in ("command", "args"))
    return Container(env, *words)


def cores(quantity: str) -> int:
    """Whole cores of a quantity of CPU: 500m are one."""
    return math.ceil(int(quantity.removesuffix("m")) / (1000 if quantity.endswith("m") else 1))


def expanded(text: str, env: dict[str, str]) -> str:
    """After k8s.io/kubernetes/third_party/forked/golang/expansion: $(NAME) is replaced if known, $$ is one $."""
    return re.sub(r"\$(\$|\((.*?)\))", lambda found: "$" if found[1] == "$" else env.get(found[2], found[0]), text)
