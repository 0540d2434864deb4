"""A letter: what a mail says, as plain text and as HTML that a phone shows well. Nothing typed is HTML in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape


@dataclass(frozen=True)
class Link:
    """A text, and where it leads (None: nowhere)."""

    text: str
    url: str | None = None


@dataclass(frozen=True)
class Section:
    """A list, with its title above it."""

    title: str
    items: list[Link]


@dataclass(frozen=True)
class Letter:
    """The parts of a mail, from the top: `context` names the engagement.

    `unsubscribe` is the address that ends mails of this kind; a mail that asks for something has none.
    """

    subject: str
    context: str
    heading: str
    paragraphs: list[str] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    button: Link | None = None
    closing: list[str] = field(default_factory=list)
    unsubscribe: str | None = None
    unsubscribe_reason: str = ""

    @property
    def preview(self) -> str:
        """What an inbox shows beside the subject: what the mail says first, behind the heading that it repeats."""
        items = [item.text for section in self.sections for item in section.items]
        return " · ".join([*self.paragraphs[:1], *items])[:140]


def as_text(letter: Letter) -> str:
    """Return the letter as plain text."""
    return _template("letter.txt").render(letter=letter).strip() + "\n"


def as_html(letter: Letter) -> str:
    """Return the letter as an HTML document, without anything that is loaded from elsewhere."""
    return _template("letter.html").render(letter=letter)


@cache
def _template(name: str) -> Template:
    loader = FileSystemLoader(Path(__file__).parent)
    return Environment(
        loader=loader, autoescape=select_autoescape(["html"]), undefined=StrictUndefined
    ).get_template(name)
