"""The portfolio's list: filtered and sorted as an address asks, and as texts for a page or a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from models.names import normalize_name
from models.status import WORST_FIRST
from models.wording import day_month, days
from reports.frames.derived import derived

FILTERS = {"health": "status", "region": "region", "sector": "sector", "lead": "lead"}
"""Names of the filters in an address, and their columns."""
SORTS = {
    "health": "status", "engagement": "name", "client": "client", "day": "day", "done": "done", "outcomes": "better",
    "change": "newly_done", "review": "reviewed_on", "next": "next_due", "lead": "lead",
}  # fmt: skip
"""Names of the columns in an address by which the list can be sorted, and their columns in the frame."""
LARGEST_FIRST = ("day", "done", "outcomes", "change")
ASCENDING, DESCENDING = "asc", "desc"


@dataclass(frozen=True)
class View:
    """What an address asks for: a sort and its direction, filters, a text to find, and a date in the past."""

    sort: str = ""
    order: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    text: str = ""
    on: date | None = None

    @property
    def direction(self) -> str:
        """The direction asked for, and else the one in which the most interesting comes first."""
        if self.order in (ASCENDING, DESCENDING):
            return self.order
        return DESCENDING if self.sort in LARGEST_FIRST else ASCENDING


def view_of(query: Iterable[tuple[str, str]]) -> View:
    """Return what the parts of an address ask for; what can't be read is left out."""
    pairs = list(query)
    last = dict(pairs)
    chosen = {name: tuple(value for each, value in pairs if each == name) for name in FILTERS}
    return View(
        last.get("sort", "") if last.get("sort") in SORTS else "",
        last.get("order", ""),
        {name: values for name, values in chosen.items() if values},
        last.get("find", ""),
        read_date(last.get("on", "")),
    )


def read_date(text: str) -> date | None:
    """Return the date that a text names, as 2026-11-20; None for any other."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def arranged(everything: pd.DataFrame, view: View) -> pd.DataFrame:
    """Return the rows that a view asks for, in its order; equal ones stay in the order of their health."""
    return everything.loc[arranged_index(everything, view)]


def arranged_index(everything: pd.DataFrame, view: View) -> pd.Index:
    """Return the index of `arranged`: to take a page of, ten thousand rows needn't be copied."""
    shown = everything
    for name, chosen in view.chosen.items():
        shown = shown[shown[FILTERS[name]].isin(chosen)]
    if view.text:
        wanted = normalize_name(view.text)
        matches = [
            shown[column].map(normalize_name).str.contains(wanted, regex=False)
            for column in ("name", "client")
        ]
        shown = shown[matches[0] | matches[1]]
    if not view.sort or shown.empty:
        return shown.index
    order = derived(everything, ("order", view.sort, view.direction), lambda: _order(everything, view))
    return order if len(shown) == len(everything) else order[order.isin(shown.index)]


def _order(everything: pd.DataFrame, view: View) -> pd.Index:
    """Return the index in the order that the view asks for; what has no value comes last in both directions."""
    values = everything[SORTS[view.sort]]
    if view.sort == "health":
        keys = values.map(WORST_FIRST.index)
    elif view.sort == "change":
        keys = values.map(len)
    elif view.sort in ("review", "next"):
        keys = values.map(
            lambda value: value.toordinal() if isinstance(value, date) and not pd.isna(value) else None
        )
    elif view.sort in ("day", "done", "outcomes"):
        keys = values
    else:
        keys = values.map(lambda text: normalize_name(text) or None)
    ascending = view.direction == ASCENDING
    return keys.sort_values(ascending=ascending, kind="stable", na_position="last").index


def change_text(names: tuple[str, ...]) -> str:
    """Return what was done in the last week: "2 done: A, B"."""
    return f"{len(names)} done: {', '.join(names)}" if names else "–"


def review_text(reviewed_on: object, on: object) -> str:
    """Return the age of the last review: "3 days", "today", "never"."""
    if not isinstance(reviewed_on, date) or not isinstance(on, date) or pd.isna(reviewed_on):
        return "never"
    age = (on - reviewed_on).days
    return "today" if age == 0 else days(age)


def table(rows: pd.DataFrame) -> dict[str, list[str]]:
    """Return the list as texts by column, for a file."""
    each = list(rows.itertuples())
    return {
        "Health": [str(row.status) for row in each],
        "Engagement": [row.name for row in each],
        "Client": [row.client for row in each],
        "Day": [row.where for row in each],
        "Milestones done": [f"{row.done} of {row.milestones}" for row in each],
        "Outcomes better than baseline": [f"{row.better} of {row.metrics}" for row in each],
        "Done in the last week": [change_text(row.newly_done) for row in each],
        "Age of last review": [review_text(row.reviewed_on, row.on) for row in each],
        "Next milestone": [row.next_milestone for row in each],
        "Lead": [row.lead for row in each],
        "Region": [row.region for row in each],
        "Sector": [row.sector for row in each],
        "Why": [row.reason for row in each],
    }


def changes(everything: pd.DataFrame, shown: pd.Index) -> list[tuple[str, str, str]]:
    """Return what changed in the last week in the engagements that are `shown`, by their index in `everything`: of each
    its slug, its name, and what in words."""
    by_row = derived(everything, "changes", lambda: _changes(everything))
    return [by_row[row] for row in shown if row in by_row]


def _changes(rows: pd.DataFrame) -> dict[int, tuple[str, str, str]]:
    """Return what changed by the index of the row."""
    by_row = {}
    # Ten thousand rows as columns take a tenth of the time that they take as tuples with names.
    columns = (rows[name] for name in ("slug", "name", "newly_done", "reviewed_on", "on"))
    for at, slug, name, newly_done, reviewed_on, on in zip(rows.index, *columns, strict=True):
        parts = [f"done: {', '.join(newly_done)}"] if newly_done else []
        fresh = isinstance(reviewed_on, date) and not pd.isna(reviewed_on) and (on - reviewed_on).days < 7
        parts += [f"reviewed on {day_month(reviewed_on)}"] if fresh else []
        if parts:
            by_row[at] = (slug, name, "; ".join(parts))
    return by_row
