"""Finding by name what somebody may see: engagements and what is in them. Each kind is one query with a limit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, or_, select

from models.base import Part
from models.contracts import Contract
from models.database import read_connection
from models.decisions import Decision
from models.engagement import Engagement
from models.interviews import Friction
from models.inventory import System
from models.metrics import Metric
from models.names import clean_name
from models.people import Actor, Member, User
from models.permissions import PERMISSIONS, Action
from models.plan import Milestone
from models.replacements import Replacement
from models.workflows import Workflow
from store.access import expect_signed_in, signed_in

MIN_LETTERS, MAX_LETTERS = 2, 100
PER_KIND = 6
GREEK_S = "Σςσ"


@dataclass(frozen=True)
class Match:
    """Something that was found: its kind, its name, the engagement, and the page and record that show it."""

    kind: str
    title: str
    slug: str
    engagement: str
    page: str
    query: dict[str, str]


def search(actor: Actor, text: str) -> list[Match]:
    """Return what holds `text` in its name, of engagements that the actor is a member of; at most PER_KIND of a kind.

    Letters are the same in every case, and composed or decomposed. Frictions are found only by who may read interviews.
    A text of fewer than MIN_LETTERS finds nothing. Raises Forbidden if nobody is signed in.
    """
    wanted = clean_name(text)[:MAX_LETTERS]
    with read_connection() as connection:
        if not actor.operator:
            expect_signed_in(connection, actor)
        if len(wanted) < MIN_LETTERS:
            return []
        holds = _holding(connection, wanted)
        records = (match for kind in _KINDS for match in _records(connection, actor, holds, kind))
        return [
            *_engagements(connection, actor, holds),
            *records,
            *_people(connection, actor, holds),
            *_frictions(connection, actor, holds),
        ]


def _of(actor: Actor, *columns: Any, action: Action = Action.READ) -> Select[Any]:
    """Return a query of columns with the engagement's slug and name, of those where the actor may do `action`."""
    query = select(Engagement.slug, Engagement.name, *columns).select_from(Engagement)
    if actor.operator:
        return query
    return (
        query.join(Member, Member.engagement_id == Engagement.id)
        .join(User, User.id == Member.user_id)
        .where(
            Member.user_id == actor.user_id,
            Member.role.in_(sorted(PERMISSIONS[action])),
            User.disabled.is_(False),
            *signed_in(actor),
        )
    )


def _visible(actor: Actor, engagement_id: Any, action: Action = Action.READ) -> list[ColumnElement[bool]]:
    """Return conditions for rows of engagements in which the actor, who is signed in, may do `action`.

    Names are few where they match: asked for each of those, membership costs less than names asked for each membership.
    """
    if actor.operator:
        return []
    own: Any = select(Member.id).where(
        Member.engagement_id == engagement_id,
        Member.user_id == actor.user_id,
        Member.role.in_(sorted(PERMISSIONS[action])),
    )
    return [exists(own)]


Holds = Callable[[Any], ColumnElement[bool]]


def _holding(connection: Connection, text: str) -> Holds:
    """Return the condition that a column holds `text`, in whatever case. What is stored is composed, as `text` is."""
    if text.isascii():
        return lambda column: column.icontains(text, autoescape=True)
    # SQLite knows the two cases of ASCII letters alone, Postgres those of its locale: the patterns name them all.
    if connection.dialect.name == "sqlite":
        glob = f"*{glob_of(text)}*"
        return lambda column: column.op("GLOB", is_comparison=True)(glob)
    pattern = regex_of(text)
    return lambda column: column.regexp_match(pattern)


def glob_of(text: str) -> str:
    """Return the pattern of SQLite's GLOB that matches `text` in every case: "Éa" -> "[Éé][Aa]"."""
    return "".join(f"[{_cases(letter)}]" for letter in text)


def regex_of(text: str) -> str:
    """Return the regular expression that matches `text` in every case: "Éa?" -> "[Éé][Aa]\\?"."""
    return "".join(f"[{_cases(letter)}]" if letter.isalnum() else re.escape(letter) for letter in text)


def _cases(letter: str) -> str:
    """Return the single letters that are `letter` in another case, and itself: the Greek s has three."""
    if letter in GREEK_S:
        return GREEK_S
    cases = {letter, letter.lower(), letter.upper(), letter.title(), letter.casefold()}
    return "".join(sorted(case for case in cases if len(case) == 1))


