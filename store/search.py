"""Finding by name what somebody may see: engagements and what is in them. Each kind is one query with a limit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, or_, select

from models.database import read_connection
from models.decisions import Decision
from models.engagement import Engagement
from models.interviews import Friction
from models.inventory import System
from models.metrics import Metric
from models.people import Actor, Member, User
from models.permissions import PERMISSIONS, Action
from models.plan import Milestone
from store.access import expect_signed_in, signed_in

MIN_LETTERS, MAX_LETTERS = 2, 100
PER_KIND = 6


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

    Frictions are found only by who may read interviews. A text of fewer than MIN_LETTERS finds nothing. Raises Forbidden
    if nobody is signed in.
    """
    wanted = " ".join(text.split())[:MAX_LETTERS]
    with read_connection() as connection:
        if not actor.operator:
            expect_signed_in(connection, actor)
        if len(wanted) < MIN_LETTERS:
            return []
        return [match for find in _FINDERS for match in find(connection, actor, wanted)]


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


def _holds(text: str, *columns: Any) -> ColumnElement[bool]:
    return or_(*(column.icontains(text, autoescape=True) for column in columns))


def _engagements(connection: Connection, actor: Actor, text: str) -> Iterator[Match]:
    query = _of(actor, Engagement.client).where(_holds(text, Engagement.name, Engagement.client))
    for slug, name, client in connection.execute(
        query.order_by(Engagement.name, Engagement.id).limit(PER_KIND)
    ):
        yield Match("Engagement", name, slug, client, "overview", {})


def _records(
    connection: Connection,
    actor: Actor,
    text: str,
    kind: str,
    page: str,
    key: str,
    columns: tuple[Any, Any, Any],
) -> Iterator[Match]:
    """Yield rows of a table by title; `columns` are its engagement, its title and what names it in the address."""
    engagement_id, title, record = columns
    query = _of(actor, title, record).join(engagement_id.class_, engagement_id == Engagement.id)
    rows = connection.execute(query.where(_holds(text, title)).order_by(title, engagement_id).limit(PER_KIND))
    for slug, engagement, title_of_row, key_of_row in rows:
        yield Match(kind, title_of_row, slug, engagement, page, {key: str(key_of_row)})


def _systems(connection: Connection, actor: Actor, text: str) -> Iterator[Match]:
    columns = System.engagement_id, System.name, System.id
    return _records(connection, actor, text, "System", "inventory", "system", columns)


def _metrics(connection: Connection, actor: Actor, text: str) -> Iterator[Match]:
    columns = Metric.engagement_id, Metric.name, Metric.slug
    return _records(connection, actor, text, "Metric", "metrics", "metric", columns)


def _decisions(connection: Connection, actor: Actor, text: str) -> Iterator[Match]:
    columns = Decision.engagement_id, Decision.title, Decision.id
    return _records(connection, actor, text, "Decision", "decisions", "decision", columns)


def _milestones(connection: Connection, actor: Actor, text: str) -> Iterator[Match]:
    columns = Milestone.engagement_id, Milestone.name, Milestone.id
    return _records(connection, actor, text, "Milestone", "plan", "milestone", columns)


def _frictions(connection: Connection, actor: Actor, text: str) -> Iterator[Match]:
    # Where names are hidden, what was observed may hold one, and is found by its theme alone.
    named = (~Engagement.hide_interviewees) & _holds(text, Friction.observed)
    query = (
        _of(actor, Friction.theme, Friction.observed, Friction.interview_id, Engagement.hide_interviewees,
            action=Action.READ_INTERVIEWS)
        .join(Friction, Friction.engagement_id == Engagement.id)
        .where(named | _holds(text, Friction.theme))
        .order_by(Friction.theme, Friction.id)
    )  # fmt: skip
    for slug, name, theme, observed, interview, hidden in connection.execute(query.limit(PER_KIND)):
        title = theme if hidden else f"{theme}: {observed}"
        yield Match("Friction", title, slug, name, "interviews", {"interview": str(interview)})


def _people(connection: Connection, actor: Actor, text: str) -> Iterator[Match]:
    """Yield the members of the actor's engagements; an operator finds all of them."""
    other, person = Member.__table__.alias("other"), User.__table__.alias("person")
    query = (
        _of(actor, person.c.name, person.c.id)
        .join(other, other.c.engagement_id == Engagement.id)
        .join(person, person.c.id == other.c.user_id)
        .where(_holds(text, person.c.name))
        .order_by(person.c.name, Engagement.id)
    )
    for slug, name, found, user_id in connection.execute(query.limit(PER_KIND)):
        yield Match("Person", found, slug, name, "activity", {"person": str(user_id)})


_FINDERS = (_engagements, _systems, _metrics, _people, _frictions, _decisions, _milestones)


@dataclass(frozen=True)
class Membership:
    """What the sidebar shows: the open engagement's name and client (None: none that this person may see), the role in it
    (None: no member), and some engagements to switch to."""

    engagement: tuple[str, str] | None
    role: str | None
    others: tuple[tuple[str, str], ...]


def membership(actor: Actor, slug: str | None, limit: int) -> Membership:
    """Return the engagement `slug` and the actor's role in it, and slug and name of at most `limit` others of theirs."""
    with read_connection() as connection:
        current = connection.execute(_of(actor, Engagement.client).where(Engagement.slug == slug)).first()
        own = select(Member.role).join(Engagement, Engagement.id == Member.engagement_id)
        role = connection.scalar(own.where(Engagement.slug == slug, Member.user_id == actor.user_id))
        others = _of(actor).where(Engagement.slug != (slug or "")).order_by(Engagement.name, Engagement.id)
        rows = connection.execute(others.limit(limit))
        names = None if current is None else (current.name, current.client)
        return Membership(names, role, tuple((its, name) for its, name in rows))
