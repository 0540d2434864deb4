"""Pages in AppTest: the shell with a page and its address."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

from tests.pages.markup import said

ROOT = Path(__file__).resolve().parents[2]


def open_page(key: str, **query: str) -> AppTest:
    """The page `key`, drawn once at that address. It has to come without an exception."""
    test = AppTest.from_file(str(ROOT / "ui" / "shell.py"), default_timeout=30)
    for name, value in query.items():
        test.query_params[name] = value
    test.run()
    if key != "portfolio":
        test.switch_page(str(ROOT / "pages" / f"{key}.py"))
        for name, value in query.items():
            test.query_params[name] = value
        test.run()
    assert not test.exception, test.exception
    return test


def words(test: AppTest) -> str:
    """Everything that the page says, in one text."""
    kinds = ("title", "header", "subheader", "caption", "markdown", "error", "warning", "info", "success")
    told = [str(element.value) for kind in kinds for element in getattr(test, kind)]
    return "\n".join([*told, said(test)])
