"""Interviews and frictions as rows for their charts, lists and grids. Names are those that may be shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from analysis.coupling import name_key
from analysis.saturation import Saturation, saturation
from models.engagement import Engagement
from models.interviews import Friction, Interview
from models.inventory import PainPoint
from models.names import normalize_name
from models.wording import count, day_month

NO_SYSTEM = "No system named"

GRID_COLUMNS = [
    "version", "interview", "theme", "observed", "severity", "frequency", "system", "workflow", "pain_point",
]  # fmt: skip


def held(engagement: Engagement) -> list[Interview]:
    """Return the interviews that took place, oldest first."""
    took_place = [interview for interview in engagement.interviews if interview.held_on is not None]
    return sorted(took_place, key=lambda interview: (interview.held_on, interview.id))


def planned(engagement: Engagement) -> list[Interview]:
    """Return the interviews that are still to be held, the next one first."""
    to_come = [interview for interview in engagement.interviews if interview.held_on is None]
    return sorted(to_come, key=lambda interview: (interview.planned_on, interview.id))


def dated_name(interview: Interview) -> str:
    """Sam Okafor, 20 Nov 2026: the date on which it was held, or is planned for."""
    when = interview.held_on or interview.planned_on
    return f"{interview.shown_name}, {day_month(when)} {when.year}"


def when_text(interview: Interview, on: date) -> str:
    """Held on 20 Nov 2026, planned for 1 Dec 2026, planned for today."""
    if interview.held_on is not None:
        return f"Held on {day_month(interview.held_on)} {interview.held_on.year}"
    planned_on = interview.planned_on
    return "Planned for " + ("today" if planned_on == on else f"{day_month(planned_on)} {planned_on.year}")


def place(interview: Interview) -> str:
    """Underwriter, Credit: the person's role and team; empty where neither is known."""
    return ", ".join(filter(None, [interview.role, interview.team]))


def pain_point_name(pain_point: PainPoint) -> str:
    """Billing: invoices are sent twice"""
    return f"{pain_point.system.name}: {pain_point.title}"


def learning(interviews: Sequence[Interview]) -> tuple[pd.DataFrame, Saturation]:
    """What each of `interviews` taught, as reports/charts/saturation.py takes it, and the verdict over all of them."""
    taught = saturation(
        [{normalize_name(friction.theme) for friction in interview.frictions} for interview in interviews]
    )
    names = [dated_name(interview) for interview in interviews]
    return pd.DataFrame({"interview": names, "new": taught.new, "cumulative": taught.cumulative}), taught


def held_list(interviews: Sequence[Interview], taught: Saturation) -> pd.DataFrame:
    """Return the interviews held, newest first, by id; `new` counts the themes that each was first to bring."""
    rows = [
        {
            "interviewee": interview.shown_name,
            "held_on": interview.held_on,
            "role": interview.role or "",
            "team": interview.team or "",
            "end_user": interview.end_user,
            "interviewer": interview.interviewer or "",
            "frictions": len(interview.frictions),
            "new": new,
        }
        for interview, new in zip(interviews, taught.new, strict=True)
    ]
    columns = ["interviewee", "held_on", "role", "team", "end_user", "interviewer", "frictions", "new"]
    return pd.DataFrame(rows, columns=columns, index=[row.id for row in interviews]).iloc[::-1]


def themes_by_system(frictions: Sequence[Friction]) -> pd.DataFrame:
    """Return one row a theme and system that have frictions, as reports/charts/heat_map.py takes them."""
    frame = pd.DataFrame(
        {
            "theme": [friction.theme for friction in frictions],
            "system": [system_name(friction) for friction in frictions],
            "severity": [float(friction.severity) for friction in frictions],
        }
    )
    grouped = frame.groupby(["theme", "system"])["severity"]
    return grouped.agg(count="size", severity="mean").reset_index()


def system_name(friction: Friction) -> str:
    """Return the system that a friction names, or that it names none."""
    return friction.system.name if friction.system else NO_SYSTEM


@dataclass(frozen=True)
class Theme:
    """The frictions of one theme: how many frictions, by how many people, and how severe (the mean, 1 to 5)."""

    name: str
    frictions: int
    people: int
    severity: float

    @property
    def text(self) -> str:
        """7 frictions from 5 people, mean severity 3.9 of 5"""
        counts = f"{count(self.frictions, 'friction')} from {count(self.people, 'person', 'people')}"
        return f"{counts}, mean severity {self.severity:.1f} of 5"


def themes(frictions: Sequence[Friction]) -> list[Theme]:
    """Return the themes in use: first what most people mentioned, then what weighs most."""
    gathered: dict[str, list[Friction]] = {}
    for friction in frictions:
        gathered.setdefault(friction.theme, []).append(friction)
    themes = [
        Theme(
            name=name,
            frictions=len(rows),
            people=len({row.interview.person for row in rows}),
            severity=sum(row.severity for row in rows) / len(rows),
        )
        for name, rows in gathered.items()
    ]
    return sorted(
        themes, key=lambda theme: (-theme.people, -theme.severity * theme.frictions, name_key(theme.name))
    )


def friction_rows(frictions: Sequence[Friction]) -> pd.DataFrame:
    """Return the frictions for a grid, whose index is their ids: names instead of ids, None where nothing is named."""
    rows = [
        {
            "version": friction.version,
            "interview": dated_name(friction.interview),
            "theme": friction.theme,
            "observed": friction.shown_observed,
            "severity": friction.severity,
            "frequency": friction.frequency,
            "system": friction.system and friction.system.name,
            "workflow": friction.workflow and friction.workflow.name,
            "pain_point": friction.pain_point and pain_point_name(friction.pain_point),
        }
        for friction in frictions
    ]
    frame = pd.DataFrame(rows, columns=GRID_COLUMNS, index=[friction.id for friction in frictions])
    # Without a row there is nothing to tell a column's type by.
    texts = dict.fromkeys(set(GRID_COLUMNS) - {"version", "severity"}, "string")
    return frame.astype({"severity": "Int64"} | texts)


def worst_first(frictions: Iterable[Friction]) -> list[Friction]:
    """Return the frictions by severity, and those of one severity as they were recorded."""
    return sorted(frictions, key=lambda friction: (-friction.severity, friction.id))


def friction_cells(frictions: Sequence[Friction]) -> dict[str, list[str]]:
    """Return the frictions as texts by column, for a table that is read."""
    return {
        "What was observed": [friction.shown_observed for friction in frictions],
        "Theme": [friction.theme for friction in frictions],
        "Severity": [f"{friction.severity} of 5" for friction in frictions],
        "How often": [friction.frequency for friction in frictions],
        "System": [friction.system.name if friction.system else "" for friction in frictions],
        "Workflow": [friction.workflow.name if friction.workflow else "" for friction in frictions],
    }
