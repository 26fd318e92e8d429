"""S03: nothing that a task, a recipe or a service says is ever executed as Python."""

import ast

import pytest

FORBIDDEN_CALLS = {"exec", "eval", "compile", "__import__"}


def executing_calls(tree: ast.Module) -> list[int]:
    """Return the lines that execute text, or import by a name that is not written out there."""
    lines = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        match node.func:
            case ast.Name(name) if name in FORBIDDEN_CALLS:
                lines.append(node.lineno)
            case ast.Attribute(ast.Name("builtins"), name) if name in FORBIDDEN_CALLS:
                lines.append(node.lineno)
            case ast.Attribute(_, "import_module") | ast.Name("import_module"):
                if not (node.args and isinstance(node.args[0], ast.Constant)):
                    lines.append(node.lineno)
            case _:
                pass
    return lines


# Each looks a name up in a table that stands in the same file, and refuses every other before it imports.
CLOSED_TABLES = {"__init__.py", "cli/__init__.py"}


def test_the_package_executes_no_text(package_trees: dict[str, ast.Module]) -> None:
    found = {path: executing_calls(tree) for path, tree in package_trees.items() if path not in CLOSED_TABLES}
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize("name", ["os", "sys", "..engine.run", "run.__class__", "__init__", "eval('1')"])
def test_a_command_outside_the_table_is_refused(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    from blueprint.pipeline.cli import main

    assert main([name]) == 2
    assert "unknown command" in capsys.readouterr().err


@pytest.mark.parametrize(
    "source",
    [
        "exec(text)",
        "value = eval(text, {})",
        "compile(text, 'f', 'exec')",
        "__import__(name)",
        "import builtins\nbuiltins.exec(text)",
        "import importlib\nimportlib.import_module(name)",
        "from importlib import import_module\nimport_module(recipe['reward'])",
    ],
)
def test_the_scan_sees_it(source: str) -> None:
    assert executing_calls(ast.parse(source))


@pytest.mark.parametrize("source", ["import re\nre.compile(text)", "importlib.import_module('warp')", "model.eval()"])
def test_the_scan_lets_harmless_calls_pass(source: str) -> None:
    assert not executing_calls(ast.parse(source))
