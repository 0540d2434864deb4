"""
XML read as a stream with a budget: nothing is kept, entities and document types are refused, everything
counts.
"""

import zipfile
from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

from models.errors import Invalid

MAX_ELEMENTS = 8_000_000  # 200,000 rows of 9 cells are about 6 million
MAX_TEXT = 32_767  # characters in a cell, as in Excel
CHUNK = 1 << 16
NOT_SHOWN = ("rPh",)  # how to pronounce what stands beside it


class Budget:
    """How many elements one file may have in all its parts."""

    def __init__(self, name: str):
        self.name = name
        self.left = MAX_ELEMENTS

    def spend(self) -> None:
        """Count one element more. Raises Invalid if there are too many."""
        self.left -= 1
        if self.left < 0:
            raise Invalid(
                f"{self.name} holds more than {MAX_ELEMENTS:,} parts of cells, far more than is taken. "
                "Nothing was changed. Delete empty rows and columns, or save it as CSV."
            )

    def refuse_text(self) -> None:
        """Raise Invalid: a text that no spreadsheet would hold."""
        raise Invalid(
            f"{self.name} has a cell of more than {MAX_TEXT:,} characters. Nothing was changed. Shorten it."
        )

    def refuse_document_type(self, *_: Any) -> None:
        """Raise Invalid: entities can grow without end, and a workbook never declares any."""
        raise Invalid(
            f"{self.name} declares a document type inside, which a workbook never does. Nothing was changed. "
            "Save it again with a spreadsheet program."
        )


def parser_of(budget: Budget) -> expat.XMLParserType:
    """Return an expat parser that refuses document types. The caller sets the handlers."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = budget.refuse_document_type
    parser.EntityDeclHandler = budget.refuse_document_type
    return parser


def local(name: str) -> str:
    """`x:row` -> `row`: producers choose their own prefixes."""
    return name.rpartition(":")[2]


def feed(archive: zipfile.ZipFile, part: str, parser: expat.XMLParserType) -> Iterator[None]:
    """Gives `parser` the part piece by piece, and control to the caller after each."""
    with archive.open(part) as source:
        while chunk := source.read(CHUNK):
            parser.Parse(chunk, False)
            yield
    parser.Parse(b"", True)
    yield


def elements(
    archive: zipfile.ZipFile, part: str, budget: Budget, wanted: set[str], within: str | None = None
) -> Iterator[tuple[str, dict[str, str], str]]:
    """Yield (tag, attributes, text of the `t` elements inside) of each `wanted` element, without namespaces.

    Where the same tag means two things (`xf` of a style and of a cell), `within` names the parent that counts for tags
    it holds.
    """
    collector = _Collector(budget, wanted, within)
    for _ in feed(archive, part, collector.parser):
        yield from collector.elements
        collector.elements.clear()


class _Collector:
    def __init__(self, budget: Budget, wanted: set[str], within: str | None):
        self.budget, self.wanted, self.within = budget, wanted, within
        self.path: list[str] = []
        self.elements: list[tuple[str, dict[str, str], str]] = []
        self.attributes: dict[str, str] = {}
        self.text: list[str] = []
        self.length = 0
        self.parser = parser_of(budget)
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.budget.spend()
        tag = local(name)
        self.path.append(tag)
        if len(self.path) > 64:
            raise ValueError("nested too deeply")
        if tag in self.wanted:
            self.attributes = {local(key): value for key, value in attributes.items()}
            self.text, self.length = [], 0

    def _characters(self, text: str) -> None:
        if self.path[-1] == "t" and not any(tag in NOT_SHOWN for tag in self.path):
            self.length += len(text)
            if self.length > MAX_TEXT:
                self.budget.refuse_text()
            self.text.append(text)

    def _end(self, _: str) -> None:
        tag = self.path.pop()
        if tag not in self.wanted:
            return
        parent = self.path[-1] if self.path else ""
        if tag != "xf" or self.within is None or parent == self.within:
            self.elements.append((tag, self.attributes, "".join(self.text)))
