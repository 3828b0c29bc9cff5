"""Imports go one way (ARCHITECTURE.md), and what is heavy is imported late."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import netlet.errors

PACKAGE = Path(netlet.errors.__file__).parent

# From the top of the house to its foundation; a module may import what stands below it, or beside it.
STOREYS = [
    {"cli", "web"},
    {"lab"},
    {"interop", "search", "figures"},
    {"comparison"},
    {"store", "inspect"},
    {"training"},
    {"network"},
    {"datasets", "architecture", "metrics"},
    {"_engine"},
    {"saving", "archives", "paths", "machine", "locks", "interrupts"},
    {"showing", "bars", "data_options"},
    {"errors", "tables"},
]
HEIGHT = {name: len(STOREYS) - i for i, storey in enumerate(STOREYS) for name in storey}
ROOT = {"__init__"}
SLOW = ("sqlalchemy", "optuna", "ray")


def imported_parts(path: Path) -> set[str]:
    """The parts of netlet that a module imports anywhere, but for type checking alone."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    parts = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            parts |= {name.name.split(".")[1] for name in node.names if name.name.startswith("netlet.")}
        elif isinstance(node, ast.ImportFrom) and node.module == "netlet":
            parts |= {name.name for name in node.names if name.name in HEIGHT}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("netlet."):
            parts.add(str(node.module).split(".")[1])
    return parts


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_imports_go_one_way(path):
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if own in ROOT:
        return
    assert own in HEIGHT, f"{own} has no place in the house: give it one in ARCHITECTURE.md and here"
    for part in imported_parts(path) - {own}:
        assert HEIGHT[part] <= HEIGHT[own], f"{own} imports {part}, which stands above it"


def test_optuna_is_for_searches_alone():
    found = {
        path
        for path in PACKAGE.rglob("*.py")
        if re.search(r"^\s*(from|import) optuna", path.read_text(), re.M)
    }
    assert found and {path.relative_to(PACKAGE).parts[0] for path in found} == {"search"}


@pytest.mark.parametrize(
    ("statement", "heavy"),
    [
        ("import netlet", ["numpy", "matplotlib", "sklearn", *SLOW, "netlet._engine"]),
        ("import netlet.cli", ["numpy", "matplotlib", "sklearn", "jinja2", *SLOW, "netlet._engine"]),
        ("from netlet import train, load, Network", ["matplotlib", "sklearn", "PIL", "rich", *SLOW]),
        ("from netlet import Store", ["matplotlib", "rich", "optuna", "ray"]),
    ],
)
def test_what_is_heavy_is_imported_late(statement, heavy):
    code = f"import sys; {statement}; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
