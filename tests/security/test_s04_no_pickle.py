"""S04: no pickle is ever loaded, neither by a module that does it openly nor by a reader that does it on the side."""

import ast

import pytest

PICKLING = {"pickle", "_pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve", "jsonpickle"}


def unpickling(tree: ast.Module) -> list[int]:
    """Return the lines that import a pickling module, or permit a numpy or torch reader to unpickle."""
    lines = []
    for node in ast.walk(tree):
        match node:
            case ast.Import(names):
                modules = {name.name.partition(".")[0] for name in names}
            case ast.ImportFrom(module=str(module), level=0):
                modules = {module.partition(".")[0]}
            case ast.Call(keywords=keywords):
                modules = set()
                if any(word.arg == "allow_pickle" and not _is(word.value, False) for word in keywords):
                    lines.append(node.lineno)
                if any(word.arg == "weights_only" and not _is(word.value, True) for word in keywords):
                    lines.append(node.lineno)
            case _:
                continue
        if modules & PICKLING:
            lines.append(node.lineno)
    return lines


def _is(node: ast.expr, value: bool) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def test_the_package_never_unpickles(package_trees: dict[str, ast.Module]) -> None:
    found = {path: unpickling(tree) for path, tree in package_trees.items()}
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from pickle import loads",
        "import numpy as np\nnp.load(path, allow_pickle=True)",
        "np.load(path, allow_pickle=choice)",
        "torch.load(path, weights_only=False)",
        "def later():\n    import joblib",
    ],
)
def test_the_scan_sees_it(source: str) -> None:
    assert unpickling(ast.parse(source))


@pytest.mark.parametrize("source", ["np.load(path)", "np.load(path, allow_pickle=False)", "import json"])
def test_the_scan_lets_plain_readers_pass(source: str) -> None:
    assert not unpickling(ast.parse(source))
