"""The record that a mail is about: what it is called, and the page that opens it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from models.base import Part
from models.decisions import Decision
from models.interviews import Interview
from models.metrics import Metric
from models.people import Role
from models.permissions import PERMISSIONS, Action
from models.plan import Milestone
from models.replacements import Replacement
from models.review import Review
from models.wording import day_month
from services.core.site_url import home_url


@dataclass(frozen=True)
class _Kind:
    """A kind of record: its table, the page that shows it, the query that opens one there, and what one is called."""

    table: type[Part]
    page: str
    query: Callable[[Any], str]
    name: Callable[[Any], str]


def _interview_name(row: Interview) -> str:
    """Return the interview's day: a mail can't be erased, so it doesn't name who was interviewed."""
    return f"the interview of {day_month(row.held_on or row.planned_on)}"


_KINDS = {
    "decision": _Kind(
        Decision, "decisions", lambda row: f"decision={row.id}", lambda row: f"the decision “{row.title}”"
    ),
    "milestone": _Kind(
        Milestone, "plan", lambda row: f"milestone={row.id}", lambda row: f"the milestone “{row.name}”"
    ),
    "metric": _Kind(
        Metric, "metrics", lambda row: f"metric={row.slug}", lambda row: f"the metric “{row.name}”"
    ),
    "replacement": _Kind(
        Replacement,
        "replacements",
        lambda row: f"replacement={row.id}",
        lambda row: f"the replacement “{row.name}”",
    ),
    "interview": _Kind(Interview, "interviews", lambda row: f"interview={row.id}", _interview_name),
    "review": _Kind(
        Review,
        "review",
        lambda row: f"week={row.reviewed_on.isoformat()}",
        lambda row: f"the review of week {row.week}",
    ),
}


@dataclass(frozen=True)
class Record:
    """What a record is called in a sentence, and the address that opens it."""

    name: str
    url: str


def may_read(kind: str, role: str) -> bool:
    """Return whether members of this role may read records of a kind: interviews are for some only."""
    action = Action.READ_INTERVIEWS if kind == "interview" else Action.READ
    return Role(role) in PERMISSIONS[action]


def find_record(session: Session, engagement_id: int, slug: str, kind: str, row_id: int | None) -> Record:
    """Return a record as it is called now; one that is gone is "a record that was removed", and opens the overview."""
    known = _KINDS.get(kind)
    row = session.get(known.table, row_id) if known is not None and row_id is not None else None
    if known is None or row is None or row.engagement_id != engagement_id:
        return Record(f"a {kind} that was removed", page_url("overview", slug))
    return Record(known.name(row), f"{page_url(known.page, slug)}&{known.query(row)}")


def page_url(page: str, slug: str) -> str:
    """Return the address of an engagement's page."""
    return f"{home_url()}/{page}?engagement={slug}"
