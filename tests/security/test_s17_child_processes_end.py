"""S17: whoever waits for a child process says how long, and no shell reads what we pass."""

import ast

import pytest

WAITING = {"run", "call", "check_call", "check_output", "communicate"}


def endless_calls(tree: ast.Module) -> list[int]:
    """Return the lines that wait for a child without a timeout, or go through a shell."""
    lines = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        words = {word.arg for word in node.keywords}
        of_subprocess = isinstance(node.func.value, ast.Name) and node.func.value.id == "subprocess"
        waits = node.func.attr in WAITING and (of_subprocess or node.func.attr == "communicate")
        if (waits and "timeout" not in words) or (of_subprocess and "shell" in words):
            lines.append(node.lineno)
        if (
            node.func.attr in ("system", "popen")
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "os"
        ):
            lines.append(node.lineno)
    return lines


def test_every_wait_has_an_end(package_trees: dict[str, ast.Module]) -> None:
    found = {path: endless_calls(tree) for path, tree in package_trees.items()}
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "source",
    [
        "subprocess.run(['blender'])",
        "subprocess.run('ls', shell=True, timeout=1)",
        "child.communicate()",
        "os.system('ls')",
    ],
)
def test_the_scan_sees_it(source: str) -> None:
    assert endless_calls(ast.parse(source))


@pytest.mark.parametrize("source", ["subprocess.run(['blender'], timeout=60)", "executor.run(tasks)"])
def test_the_scan_lets_bounded_calls_pass(source: str) -> None:
    assert not endless_calls(ast.parse(source))
