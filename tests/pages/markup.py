"""The text of HTML components, and the tables and links in them."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import NamedTuple

from streamlit.testing.v1 import AppTest

SILENT = ("style", "script")
APART = ("p", "li", "td", "th", "tr", "section", "div", "br", "strong", "a")


class Link(NamedTuple):
    """Where a link leads, and its words."""

    href: str
    text: str


class Reader(HTMLParser):
    """Reads words as a person does: no styles, no names of symbols, one line a paragraph or cell."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.tables: list[list[list[str]]] = []
        self.links: list[Link] = []
        self._silent: list[str] = []
        self._href: str | None = None
        self._in_cell = False

    def words(self) -> str:
        """All that was read, a paragraph a line."""
        lines = (" ".join(line.split()) for line in "".join(self.text).splitlines())
        return "\n".join(filter(None, lines))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT or dict(attrs).get("aria-hidden") == "true":
            self._silent.append(tag)
        if tag == "a":
            self._href = dict(attrs).get("href") or ""
            self.links.append(Link(self._href, ""))
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self._in_cell = True
        if tag in APART:
            self.text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if self._silent and tag == self._silent[-1]:
            self._silent.pop()
        if tag in ("td", "th"):
            self._in_cell = False
        if tag == "a":
            self._href = None
        if tag in APART:
            self.text.append("\n")

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        self.text.append(data)
        if self._href is not None:
            self.links[-1] = Link(self._href, self.links[-1].text + data)
        if self._in_cell:
            self.tables[-1][-1][-1] += data


def component_text(test: AppTest) -> str:
    """Return the text of the page's components, a paragraph a line."""
    return "\n".join(filter(None, (reader.words() for reader in _read(test))))


def links(test: AppTest) -> list[Link]:
    """Return the links of the page's components."""
    return [link for reader in _read(test) for link in reader.links]


def tables(test: AppTest) -> list[dict[str, list[str]]]:
    """The page's tables, each as its columns by name."""
    raw_tables = [rows for reader in _read(test) for rows in reader.tables]
    return [
        {name: [" ".join(row[nth].split()) for row in rows] for nth, name in enumerate(head)}
        for head, *rows in raw_tables
    ]


def _read(test: AppTest) -> list[Reader]:
    return [reader_of(body) for body in bodies(test)]


def reader_of(body: str) -> Reader:
    """Read a component."""
    reader = Reader()
    reader.feed(body)
    reader.close()
    return reader


def bodies(test: AppTest) -> list[str]:
    """Return the page's components as they are sent."""
    return [element.proto.body for element in test.main.get("html")]
