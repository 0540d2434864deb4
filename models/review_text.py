"""The draft of a weekly review's text, which the lead may change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from models.health import Health
from models.state_changes import Change, Kind
from models.status import Status
from models.summary import Summary
from models.wording import count, day_month, join_list, upper_first

# Kinds of changes that the first line counts by name; new evidence only adds to "more".
_NAMED = [
    Kind.MET, Kind.UNMET, Kind.LIVE, Kind.NOT_LIVE, Kind.SLIPPED, Kind.SOONER, Kind.BROKEN, Kind.SIGNED, Kind.REDEFINED,
    Kind.CORRECTED, Kind.DECIDED,
]  # fmt: skip


def day_of_plan(summary: Summary, on: date) -> str:
    """Return "day 47 of 90"; before and after the cycle's days "20 Nov, 9 days before cycle 2", "day 97, past day 90"."""
    day = summary.day(on)
    if day < 1:
        return f"{day_month(on)}, {count(1 - day, 'day')} before cycle {summary.cycle}"
    return f"day {day} of {summary.days}" if day <= summary.days else f"day {day}, past day {summary.days}"


def verdict(
    summary: Summary, current: Health, day: str, confirmed: Sequence[str], waiting: int, unclaimed: int = 0
) -> str:
    """Return the week in one sentence: the health and its reason, confirmed improvements and open decisions.

    `day` is "day 47 of 90", `confirmed` are the names of improved metrics, each with its factor.
    `unclaimed` counts the metrics that the data shows to be better while their status isn't known, such as unsigned ones.
    """
    parts = [f"{current.status.label} on {day}. {current.reason}"]
    if confirmed:
        parts.append(f"confirmed better: {join_list(list(confirmed), 2)}")
    if unclaimed:
        are = "improvement is" if unclaimed == 1 else "improvements are"
        parts.append(f"{unclaimed}{' more' * bool(confirmed)} {are} confirmed but can't be claimed yet")
    elif summary.metrics and not confirmed:
        parts.append("no improvement is confirmed yet")
    if waiting:
        parts.append(f"{count(waiting, 'decision')} {'waits' if waiting == 1 else 'wait'}")
    return "; ".join(parts) + "."


def without_status_label(status: str, text: str) -> str:
    """Return a verdict's text for the place after the badge of its status: "Day 47 of 90. Plan: ...".

    `status` is a Status' value. Weeks frozen before a label was changed begin with the value.
    """
    for label in (Status(status).label, status.capitalize()):
        if text.startswith(f"{label} on "):
            return upper_first(text.removeprefix(f"{label} on "))
    return text


def changes(rows: Sequence[Change], since: str) -> str:
    """Return the numbers of changes in one sentence: "Since week 6: 2 met, 1 slipped." """
    kinds = Counter(change.kind for change in rows)
    counts = [f"{kinds[kind]} {kind.value}" for kind in _NAMED if kinds[kind]]
    rest = sum(number for kind, number in kinds.items() if kind not in _NAMED)
    counts += [f"{rest} more"] * bool(rest and counts)
    if not rows:
        return f"Nothing changed since {since}."
    return f"Since {since}: {', '.join(counts) or count(rest, 'change')}."
