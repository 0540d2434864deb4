"""What looks odd in a file, a paste or a request although it could be read: every oddity with its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from models.unit_table import COUNTS
from services.parsing.cell import shown
from services.parsing.number_result import (
    DASH,
    DECIMAL_MARK,
    MORE_DIGITS,
    SCALE_WORD,
    WORKING_TIME,
    Number,
)

MAX_ROWS = 1_000
"""Rows that a doubt lists; its sentence counts all of them."""
MAX_NAMED = 3
MAX_SPELLED = 1e15


@dataclass(frozen=True)
class Doubt:
    """Something odd. `rows` are lines of the file (or rows of a grid), 1-based; `seen` and `read` are its first case.

    `sentence` is for a person, without the rows. `kind` is for programs and never changes its spelling.
    """

    kind: str
    rows: tuple[int, ...]
    seen: str
    read: str
    sentence: str
    column: str = ""
    count: int = 0

    def full_sentence(self, row: str = "line") -> str:
        """Return the sentence with its place: Lines 2 to 5, value: “12,500” was read as 12.5 ..."""
        where = ", ".join(filter(None, [rows_text(self.rows, row, self.count), self.column]))
        return f"{where[:1].upper()}{where[1:]}: {self.sentence}" if where else self.sentence

    def hide(self, shown: Callable[[str], str]) -> Doubt:
        """Return it with each text as `shown` returns it, which leaves names out."""
        return replace(self, seen=shown(self.seen), read=shown(self.read), sentence=shown(self.sentence))

    def as_json(self) -> dict[str, Any]:
        """Return it for `--json` and the API: kind, column, rows, seen, read, sentence."""
        place = {"kind": self.kind, "column": self.column or None, "rows": list(self.rows[:MAX_ROWS])}
        return {**place, "seen": self.seen, "read": self.read, "sentence": self.full_sentence()}


def doubt(
    kind: str, rows: Iterable[int], seen: object, read: object, sentence: str, column: str = ""
) -> Doubt:
    """Return a doubt about these rows, of which the first MAX_ROWS are kept and all are counted."""
    lines = sorted({int(row) for row in rows})
    return Doubt(
        kind,
        tuple(lines[:MAX_ROWS]),
        shown(str(seen)),
        shown(str(read)),
        sentence,
        column,
        len(lines),
    )


def rows_text(rows: Sequence[int], row: str = "line", count: int = 0) -> str:
    """Return line 2; lines 2 to 5; lines 2, 4 and 9; lines 2, 4, 9 and 12 more."""
    if not rows:
        return ""
    if len(rows) == 1 and count <= 1:
        return f"{row} {rows[0]:,}"
    count = max(count, len(rows))
    if len(rows) > 2 and rows[-1] - rows[0] == len(rows) - 1 and count == len(rows):
        return f"{row}s {rows[0]:,} to {rows[-1]:,}"
    named = [f"{each:,}" for each in rows[:MAX_NAMED]]
    if count > MAX_NAMED:
        return f"{row}s {', '.join(named)} and {count - MAX_NAMED:,} more"
    return f"{row}s {', '.join(named[:-1])} and {named[-1]}"


def value_text(value: float) -> str:
    """Return a value as it stands in a doubt: 12.5, 12,500."""
    return f"{int(value):,}" if value.is_integer() and abs(value) < MAX_SPELLED else f"{value:,.10g}"


NUMBER_SENTENCES: Mapping[str, str] = {
    DECIMAL_MARK: "“{seen}” was read as {read}, as {reason}; the other way it is {others}.",
    SCALE_WORD: "“{seen}” was read as {read}, with {reason}; elsewhere it is {others}.",
    WORKING_TIME: "“{seen}” was read as {read}, {reason}{or_else}.",
    MORE_DIGITS: "“{seen}” was read as {read}, {reason}.",
    DASH: "“{seen}” was read as {read}, {reason}.",
}


def doubts_of_numbers(read: Iterable[tuple[int, Number, str]], column: str = "value") -> list[Doubt]:
    """Return one doubt for each kind and reason among the numbers: (row, number, the name of its unit)."""
    groups: dict[tuple[str, str, str], list[tuple[int, Number, str]]] = {}
    for row, number, unit_name in read:
        if number.doubt:
            groups.setdefault((number.doubt, number.reason, unit_name), []).append((row, number, unit_name))
    return [_of_group(each, column) for each in groups.values()]


def _of_group(group: list[tuple[int, Number, str]], column: str) -> Doubt:
    _, number, unit_name = group[0]
    read = f"{value_text(number.value)} {'' if unit_name in COUNTS else unit_name}".strip()
    others = " or ".join(value_text(other) for other in number.others)
    sentence = NUMBER_SENTENCES[number.doubt].format(
        seen=shown(number.seen), read=read, reason=number.reason, others=others,
        or_else=f"; with days of 24 h it is {others}" if others else "",
    )  # fmt: skip
    return doubt(
        number.doubt, (row for row, _, _ in group), number.seen, value_text(number.value), sentence, column
    )
