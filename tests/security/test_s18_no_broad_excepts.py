"""S18: below the run boundary nothing is caught that is not named."""

import ast

import pytest

BROAD = {"Exception", "BaseException"}
# Here an error of any kind becomes a typed one that is recorded, or an exit code; nowhere else. Two are borders of
# threads that listen to a worker: what they do not tell the crew nobody hears.
RUN_BOUNDARY = {
    "app/crew.py",
    "app/ray_hand.py",
    "app/workbench.py",
    "app/worker.py",
    "cli/__init__.py",
    "engine/inline.py",
}


def broad_handlers(tree: ast.Module) -> list[int]:
    """Return the lines of handlers that catch everything and do not pass it on."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and _is_broad(node.type) and not _passes_on(node)
    ]


def _is_broad(kind: ast.expr | None) -> bool:
    if kind is None:
        return True
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return any(isinstance(each, ast.Name) and each.id in BROAD for each in kinds)


def _passes_on(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def test_no_broad_handler_below_the_run_boundary(package_trees: dict[str, ast.Module]) -> None:
    found = {path: broad_handlers(tree) for path, tree in package_trees.items() if path not in RUN_BOUNDARY}
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_the_boundary_is_where_it_is_said_to_be(package_trees: dict[str, ast.Module]) -> None:
    assert [path for path in RUN_BOUNDARY if not broad_handlers(package_trees[path])] == []


@pytest.mark.parametrize("caught", ["", " Exception", " BaseException as error", " (ValueError, Exception)"])
def test_the_scan_sees_it(caught: str) -> None:
    assert broad_handlers(ast.parse(f"try:\n    work()\nexcept{caught}:\n    pass\n"))


@pytest.mark.parametrize(
    "handler",
    [
        "except ValueError:\n    pass",
        "except BaseException:\n    undo()\n    raise",
        "except (OSError, KeyError):\n    pass",
    ],
)
def test_the_scan_lets_named_and_passing_handlers_pass(handler: str) -> None:
    assert not broad_handlers(ast.parse(f"try:\n    work()\n{handler}\n"))


def test_suppress_is_not_a_way_around(package_trees: dict[str, ast.Module]) -> None:
    found = [
        f"{path}:{node.lineno}"
        for path, tree in package_trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith("suppress")
        and any(ast.unparse(each) in BROAD for each in node.args)
    ]
    assert not found
