"""Importing what the pages need before anybody asks for a page.

Pages are scripts that the dashboard runs, so their imports would happen at the first visit: several people who come right
after a start would wait for the same import locks.
"""

from __future__ import annotations

import ast
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

PAGES = Path(__file__).resolve().parents[1] / "pages"


def modules_of(script: Path) -> list[str]:
    """Return the names of the modules that a script imports, in order."""
    names = []
    for node in ast.walk(ast.parse(script.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names += [node.module, *_submodules(node.module, [alias.name for alias in node.names])]
    return names


def preload() -> None:
    """Import what the shell and every page import."""
    for script in (Path(__file__).with_name("shell.py"), *sorted(PAGES.glob("*.py"))):
        for name in modules_of(script):
            import_module(name)


def _submodules(package: str, names: list[str]) -> list[str]:
    is_package = getattr(find_spec(package), "submodule_search_locations", None) is not None
    return [
        f"{package}.{name}" for name in names if is_package and find_spec(f"{package}.{name}") is not None
    ]
