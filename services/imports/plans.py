"""What a file changes, shown so that a person can decide: the same before it happens and when it happens."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from models.journal import ADDED
from models.wording import count
from services.imports.kinds import Kind
from services.imports.problems import Problem, Problems
from services.imports.table import Table
from services.parsing.cells import as_text
from services.parsing.doubts import Doubt

NOUNS = {
    "systems": "system",
    "dependencies": "dependency",
    "pain_points": "pain point",
    "interviews": "interview",
    "frictions": "friction",
    "workflows": "workflow",
    "metrics": "metric",
    "measurements": "measurement",
}


@dataclass(frozen=True)
class Difference:
    """One field of a record, as texts; nothing is an empty text."""

    column: str
    before: str
    after: str


@dataclass(frozen=True)
class PlannedRow:
    """A record that the row on `line` adds or changes, and how it differs from what is stored."""

    line: int
    change: str
    label: str
    differences: tuple[Difference, ...]


@dataclass
class Plan:
    """What a file changes, or why it can't. `rows` leaves out what stays as it is, and may end before all are listed."""

    kind: Kind
    file_name: str
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    rows: list[PlannedRow] = field(default_factory=list)
    problems: Problems = field(default_factory=Problems)
    notes: list[str] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    batch_id: int | None = None
    table: Table | None = None
    """How the file was read."""
    digest: str = ""
    """What tells this plan from another: of counts, rows and, of measurements, all values."""

    @property
    def changes(self) -> int:
        """How many records it adds or changes."""
        return self.added + self.changed

    @property
    def text(self) -> str:
        """The counts as text: 12 added, 3 changed, 5 unchanged."""
        return f"{self.added:,} added, {self.changed:,} changed, {self.unchanged:,} unchanged"

    @property
    def of_what(self) -> str:
        """What would be added or changed, as text: 12 systems."""
        return count_records(self.kind, self.changes)

    def add_row(self, row: PlannedRow) -> None:
        """List a record that is added or changed, and count it."""
        self.rows.append(row)
        if row.change == ADDED:
            self.added += 1
        else:
            self.changed += 1

    def seal(self, of_rows: str = "") -> None:
        """Set the digest; `of_rows` stands for rows that aren't listed."""
        rows = [
            [row.line, row.change, row.label, [[d.column, d.before, d.after] for d in row.differences]]
            for row in self.rows
        ]
        counts = [self.kind.name, self.added, self.changed, self.unchanged]
        self.digest = hashlib.sha256(json.dumps([counts, rows, of_rows]).encode()).hexdigest()

    def hide(self, shown: Callable[[str], str]) -> None:
        """Replace every text by what `shown` returns for it, which leaves names out."""
        self.rows = [
            replace(
                row,
                label=shown(row.label),
                differences=tuple(
                    Difference(d.column, shown(d.before), shown(d.after)) for d in row.differences
                ),
            )
            for row in self.rows
        ]
        self.doubts = [doubt.hide(shown) for doubt in self.doubts]
        self.problems.listed = [
            replace(problem, value=shown(problem.value), reason=problem.reason and shown(problem.reason))
            for problem in self.problems
        ]

    def as_json(self) -> dict[str, Any]:
        """Return counts, the problems that are listed, how many more there are, notes and doubts."""
        return {
            "kind": self.kind.name,
            "file": self.file_name,
            "added": self.added,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "problems": [problem.as_json() for problem in self.problems],
            "more_problems": self.problems.more,
            "notes": self.notes,
            "doubts": [doubt.as_json() for doubt in self.doubts],
            **(self.table.as_json() if self.table else {}),
        }


def count_records(kind: Kind, number: int) -> str:
    """Return a number of records with their noun: 1 system, 12 systems."""
    return count(number, NOUNS[kind.name], kind.name.replace("_", " "))


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Return what differs between two tellings of one record, in the order of the columns."""
    texts = [
        (column, format_value(before.get(column)), format_value(value)) for column, value in after.items()
    ]
    return tuple(Difference(*text) for text in texts if text[1] != text[2])


def format_value(value: Any) -> str:
    """Return a value as a person would have typed it."""
    if value is None:
        return ""
    return "; ".join(map(as_text, value)) if isinstance(value, list) else as_text(value)


def refusal(line: int, column: str | None, value: Any, refused: Exception) -> Problem:
    """Return a refusal of a service, at its place in the file."""
    sentence = str(refused).removesuffix("Nothing was saved.").strip().removesuffix(".")
    expected = getattr(refused, "expected", None) or sentence
    return Problem(line, column, format_value(value)[:60], expected, sentence)
