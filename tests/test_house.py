"""The rules of the house that a reader relies on."""

import ast
import importlib
import re
from pathlib import Path

import pytest

from .forks import python
from .helpers import PRODUCT, ROOT

HARNESS = PRODUCT / "experiment"
SOURCES = sorted([*HARNESS.rglob("*.py"), *PRODUCT.glob("models/*.py")])
# As the docstring lists them: each may use those after it.
ROOMS = re.findall(r"^    (\w+)/ ", ast.get_docstring(ast.parse((HARNESS / "__init__.py").read_text())), re.MULTILINE)
FOR_ALL = {"errors", "utf8"}
COMMAND_LINE = {"__init__", "__main__", "cli", *FOR_ALL}
each_source = pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PRODUCT)))


def imports(path: Path) -> set[str]:
    """The names that a file imports, anywhere in it, from the repository's top: `experiment.data.Source`."""
    package, found = path.relative_to(PRODUCT).parent.parts, set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            found |= {".".join([*above, *filter(None, [node.module]), alias.name]) for alias in node.names}
    return found


def test_files_are_about_a_hundred_lines_at_most():
    lengths = {str(path.relative_to(PRODUCT)): len(path.read_text().splitlines()) for path in SOURCES}
    assert max(lengths.values()) <= 140, lengths
    assert sum(length > 100 for length in lengths.values()) <= len(lengths) / 4, lengths


@each_source
def test_no_function_must_be_scrolled_through(path):
    functions = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)]
    lengths = {node.name: node.end_lineno - node.lineno + 1 for node in functions}
    assert max(lengths.values(), default=0) <= 36, lengths


@each_source
def test_two_rooms_import_mlflow_and_no_model_knows_the_outside(path):
    imported = {name.partition(".")[0] for name in imports(path)}
    assert "mlflow" not in imported or path.parent.name in ("tracking", "formats")
    assert not imported & {"optuna", "kubernetes"} or path.parent.name != "models"


TEXT = {"open", "fdopen", "read_text", "write_text", "TemporaryFile", "NamedTemporaryFile", "TextIOWrapper"}


@each_source
def test_no_file_has_the_encoding_of_the_machine(path):
    """`utf8` reads and writes whole files; what else holds text says which encoding it has."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        name, given = ast.unparse(node.func), {word.arg: ast.unparse(word.value) for word in node.keywords}
        bytewise = any(isinstance(word, ast.Constant) and "b" in str(word.value) for word in node.args)
        assert "encoding" in given or given.get("text") != "True", f"{name}(text=True), line {node.lineno}"
        if name.rpartition(".")[2] in TEXT and name not in ("os.open", "written.open") and not bytewise:
            assert given.get("encoding", "").startswith("'utf-8"), f"{name}, line {node.lineno}"
            assert not name.endswith("_text") or path.stem == "utf8", f"{name}, line {node.lineno}: in utf8"


def test_verbs_are_at_the_top_and_every_folder_is_a_room():
    from experiment.__main__ import VERBS

    assert {path.stem for path in HARNESS.glob("*.py")} == COMMAND_LINE | VERBS.keys()
    assert {path.name for path in HARNESS.iterdir() if path.is_dir() and path.name != "__pycache__"} == set(ROOMS)


@each_source
def test_a_room_uses_what_the_rooms_below_it_offer_and_no_verb(path):
    room = path.parent.name
    for name in imports(path):
        within, *parts = name.split(".")
        if within != "experiment" or parts[:1] in ([], [room]):
            continue
        if room in ROOMS:
            assert parts[0] in {*FOR_ALL, *ROOMS[ROOMS.index(room) + 1 :]}, f"{name} is no room below {room}"
        if parts[0] in ROOMS and (path.stem, parts[1:]) != ("__init__", []):  # a room that needs what another sets
            offered = importlib.import_module(f"experiment.{parts[0]}").__all__
            assert parts[1:] in [[offer] for offer in offered], f"{parts[0]} offers {', '.join(offered)}"


def test_a_fork_has_the_libraries(tmp_path):
    """Without them all tests pass, in three times the time."""
    assert python("-c", "import sys; print('mlflow' in sys.modules)", cwd=tmp_path).stdout == "True\n"


def test_the_picture_of_the_rooms_is_the_rule():
    picture = (ROOT / "CONTRIBUTING.md").read_text()
    assert re.findall(r"^ +(\w+)/ +", picture, re.MULTILINE) == ROOMS
