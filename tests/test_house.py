"""The rules of the house that a reader relies on."""

import ast

import pytest
from conftest import PRODUCT

SOURCES = sorted([*PRODUCT.glob("experiment/**/*.py"), *PRODUCT.glob("models/*.py")])


def test_files_are_about_a_hundred_lines_at_most():
    lengths = {path.name: len(path.read_text().splitlines()) for path in SOURCES}
    assert max(lengths.values()) <= 140, lengths
    assert sum(length > 100 for length in lengths.values()) <= len(lengths) / 4, lengths


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PRODUCT)))
def test_no_function_must_be_scrolled_through(path):
    functions = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)]
    lengths = {node.name: node.end_lineno - node.lineno + 1 for node in functions}
    assert max(lengths.values(), default=0) <= 36, lengths


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PRODUCT)))
def test_only_tracking_imports_mlflow_and_no_model_knows_the_outside(path):
    imported = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            imported.add(node.module.partition(".")[0])
    assert "mlflow" not in imported or path.parent.name == "tracking"
    assert not imported & {"optuna", "kubernetes"} or path.parent.name != "models"
