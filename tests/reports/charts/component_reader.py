"""What a chart of HTML components draws, read from its marks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import unquote

from markupsafe import Markup


@dataclass
class Mark:
    """A mark: its looks, its places in percent, its colour, its text, its tooltip, and its row (from 0)."""

    looks: set[str]
    places: dict[str, float]
    colour: str
    tooltip: str
    row: int | None
    text: str = ""

    @property
    def left(self) -> float:
        return self.places["left"]

    @property
    def right(self) -> float:
        return round(self.left + self.places["width"], 2)


class Chart(HTMLParser):
    """A chart as a person sees it: its marks, the names beside them, the text for who can't see it.

    `tooltips` and `links` are those of its rows; `slider` are the attributes of a plot whose points are read in turn.
    """

    def __init__(self, component: Markup) -> None:
        super().__init__()
        self.marks: list[Mark] = []
        self.names: list[str] = []
        self.tooltips: list[str] = []
        self.links: list[str] = []
        self.labels: list[str] = []
        self.slider: dict[str, str] = {}
        self.role = ""
        self.description = ""
        self.line: list[tuple[float, float]] = []
        self.text = ""
        self._inside: list[str] = []
        self._in_names = False
        self._row = -1
        self.feed(component)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        look = given.get("class", "")
        if "hw-chart" in look:
            self.role, self.description = given["role"], given["aria-label"]
        if self._in_names and "data-tip" in given:
            self.tooltips.append(given["data-tip"])
            if tag == "a":
                self.links.append(given["href"])
                self.labels.append(given["aria-label"])
        if "hw-lane" in look:
            self._row += 1
        if "hw-room" in look:
            self._in_names = False
        if given.get("role") == "slider":
            self.slider = given
        if look in ("hw-names", "hw-levels"):
            self._in_names = True
        if tag == "img":
            points = re.search('points="([^"]*)"', unquote(given["src"])).group(1)
            self.line = [tuple(map(float, point.split(","))) for point in points.split()]
        if tag == "i":
            self._mark(look, given)
        if tag not in ("img", "br"):
            self._inside.append(tag)
        elif tag == "br":
            self.handle_data("\n")

    def _mark(self, look: str, given: dict[str, str]) -> None:
        style = dict(part.split(":") for part in given.get("style", "").split(";") if part)
        colour = style.pop("color", "")
        places = {side: float(place.removesuffix("%")) for side, place in style.items()}
        row = self._row if self._row >= 0 and "hw-label" not in look else None
        self.marks.append(Mark(set(look.split()), places, colour, given.get("data-tip", ""), row))

    def handle_endtag(self, tag: str) -> None:
        self._inside.pop()

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._in_names and data.strip():
            self.names.append(data)
        if "i" in self._inside:
            self.marks[-1].text += data

    def of(self, look: str) -> list[Mark]:
        """Return the marks of one look."""
        return [mark for mark in self.marks if look in mark.looks]

    def rows_of(self, look: str) -> list[str]:
        """Return the names of the rows that have a mark of that look."""
        return [self.names[mark.row] for mark in self.of(look)]

    def texts(self, look: str) -> list[str]:
        """Return the texts of the marks of one look."""
        return [mark.text for mark in self.of(look)]
