"""The stand-in for `oc process` does what library-go's pkg/template does."""

import pytest
import yaml

from .openshift import Refused, param_file, process


@pytest.fixture
def made(tmp_path):
    """Makes one object by a Template that declares the given parameters."""

    def make(body: dict, *parameters: dict, labels: dict | None = None, **settings):
        template = {
            "apiVersion": "template.openshift.io/v1",
            "kind": "Template",
            "parameters": list(parameters),
            "objects": [{"kind": "ConfigMap", "metadata": {"name": "a"}, **body}],
        }
        path = tmp_path / "template.yaml"
        path.write_text(yaml.safe_dump(template | ({"labels": labels} if labels else {})))
        return process(path, **settings)[0]

    return make


def test_a_text_is_put_into_texts_and_keys(made):
    body = {"data": {"${A}-key": "x-${A}-${B}-${A}", "list": ["${B}"]}}
    found = made(body, {"name": "A", "value": "1"}, {"name": "B"}, given={"B": "two"})
    assert found["data"] == {"1-key": "x-1-two-1", "list": ["two"]}


@pytest.mark.parametrize(
    ("value", "becomes"),
    [
        ("5", 5),
        ("0.5", 0.5),
        ("true", True),
        ('{"a": [1]}', {"a": [1]}),
        ('"5"', "5"),
        ("plain", "plain"),
        ("2Gi", "2Gi"),
        ("", ""),
    ],
)
def test_two_braces_keep_the_type_and_what_is_no_json_stays_a_text(made, value, becomes):
    assert made({"data": {"x": "${{A}}"}}, {"name": "A", "value": value})["data"] == {"x": becomes}


def test_null_takes_its_key_away_and_a_null_that_was_there_stays(made):
    body = {"data": {"x": "${{A}}", "y": "${A}", "z": None}}
    assert made(body, {"name": "A", "value": "null"})["data"] == {"y": "null", "z": None}


def test_two_braces_in_the_middle_and_unknown_names_stay(made):
    body = {"data": {"x": "a${{A}}", "y": "${B} ${{B}} $(A) $A ${a-b}", "z": "${{B}}"}}
    assert made(body, {"name": "A", "value": "1"})["data"] == body["data"]


def test_values_are_put_in_one_after_the_other(made):
    given = {"A": "${B}", "B": "b"}
    assert made({"data": {"x": "${A} ${B}"}}, {"name": "A"}, {"name": "B"}, given=given)["data"]["x"] == "b ${B}"


def test_a_required_parameter_needs_a_value(made):
    for given in ({}, {"A": ""}):
        with pytest.raises(Refused, match="parameter A is required and must be specified"):
            made({}, {"name": "A", "required": True}, given=given)
    made({}, {"name": "A", "required": True, "value": "default"})


def test_an_unknown_parameter_is_refused(made):
    with pytest.raises(Refused, match='unknown parameter name "B"'):
        made({}, {"name": "A"}, given={"B": "1"})


def test_a_value_is_generated_unless_one_is_given(made):
    parameter = {"name": "A", "generate": "expression", "from": "u[a-c]{8}[0-9]{2}"}
    found = made({"data": {"x": "${A}"}}, parameter)["data"]["x"]
    assert len(found) == 11
    assert set(found[1:9]) <= set("abc")
    assert found[9:].isdigit()
    assert made({"data": {"x": "${A}"}}, parameter, given={"A": ""})["data"]["x"] == ""


def test_labels_come_to_every_object(made):
    found = made({}, {"name": "A", "value": "b"}, labels={"app": "${A}"})
    assert found["metadata"] == {"name": "a", "labels": {"app": "b"}}


def test_a_label_that_is_no_text_takes_the_others_with_it(made):
    body = {"metadata": {"name": "a", "labels": {"own": "1", "queue": "${{A}}"}}}
    for value, own in (("1234", {}), ("true", {}), ('"1234"', {"own": "1", "queue": "1234"}), ("null", {"own": "1"})):
        found = made(body, {"name": "A", "value": value}, labels={"app": "b"})
        assert found["metadata"]["labels"] == own | {"app": "b"}


def test_only_a_template_is_processed(tmp_path):
    (tmp_path / "job.yaml").write_text("apiVersion: batch/v1\nkind: Job\n")
    with pytest.raises(Refused, match="no Template"):
        process(tmp_path / "job.yaml")


def test_a_parameter_file_is_lines_and_comments(tmp_path):
    lines = [
        "# Comment",
        "A=b=c",
        "",
        "QUEUE=",
        "export B = b ",
        "C=s3://b/a#b.csv # c",
        "D='a#b'",
        'E="a b"',
        "G=a # it's",
    ]
    (tmp_path / "params.env").write_text("\n".join([*lines, 'F={"a": "b"}']))
    found = {
        "A": "b=c",
        "QUEUE": "",
        "B": "b",
        "C": "s3://b/a",
        "D": "a#b",
        "E": "a b",
        "F": '{"a": "b"}',
        "G": "a # it's",
    }
    assert param_file(tmp_path / "params.env") == found
