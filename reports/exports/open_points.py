"""What a week still needs, from its own rows: work that has begun or begins soon, and numbers that are missing."""

from __future__ import annotations

from datetime import date, timedelta

from models.milestones import MilestoneState
from models.snapshot import SnapshotDocument
from models.wording import upper_first
from reports.exports import tables

AHEAD_DAYS = 14


def beginning(document: SnapshotDocument) -> list[tuple[str, str]]:
    """Return each planned milestone that begins in the next two weeks and is due later, with both days."""
    until = document.on + timedelta(days=AHEAD_DAYS)
    rows = [
        row
        for row in document.content["plan"]
        if row["state"] == MilestoneState.PLANNED.value
        and document.on < date.fromisoformat(row["start"]) <= until
        and row["name"] not in _names(document, "coming")
    ]
    rows = sorted(rows, key=lambda row: (row["start"], row["due"]))
    return [
        (row["name"], f"begins {tables.day(row['start'])}, due {tables.day(row['due'])}: {row['reason']}")
        for row in rows
    ]


def open_points(document: SnapshotDocument) -> list[tuple[str, str]]:
    """Return what begun milestones still need, and which numbers and signatures are missing.

    A milestone that is among the exceptions or the next two weeks isn't repeated.
    """
    named_elsewhere = _names(document, "coming") | _names(document, "exceptions")
    begun = [
        (row["name"], f"due {tables.day(row['due'])}: {row['reason']}")
        for row in document.content["plan"]
        if row["state"] == MilestoneState.IN_PROGRESS.value and row["name"] not in named_elsewhere
    ]
    footer = document.content["footer"]
    stale = [("Out of date", tables.named(footer["stale"], "; "))] * bool(footer["stale"])
    return begun + _by_lack(footer["gaps"]) + stale + _by_lack(footer["unsigned"])


def _by_lack(rows: list[str]) -> list[tuple[str, str]]:
    """Return what is missing, each with the names it is missing for: ["Cost: unsigned"] -> [("Unsigned", "Cost")]."""
    names: dict[str, list[str]] = {}
    for row in rows:
        name, between, lack = row.rpartition(": ")
        if between:  # "and 3 more" at the end of a list names nothing
            names.setdefault(upper_first(lack), []).append(name)
    return [(lack, tables.named(of, ", ")) for lack, of in names.items()]


def _names(document: SnapshotDocument, rows: str) -> set[str]:
    return {row["name"] for row in document.content[rows]}
