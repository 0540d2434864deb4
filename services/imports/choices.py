"""What a person says about a file that has columns, words or rows of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from models.errors import Invalid
from services.parsing.cells import loose


@dataclass(frozen=True)
class Choices:
    """`columns`: header -> a column of ours, a metric's short name, or "" to leave it out. `words`: column of ours ->
    value -> our word, "" for an empty cell. Headers and values are as `loose` writes them.

    `sheet` and `header_line` (1-based) say where the table is; None: it is found. `leave_out` are lines, `leave_gaps` the
    measurements without a value. `guess`: a person sees what was made of each column, so unknown ones are left out, and
    words are read as they are usually meant. `remembered` and `remembered_words` come from earlier imports.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sheet: str | None = None
    header_line: int | None = None
    leave_out: frozenset[int] = frozenset()
    leave_gaps: bool = False
    guess: bool = False
    spelled: Mapping[str, str] = field(default_factory=dict)
    remembered: Mapping[str, str] = field(default_factory=dict)
    remembered_words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def parse_columns(texts: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return what `Application Name=name` says, header -> column, and the headers as they were spelled.

    Nothing behind the mark leaves the column out. Raises Invalid for a text without the mark, and for a header twice.
    """
    columns: dict[str, str] = {}
    spelled: dict[str, str] = {}
    for text in texts:
        header, mark, column = text.rpartition("=")
        if not mark or not header.strip():
            raise Invalid(
                f"“{text}” isn't a mapping such as “Application Name=name”, or “Hosting=” to leave one out. "
                "Nothing was changed."
            )
        key = loose(header)
        if key in columns and columns[key] != column.strip():
            raise Invalid(f"“{header}” is mapped twice. Nothing was changed.")
        columns[key], spelled[key] = column.strip(), header.strip()
    return columns, spelled


def parse_words(texts: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return what `criticality:Tier 1=critical` says, column -> value -> our word. Raises Invalid for any other form."""
    words: dict[str, dict[str, str]] = {}
    for text in texts:
        given, mark, word = text.rpartition("=")
        column, colon, value = given.partition(":")
        if not mark or not colon or not value.strip():
            raise Invalid(
                f"“{text}” isn't a mapping of a value such as “criticality:Tier 1=critical”. Nothing was changed."
            )
        words.setdefault(loose(column).replace(" ", "_"), {})[loose(value)] = word.strip()
    return words
