"""Values that aren't ours, mapped once for a whole column: "Tier 1" is critical."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.coupling import name_key
from services.imports.arranging import distinct_texts
from services.imports.choices import Choices
from services.imports.kinds import Column, Kind
from services.imports.synonyms import WORDS
from services.imports.table import Table, with_cells
from services.parsing.cell import BadCell, is_blank
from services.parsing.cells import Choice, YesNo, as_text, loose
from services.parsing.number_parsers import WholeNumber
from services.parsing.sheet import Sheet

MAX_WORDS = 40
"""Values of one column that can be mapped; with more of them it is a free text."""
MAX_OPTIONS = 10


def options_of(column: Column) -> list[str]:
    """Return the words that a column takes, where those are few; else nothing."""
    match column.parser:
        case Choice(words):
            return list(words)
        case YesNo():
            return ["yes", "no"]
        case WholeNumber(minimum, maximum) if maximum - minimum < MAX_OPTIONS:
            return [str(number) for number in range(minimum, maximum + 1)]
    return []


def map_words(table: Table, kind: Kind, choices: Choices) -> None:
    """Replace the values that aren't ours by what they mean; `table.words` and `table.meant` say which there are."""
    for column in kind.columns:
        options = options_of(column)
        if not options or column.name not in table.sheet.columns:
            continue
        position = table.sheet.columns.index(column.name)
        foreign = _foreign(table.sheet, position, column)
        if not foreign or len(foreign) > MAX_WORDS:
            continue
        meant = {text: _meaning(column.name, text, options, choices) for text in foreign}
        table.words[column.name] = foreign
        table.meant[column.name] = {text: word for text, word in meant.items() if word is not None}
        _replace(table, position, column.name)


def _foreign(sheet: Sheet, position: int, column: Column) -> list[str]:
    cells = sheet.column(position)
    read = column.parser.for_column([cell for cell in cells if not is_blank(cell)], sheet.epoch)
    texts = distinct_texts(cells)
    foreign = (text for text in texts if text and isinstance(read(text), BadCell))
    return sorted(foreign, key=name_key)


def _meaning(column: str, text: str, options: Sequence[str], choices: Choices) -> str | None:
    key = loose(text)
    if key in (given := choices.words.get(column, {})):
        return given[key]
    if key in (remembered := choices.remembered_words.get(column, {})):
        return remembered[key]
    usual = WORDS.get(column, {}).get(key) if choices.guess else None
    return usual if usual in options else None


def _replace(table: Table, position: int, column: str) -> None:
    meant = table.meant[column]
    if not meant:
        return
    spelled = {
        str(cell): meant[as_text(cell)]
        for cell in set(filter(lambda cell: isinstance(cell, str), table.sheet.column(position)))
        if as_text(cell) in meant
    }
    table.sheet = with_cells(table.sheet, position, spelled)
    pairs = ", ".join(f"“{text}” as {word or 'nothing'}" for text, word in meant.items())
    table.notes.append(f"In {column.replace('_', ' ')}, read {pairs}.")
    table.own = False
