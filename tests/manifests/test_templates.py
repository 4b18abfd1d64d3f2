"""The Templates in openshift/: with their defaults, and with every parameter changed."""

import json
from pathlib import Path

import pytest
import yaml

from ..cluster.openshift import broken, param_file, process
from ..cluster.templates import CHANGED, changed, opening, problems
from ..helpers import PRODUCT

MANIFESTS = sorted(path.name for path in (PRODUCT / "openshift").glob("*.yaml"))


@pytest.fixture(params=MANIFESTS)
def manifest(request, project) -> Path:
    return project / "openshift" / request.param


@pytest.mark.parametrize("given", [opening, changed])
def test_is_what_the_cluster_takes(manifest, given):
    assert process(manifest, given(manifest))
    assert problems(manifest, given(manifest)) == []


def test_says_what_it_is_for_and_describes_every_parameter(manifest):
    template = yaml.safe_load(manifest.read_text())
    assert [problem for problem in broken(template) if "was not filled in" not in problem] == []
    assert len(manifest.read_text().splitlines()) - len(template["parameters"]) <= 65
    assert template["metadata"]["annotations"]["description"]
    for each in template["parameters"]:
        assert each["displayName"], each
        assert each["description"], each


def test_what_is_shared_is_the_projects_own_and_known_to_every_template(project, manifest):
    shared = param_file(project / "openshift" / "params.env")
    assert shared["NAME"] == "ml-project"
    process(manifest, opening(manifest) | shared)


def made_by(path: Path, given: dict[str, str], kind: str) -> dict[str, dict]:
    return {each["metadata"]["name"]: each for each in process(path, given) if each["kind"] == kind}


def test_the_build_is_a_chain_of_two(project):
    path = project / "openshift" / "build.yaml"
    streams, builds = (made_by(path, opening(path), kind) for kind in ("ImageStream", "BuildConfig"))
    assert streams.keys() == builds.keys() == {"my-project", "my-project-dependencies"}
    assert all(each["spec"]["lookupPolicy"] == {"local": True} for each in streams.values())
    first, second = builds["my-project-dependencies"]["spec"], builds["my-project"]["spec"]
    made = {"kind": "ImageStreamTag", "name": "my-project-dependencies:latest"}
    assert first["output"]["to"] == made == second["strategy"]["sourceStrategy"]["from"]
    assert {"type": "ImageChange", "imageChange": {}} in second["triggers"]
    assert {"type": "ConfigChange"} in second["triggers"]
    assert "sourceSecret" not in second["source"]
    assert second["postCommit"]["command"] == "python -m experiment check".split()


def test_the_builds_parameters_arrive_as_what_they_are(project):
    path = project / "openshift" / "build.yaml"
    builds = made_by(path, changed(path), "BuildConfig")
    name = CHANGED["NAME"]
    assert builds[name]["spec"]["source"] == {
        "type": "Git",
        "git": {"uri": CHANGED["GIT_URI"], "ref": "2026"},
        "sourceSecret": {"name": "deploy-key"},
    }
    for build in builds.values():
        assert build["spec"]["completionDeadlineSeconds"] == 7200
        assert build["spec"]["resources"]["limits"] == {"cpu": "2500m", "memory": "3Gi"}
    builder = builds[f"{name}-dependencies"]["spec"]["strategy"]["sourceStrategy"]
    assert builder["from"] == {"kind": "DockerImage", "name": CHANGED["BUILDER"]}


# What is replaced in a Template, by what, and what must then be told
WRONG_BUILD = [
    ("runPolicy: SerialLatestOnly", "runPolicy: Latest", "'Latest' is not one of ['Parallel', 'Serial'"),
    ("forcePull: true", "forcePull: sometimes", "'sometimes' is not of type 'boolean'"),
    ("forcePull: true", "forcedPull: true", "('forcedPull' was unexpected)"),
    ("type: ConfigChange", "type: Change", "'Change' is not one of"),
    ("${{GIT_SECRET}}", "${GIT_SECRET}", "'null' is not of type 'object'"),
    ("${{DEADLINE}}", "${DEADLINE}", "'3600' is not of type 'integer'"),
    ("lookupPolicy: {local: true}", "lookup: {local: true}", "('lookup' was unexpected)"),
    ("kind: BuildConfig", "kind: BuildConfigs", "no schema of build.openshift.io/v1 BuildConfigs"),
    (
        "apiVersion: image.openshift.io/v1",
        "apiVersion: v1",
        "Couldn't find schema for kind ImageStream with api version v1 ",
    ),
    ("name: ${NAME}", "name: ${NAMED}", "${NAMED} was not filled in"),
]


WRONG_JOB = [
    ("restartPolicy: Never", "restart: Never", "'restart' was unexpected"),
    ("backoffLimit: ${{RETRIES}}", "backoffLimit: ${RETRIES}", "'2' is not of type 'integer'"),
    ('"${{DATA_VOLUME}}"', '"${DATA_VOLUME}"', "is not of type 'object'"),
    ('value: "${{MLFLOW_WORKSPACE}}"', "value: 1", "1 is not of type 'string'"),
    ("kind: Job", "kind: Jobs", "Couldn't find schema for kind Jobs"),
    ('value: "${USER}"', 'value: "${USERS}"', "${USERS} was not filled in"),
    ("runAsNonRoot: true", "runAsNonRoot: false", "runAsNonRoot is not true"),
    ("runAsNonRoot: true", "runAsNonRoot: true, fsGroup: 1001", "fsGroup is the cluster's to choose"),
    ("type: RuntimeDefault", "type: Unconfined", "seccompProfile is not RuntimeDefault"),
    ("allowPrivilegeEscalation: false, ", "", "allowPrivilegeEscalation is not false"),
    ("drop: [ALL]", "drop: [NET_RAW]", "capabilities are not all dropped"),
    ('emptyDir: {sizeLimit: "${EPHEMERAL_STORAGE}"}', "hostPath: {path: /tmp}", "volume tmp is hostPath"),
    ("limits: *size", "limits: {cpu: '2'}", "sizes are missing"),
    ('app.kubernetes.io/component: "train", ', "", "no label component"),
]
WRONG = [("build", *each) for each in WRONG_BUILD] + [("train-knn", *each) for each in WRONG_JOB]


@pytest.mark.parametrize(("name", "right", "wrong", "told"), WRONG, ids=[each[2] for each in WRONG])
def test_a_mistake_is_told(project, tmp_path, name, right, wrong, told):
    path = project / "openshift" / f"{name}.yaml"
    assert right in path.read_text()
    (tmp_path / "wrong.yaml").write_text(path.read_text().replace(right, wrong))
    found = problems(tmp_path / "wrong.yaml", opening(path))
    assert any(told in problem for problem in found), json.dumps(found)
