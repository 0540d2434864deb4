"""Archiving an engagement, restoring it, and deleting it with everything in it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, bindparam, delete, exists, or_, select
from sqlalchemy.orm import Session

from models.append_only import install_triggers, remove_triggers
from models.base import Base
from models.database import read_connection
from models.engagement import Engagement
from models.engagement_marks import DeletedEngagement, EngagementMark, Mark
from models.errors import Invalid
from models.names import same_text
from models.people import Actor, Member
from models.permissions import Action, Administration
from models.prepared import Prepared
from models.review import Review
from models.security_log import Kind
from services.core.transaction import unjournalled_transaction
from services.people.security_log import log_event
from store.access import access, administer, expect_signed_in
from store.table_rows import table_of

_MARK = Prepared(
    select(EngagementMark.id).where(
        EngagementMark.engagement_id == bindparam("engagement_id"), EngagementMark.kind == bindparam("kind")
    )
)


def archive(actor: Actor, slug: str) -> None:
    """Take the engagement out of the portfolio and its counts. It stays readable for its members.

    Raises Invalid if it is archived already.
    """
    with unjournalled_transaction() as session:
        granted = access(session.connection(), actor, slug, Action.CHANGE_ENGAGEMENT)
        if _marks(session.connection(), granted.engagement_id, Mark.ARCHIVED):
            raise Invalid("This engagement is archived already. Nothing was changed.")
        add_mark(session, granted.engagement_id, Mark.ARCHIVED, actor.at)
        _log(session, Kind.ENGAGEMENT_ARCHIVED, actor, granted.slug)


def restore(actor: Actor, slug: str) -> None:
    """Bring an archived engagement back into the portfolio. Raises Invalid if it isn't archived."""
    with unjournalled_transaction() as session:
        granted = access(session.connection(), actor, slug, Action.CHANGE_ENGAGEMENT)
        if not _marks(session.connection(), granted.engagement_id, Mark.ARCHIVED):
            raise Invalid("This engagement isn't archived. Nothing was changed.")
        session.execute(
            delete(EngagementMark).where(
                EngagementMark.engagement_id == granted.engagement_id, EngagementMark.kind == Mark.ARCHIVED
            )
        )
        _log(session, Kind.ENGAGEMENT_RESTORED, actor, granted.slug)


def delete_engagement(actor: Actor, slug: str, typed_name: str) -> None:
    """Delete the engagement with everything in it, for good; the security log keeps that it was.

    Raises Forbidden for who is no administrator, NotFound for who is no member, and Invalid unless `typed_name` is its
    name.
    """
    with unjournalled_transaction() as session:
        connection = session.connection()
        administer(connection, actor, Administration.DELETE_ENGAGEMENTS)
        granted = access(connection, actor, slug, Action.READ)
        name = session.scalars(select(Engagement.name).where(Engagement.id == granted.engagement_id)).one()
        if not same_text(typed_name.strip(), name):
            raise Invalid(f"Type the engagement's name, “{name}”, to delete it. Nothing was deleted.")
        _delete_all(connection, [granted.engagement_id])
        session.add(DeletedEngagement(id=granted.engagement_id, at=actor.at))
        _log(session, Kind.ENGAGEMENT_DELETED, actor, granted.slug)


def remove_sample(actor: Actor) -> list[str]:
    """Delete all engagements that the sample made. Return their slugs; raises Forbidden for who is no administrator."""
    with unjournalled_transaction() as session:
        connection = session.connection()
        administer(connection, actor, Administration.DELETE_ENGAGEMENTS)
        query = (
            select(Engagement.id, Engagement.slug)
            .join(EngagementMark, EngagementMark.engagement_id == Engagement.id)
            .where(EngagementMark.kind == Mark.SAMPLE)
            .order_by(Engagement.id)
        )
        rows = connection.execute(query).tuples().all()
        if rows:
            _delete_all(connection, [engagement_id for engagement_id, _ in rows])
        for engagement_id, slug in rows:
            session.add(DeletedEngagement(id=engagement_id, at=actor.at))
            _log(session, Kind.ENGAGEMENT_DELETED, actor, slug)
        return [slug for _, slug in rows]


def marked(actor: Actor, kind: Mark) -> list[tuple[str, str]]:
    """Return slug and name of the engagements of that mark that the actor is a member of (all, for an operator)."""
    query = (
        select(Engagement.slug, Engagement.name)
        .join(EngagementMark, EngagementMark.engagement_id == Engagement.id)
        .where(EngagementMark.kind == kind)
        .order_by(Engagement.name)
    )
    if not actor.operator:
        # Few engagements have a mark: a join begins with the ten thousand of somebody who sees them all.
        is_member = exists().where(Member.engagement_id == Engagement.id, Member.user_id == actor.user_id)
        query = query.where(is_member)
    with read_connection() as connection:
        if not actor.operator:
            expect_signed_in(connection, actor)
        return [*connection.execute(query).tuples()]


def is_marked(actor: Actor, slug: str, kind: Mark) -> bool:
    """Return whether the engagement has that mark. Raises NotFound if the actor is no member."""
    with read_connection() as connection:
        return _marks(connection, access(connection, actor, slug, Action.READ).engagement_id, kind)


def add_mark(session: Session, engagement_id: int, kind: Mark, at: datetime) -> None:
    """Mark the engagement since `at`."""
    session.add(EngagementMark(engagement_id=engagement_id, kind=kind, at=at))


def _marks(connection: Connection, engagement_id: int, kind: Mark) -> bool:
    return _MARK.row(connection, engagement_id=engagement_id, kind=kind) is not None


def _log(session: Session, kind: Kind, actor: Actor, slug: str) -> None:
    log_event(session, kind, actor.at, user_id=actor.user_id, by=actor.name, detail=f"Engagement {slug}")


def _delete_all(connection: Connection, engagement_ids: list[int]) -> None:
    """Delete these engagements and every row that belongs to them, what refers to others first.

    The append-only tables let go of them only while their triggers are off, in this transaction alone.
    """
    engagement = table_of(Engagement)
    remove_triggers(connection)
    # A frozen week's snapshot belongs to the weeks that show it.
    review, snapshot = table_of(Review), Base.metadata.tables["snapshot"]
    theirs = select(review.c.digest).where(review.c.engagement_id.in_(engagement_ids))
    others = select(review.c.digest).where(review.c.engagement_id.not_in(engagement_ids))
    digests = connection.scalars(theirs.except_(others)).all()
    for table in reversed(Base.metadata.sorted_tables):
        if table is not engagement and (rows := _belonging(table, engagement_ids)) is not None:
            connection.execute(delete(table).where(rows))
    connection.execute(delete(snapshot).where(snapshot.c.digest.in_(digests)))
    connection.execute(delete(engagement).where(engagement.c.id.in_(engagement_ids)))
    install_triggers(connection)


def _belonging(
    table: Table, engagement_ids: list[int], seen: Iterable[Table] = ()
) -> ColumnElement[bool] | None:
    """The rows of `table` that belong to the engagements: by their own column, or by what they refer to."""
    if "engagement_id" in table.c:
        return table.c.engagement_id.in_(engagement_ids)
    conditions = []
    for key in table.foreign_keys:
        target = key.column.table
        if target is table or target in seen:
            continue
        rows = _belonging(target, engagement_ids, [*seen, table])
        if rows is not None:
            conditions.append(key.parent.in_(select(key.column).where(rows)))
    return or_(*conditions) if conditions else None
