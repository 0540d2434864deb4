"""What changed across a portfolio between two dates, both judged by what is known today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from models.status import Status
from models.wording import count, day_month


@dataclass(frozen=True)
class PortfolioChange:
    """What changed in one engagement, in words."""

    slug: str
    name: str
    text: str


def changes_since(rows: pd.DataFrame, before: pd.DataFrame, since: date) -> list[PortfolioChange]:
    """Return what changed in each engagement of `rows` since a date; `before` is the portfolio as of that date.

    Both are frames of `reports.frames.portfolio`. The order is that of `rows`; what didn't change is left out.
    """
    earlier = {row.slug: row for row in before.itertuples()}
    changes = []
    for row in rows.itertuples():
        parts = _parts(row, earlier.get(row.slug), since)
        if parts:
            changes.append(PortfolioChange(str(row.slug), str(row.name), "; ".join(parts)))
    return changes


def _parts(row: Any, before: Any | None, since: date) -> list[str]:
    if before is None:
        return ["new since then"]
    parts = []
    if row.status != before.status:
        was, now = (Status(each).label.lower() for each in (before.status, row.status))
        parts.append(f"health {was} → {now}")
    parts += _difference(row.done - before.done, "milestone", "done")
    parts += _difference(row.better - before.better, "outcome", "better than its baseline")
    if row.closed and not before.closed:
        parts.append("cycle closed")
    if isinstance(row.reviewed_on, date) and not pd.isna(row.reviewed_on) and row.reviewed_on > since:
        parts.append(f"reviewed on {day_month(row.reviewed_on)}")
    return parts


def _difference(number: int, noun: str, what: str) -> list[str]:
    """Return a change of a count in words: "2 more milestones done"."""
    if number == 0:
        return []
    more = "more" if number > 0 else "fewer"
    return [f"{count(abs(number), f'{more} {noun}')} {what}"]
