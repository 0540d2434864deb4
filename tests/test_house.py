"""The house of docs/design: which room may know which, held over every file of the tree."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# The scripts at the top, which belong to no package: import-linter holds the rooms (pyproject.toml), this these.
SCRIPTS = {
    "pages": {"api", "commands", "app", "manage"},
    "app": {"pages", "commands", "manage"},
    "manage": {"pages", "ui", "api", "app"},
}
ROOMS = ("analysis", "models", "store", "reports", "services", "ui", "api", "commands", *SCRIPTS)
ONLY_IN = {
    "streamlit": ("app", "ui", "pages"),
    "sqlalchemy": ("models", "store", "services", "migrations"),
    "alembic": ("services.operations.schema", "migrations"),
    "altair": ("reports.charts",),
    "fastapi": ("api",),
    "typer": ("manage", "commands"),
}
NUMBERS = {"numpy", "pandas", "networkx"}
OPENS_A_SESSION = {"models.database", "services.operations.schema", "services.core.transaction"}
ASKS_THE_TIME = {"datetime.now", "datetime.utcnow", "date.today", "datetime.today", "time.time"}


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=str(path))


def sources(*rooms: str) -> list[Path]:
    """The Python files of `rooms`."""
    return [
        path
        for room in rooms
        for path in [ROOT / f"{room}.py", *sorted((ROOT / room).rglob("*.py"))]
        if path.exists()
    ]


@cache
def imports(path: Path) -> list[str]:
    """What a file imports, wherever in it; of `from models import plan` both models and models.plan."""
    return list(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    package = (module_of(path) if path.name == "__init__.py" else module_of(path).rpartition(".")[0]).split(
        "."
    )
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*above, *filter(None, [node.module])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def is_in(module: str, places: tuple[str, ...] | set[str]) -> bool:
    """Whether `module` is one of `places` or inside of one."""
    return any(module == place or module.startswith(f"{place}.") for place in places)


def test_imports_run_downward_between_the_rooms_and_inside_them():
    # In a process of its own: it disables the loggers of this one.
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
    linted = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert linted.returncode == 0, linted.stdout + linted.stderr


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_imports_only_the_rooms_below_it(script):
    upward = [
        f"{module_of(path)} imports {name}"
        for path in sources(script)
        for name in imports(path)
        if name.split(".")[0] in SCRIPTS[script]
    ]
    assert upward == []


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_stays_in_its_rooms(library):
    strays = [
        f"{module_of(path)} imports {name}"
        for path in sources(*ROOMS, "migrations")
        for name in imports(path)
        if is_in(name, {library}) and not is_in(module_of(path), ONLY_IN[library])
    ]
    assert strays == []


def test_charts_and_exports_are_given_what_they_show():
    assert [
        f"{module_of(path)} imports {name}"
        for path in sources("reports/charts", "reports/exports")
        for name in imports(path)
        if is_in(name, {"sqlalchemy", "services", *OPENS_A_SESSION})
    ] == []


def test_analysis_knows_numbers_only():
    allowed = NUMBERS | sys.stdlib_module_names | {"analysis"}
    assert [
        f"{module_of(path)} imports {name}"
        for path in sources("analysis")
        for name in imports(path)
        if name.split(".")[0] not in allowed
    ] == []


def test_no_page_opens_a_session():
    assert [
        f"{module_of(path)} imports {name}"
        for path in sources("pages", "ui")
        for name in imports(path)
        if is_in(name, {"sqlalchemy", *OPENS_A_SESSION})
    ] == []


def test_no_page_takes_an_outage_for_a_refusal():
    """Each shows what broke a rule; what says that the database is away is the shell's."""
    assert [
        f"{module_of(path)}:{node.lineno}"
        for path in sources("pages")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ExceptHandler) and "HeadwayError" in ast.unparse(node.type or ast.Name("any"))
    ] == []


def test_rules_are_told_the_date_and_never_ask():
    assert [
        f"{module_of(path)}:{node.lineno} calls {ast.unparse(node.func)}"
        for path in sources("analysis", "models", "store", "reports")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and ".".join(ast.unparse(node.func).split(".")[-2:]) in ASKS_THE_TIME
    ] == []


def test_no_page_caches_by_time_or_copy():
    """States are cached by their revision, in one place: a page that caches for itself shows what is gone."""
    assert [
        f"{module_of(path)}:{node.lineno}"
        for path in sources("pages", "ui")
        for node in ast.walk(tree_of(path))
        if "cache_data"
        in (getattr(node, "attr", None), getattr(node, "id", None), getattr(node, "name", None))
    ] == []


def test_every_page_of_the_navigation_is_a_script_and_every_script_a_page():
    from ui.navigation import PAGES_BY_KEY

    assert {path.stem for path in sources("pages")} == set(PAGES_BY_KEY)


def test_every_command_of_manage_is_documented():
    texts = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    guide = "\n".join(text.read_text() for text in texts if text.exists())
    assert [name for name in commands() if not re.search(rf"manage\.py {re.escape(name)}\b", guide)] == []


def test_every_command_of_manage_says_what_it_does():
    assert [name for name, command in commands().items() if not command.help] == []


def commands() -> dict:
    """Every command of manage.py by its full name, such as "journal verify"."""
    import typer

    def walk(command, prefix: str = "") -> Iterator[tuple[str, object]]:
        for name, inner in getattr(command, "commands", {}).items():
            if hasattr(inner, "commands"):
                yield from walk(inner, f"{prefix}{name} ")
            else:
                yield f"{prefix}{name}", inner

    program = next(each for each in vars(import_module("manage")).values() if isinstance(each, typer.Typer))
    commands_by_name = dict(walk(typer.main.get_command(program)))
    assert commands_by_name, "manage.py has no command"
    return commands_by_name
