"""A letter: what a mail says, as plain text and as HTML that a phone shows well. Nothing typed is HTML in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from textwrap import shorten

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape

MAX_PREVIEW = 140
"""Characters of a mail that an inbox shows beside its subject."""


@dataclass(frozen=True)
class Link:
    """A text, where it leads (None: nowhere), and a detail on a line of its own below it."""

    text: str
    url: str | None = None
    detail: str = ""

    @property
    def line(self) -> str:
        """The text and its detail on one line."""
        if not self.detail:
            return self.text
        return f"{self.text}{' ' if self.text.endswith('?') else ': '}{self.detail}"


@dataclass(frozen=True)
class Section:
    """A list, with its title above it."""

    title: str
    items: list[Link]


@dataclass(frozen=True)
class Letter:
    """The parts of a mail, from the top: `context` names the engagement.

    `unsubscribe` is the address that ends mails of this kind; a mail that asks for something has none.
    `reply_to` is the e-mail address of the person who caused it: nobody reads what is sent to the program.
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
    reply_to: str | None = None

    @property
    def preview(self) -> str:
        """What an inbox shows beside the subject: what the mail says first, behind the heading that it repeats."""
        items = [item.line for section in self.sections for item in section.items]
        return shorten(" · ".join([*self.paragraphs[:1], *items]), MAX_PREVIEW, placeholder="…")


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
