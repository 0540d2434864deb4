"""Pages in AppTest: the shell with a page and its address."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from tests.pages.markup import component_text, links

ROOT = Path(__file__).resolve().parents[2]


def open_page(key: str, **query: str) -> AppTest:
    """The page `key`, drawn once at that address. It has to come without an exception."""
    test = AppTest.from_file(str(ROOT / "ui" / "shell.py"), default_timeout=30)
    for name, value in query.items():
        test.query_params[name] = value
    if key != "portfolio":
        # Before its first run AppTest knows no addresses. A page's is what its hash is made of, and what people open.
        test._page_hash = calc_hash(key)
    test.run()
    assert not test.exception, test.exception
    return test


def address_of(test: AppTest, label: str) -> tuple[str, dict[str, str]]:
    """The page that the one link of that label leads to, and its query."""
    (href,) = (link.href for link in links(test) if link.text == label)
    parts = urlsplit(href)
    return parts.path.removeprefix("/"), dict(parse_qsl(parts.query))


def follow(test: AppTest, label: str) -> AppTest:
    """The page that the one link of that label leads to, opened anew."""
    key, query = address_of(test, label)
    return open_page(key, **query)


def press(test: AppTest, label: str) -> AppTest:
    """Press the one button of that label."""
    (button,) = (button for button in test.button if button.label == label)
    button.click().run()
    assert not test.exception, test.exception
    return test


def words(test: AppTest) -> str:
    """Everything that the page says, in one text."""
    kinds = ("title", "header", "subheader", "caption", "markdown", "error", "warning", "info", "success")
    texts = [str(element.value) for kind in kinds for element in getattr(test, kind)]
    return "\n".join([*texts, component_text(test)])
