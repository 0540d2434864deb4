"""Who may see what: the one look-up that every read and every write begins with."""

from dataclasses import dataclass

from sqlalchemy import Connection, and_, select

from models.engagement import Engagement
from models.errors import Forbidden, NotFound
from models.people import Actor, Member, User
from models.permissions import Action, permits


@dataclass(frozen=True)
class Access:
    """An engagement that the actor may do something with, at its newest revision."""

    engagement_id: int
    slug: str
    revision: int
    zone: str
    role: str | None


def access(connection: Connection, actor: Actor, slug: str, action: Action) -> Access:
    """The engagement `slug` for `actor`. For somebody outside of it, it doesn't exist.

    Raises NotFound, or Forbidden where a member's role doesn't allow `action`.
    """
    membership = and_(Member.engagement_id == Engagement.id, Member.user_id == actor.user_id)
    row = connection.execute(
        select(Engagement.id, Engagement.slug, Engagement.revision, Engagement.zone, Member.role)
        .outerjoin(Member, membership)
        .outerjoin(User, User.id == Member.user_id)
        .where(Engagement.slug == slug, User.disabled.isnot(True))
    ).one_or_none()
    if row is None or (row.role is None and not actor.operator):
        raise NotFound(f"There is no engagement “{slug}” that you are a member of.")
    if not actor.operator and not permits(row.role, action):
        raise Forbidden(f"A {row.role} of this engagement can't {action}. Ask its lead.")
    return Access(*row)