def _engagements(connection: Connection, actor: Actor, holds: Holds) -> Iterator[Match]:
    named = or_(holds(Engagement.name), holds(Engagement.client))
    query = select(Engagement.slug, Engagement.name, Engagement.client).where(
        named, *_visible(actor, Engagement.id)
    )
    for slug, name, client in connection.execute(
        query.order_by(Engagement.name, Engagement.id).limit(PER_KIND)
    ):
        yield Match("Engagement", name, slug, client, "overview", {})


@dataclass(frozen=True)
class _Kind:
    """Records that are found by one column: their table, that column, and the page that opens the record `key=id`."""

    label: str
    table: type[Part]
    title: Any
    page: str
    key: str
    id: Any


_KINDS = (
    _Kind("System", System, System.name, "inventory", "system", System.id),
    _Kind("Contract", Contract, Contract.name, "inventory", "system", Contract.system_id),
    _Kind("Metric", Metric, Metric.name, "metrics", "metric", Metric.slug),
    _Kind("Workflow", Workflow, Workflow.name, "workflows", "workflow", Workflow.id),
    _Kind("Replacement", Replacement, Replacement.name, "replacements", "replacement", Replacement.id),
    _Kind("Decision", Decision, Decision.title, "decisions", "decision", Decision.id),
    _Kind("Milestone", Milestone, Milestone.name, "plan", "milestone", Milestone.id),
)


def _records(connection: Connection, actor: Actor, holds: Holds, kind: _Kind) -> Iterator[Match]:
    """Yield the records of a kind, by title."""
    of = kind.table.engagement_id
    query = (
        select(Engagement.slug, Engagement.name, kind.title, kind.id)
        .join_from(kind.table, Engagement, of == Engagement.id)
        .where(holds(kind.title), *_visible(actor, of))
    )
    rows = connection.execute(query.order_by(kind.title, of).limit(PER_KIND))
    for slug, engagement, title, key in rows:
        yield Match(kind.label, title, slug, engagement, kind.page, {kind.key: str(key)})


def _frictions(connection: Connection, actor: Actor, holds: Holds) -> Iterator[Match]:
    # Where names are hidden, what was observed may hold one, and is found by its theme alone.
    named = (~Engagement.hide_interviewees) & holds(Friction.observed)
    query = (
        select(Engagement.slug, Engagement.name, Friction.theme, Friction.observed, Friction.interview_id,
               Engagement.hide_interviewees)
        .join_from(Friction, Engagement, Friction.engagement_id == Engagement.id)
        .where(named | holds(Friction.theme))
        .where(*_visible(actor, Friction.engagement_id, Action.READ_INTERVIEWS))
        .order_by(Friction.theme, Friction.id)
    )  # fmt: skip
    for slug, name, theme, observed, interview, hidden in connection.execute(query.limit(PER_KIND)):
        title = theme if hidden else f"{theme}: {observed}"
        yield Match("Friction", title, slug, name, "interviews", {"interview": str(interview)})


def _people(connection: Connection, actor: Actor, holds: Holds) -> Iterator[Match]:
    """Yield the members of the actor's engagements; an operator finds all of them."""
    other = Member.__table__.alias("other")
    query = (
        select(Engagement.slug, Engagement.name, User.name, User.id)
        .join_from(User, other, other.c.user_id == User.id)
        .join(Engagement, Engagement.id == other.c.engagement_id)
        .where(holds(User.name), *_visible(actor, other.c.engagement_id))
        .order_by(User.name, Engagement.id)
    )
    for slug, name, user_name, user_id in connection.execute(query.limit(PER_KIND)):
        yield Match("Person", user_name, slug, name, "activity", {"person": str(user_id)})


@dataclass(frozen=True)
class Membership:
    """What the sidebar shows: the open engagement's name and client (None: none that this person may see), the role in it
    (None: no member), and some engagements to switch to."""

    engagement: tuple[str, str] | None
    role: str | None
    others: tuple[tuple[str, str], ...]


def membership(actor: Actor, slug: str | None, limit: int) -> Membership:
    """Return the engagement `slug` and the actor's role in it, and slug and name of at most `limit` others of theirs.

    Where no engagement is open (None), there is nothing to switch from.
    """
    if slug is None:
        return Membership(None, None, ())
    with read_connection() as connection:
        current = connection.execute(_of(actor, Engagement.client).where(Engagement.slug == slug)).first()
        own = select(Member.role).join(Engagement, Engagement.id == Member.engagement_id)
        role = connection.scalar(own.where(Engagement.slug == slug, Member.user_id == actor.user_id))
        others = _of(actor).where(Engagement.slug != slug).order_by(Engagement.name, Engagement.id)
        rows = connection.execute(others.limit(limit))
        names = None if current is None else (current.name, current.client)
        return Membership(names, role, tuple((its, name) for its, name in rows))
