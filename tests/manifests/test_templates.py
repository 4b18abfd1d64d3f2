"""The Templates in openshift/: with their defaults, and with every parameter changed."""

import itertools
import json
import shlex
from pathlib import Path

import pytest
import yaml

from ..cluster.openshift import broken, param_file, process
from ..helpers import PRODUCT

MANIFESTS = sorted(path.name for path in (PRODUCT / "openshift").glob("*.yaml"))
# A value for every parameter, as awkward as it may be; a new parameter needs one here.
CHANGED = {
    "BUILDER": "registry.example.com:5000/python:3.12",
    "CPU": "2500m",
    "DEADLINE": "7200",
    "GIT_REF": "release-2",
    "GIT_SECRET": '{"name": "deploy-key"}',
    "GIT_URI": "ssh://git@git.example.com/a b/'c'.git",
    "MEMORY": "3Gi",
    "NAME": "the-longest-of-all-names-by-us",
}


@pytest.fixture(params=MANIFESTS)
def manifest(request, project) -> Path:
    return project / "openshift" / request.param


def opening(path: Path) -> dict[str, str]:
    """The parameters in the `oc process` line of the comment that a manifest opens with."""
    comment = itertools.takewhile(lambda line: line.startswith("#"), path.read_text().splitlines())
    (line,) = [line.strip("# ") for line in comment if line.strip("# ").startswith("oc process")]
    words = shlex.split(line)
    return dict(after.split("=", 1) for word, after in itertools.pairwise(words) if word == "-p")


def changed(path: Path) -> dict[str, str]:
    return {each["name"]: CHANGED[each["name"]] for each in yaml.safe_load(path.read_text())["parameters"]}


@pytest.mark.parametrize("given", [opening, changed])
def test_is_what_the_cluster_takes(manifest, given):
    made = process(manifest, given(manifest))
    assert made
    assert [problem for each in made for problem in broken(each)] == []
    for each in made:
        assert each["metadata"]["labels"]["app.kubernetes.io/part-of"] == given(manifest)["NAME"]


def test_says_what_it_is_for_and_describes_every_parameter(manifest):
    template = yaml.safe_load(manifest.read_text())
    assert [problem for problem in broken(template) if "was not filled in" not in problem] == []
    assert len(manifest.read_text().splitlines()) < 80
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
        "git": {"uri": CHANGED["GIT_URI"], "ref": "release-2"},
        "sourceSecret": {"name": "deploy-key"},
    }
    for build in builds.values():
        assert build["spec"]["completionDeadlineSeconds"] == 7200
        assert build["spec"]["resources"]["limits"] == {"cpu": "2500m", "memory": "3Gi"}
    builder = builds[f"{name}-dependencies"]["spec"]["strategy"]["sourceStrategy"]
    assert builder["from"] == {"kind": "DockerImage", "name": CHANGED["BUILDER"]}


# What is replaced in build.yaml, by what, and what must then be told
WRONG = [
    ("runPolicy: SerialLatestOnly", "runPolicy: Latest", "'Latest' is not one of ['Parallel', 'Serial'"),
    ("forcePull: true", "forcePull: sometimes", "'sometimes' is not of type 'boolean'"),
    ("forcePull: true", "forcedPull: true", "('forcedPull' was unexpected)"),
    ("type: ConfigChange", "type: Change", "'Change' is not one of"),
    ("${{GIT_SECRET}}", "${GIT_SECRET}", "'null' is not of type 'object'"),
    ("${{DEADLINE}}", "${DEADLINE}", "'3600' is not of type 'integer'"),
    ("lookupPolicy: {local: true}", "lookup: {local: true}", "('lookup' was unexpected)"),
    ("kind: BuildConfig", "kind: BuildConfigs", "no schema of build.openshift.io/v1 BuildConfigs"),
    ("apiVersion: image.openshift.io/v1", "apiVersion: v1", "no schema of v1 ImageStream"),
    ("name: ${NAME}", "name: ${NAMED}", "${NAMED} was not filled in"),
]


@pytest.mark.parametrize(("right", "wrong", "told"), WRONG, ids=[each[1] for each in WRONG])
def test_a_mistake_in_the_build_is_told(project, tmp_path, right, wrong, told):
    text = (project / "openshift" / "build.yaml").read_text()
    assert right in text
    (tmp_path / "build.yaml").write_text(text.replace(right, wrong))
    made = process(tmp_path / "build.yaml", opening(project / "openshift" / "build.yaml"))
    problems = [problem for each in made for problem in broken(each)]
    assert any(told in problem for problem in problems), json.dumps(problems)
