"""Checking the journal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select, type_coerce
from sqlalchemy.types import NullType

from models import append_only
from models.database import read_connection
from models.engagement import Engagement
from models.errors import Forbidden, Invalid
from models.journal import JournalEntry
from models.journal_chain import SHORTEST_HEAD, Break, Head, first_break
from models.people import Actor
from models.permissions import Action
from models.review import Review
from models.wording import count
from store.access import access
from store.journal_comparison import first_difference

_HEAD = re.compile(rf"([0-9a-f]{{{SHORTEST_HEAD},64}})@([1-9][0-9]{{0,9}})", re.IGNORECASE)
_REWRITTEN = (
    "It can't prove that nobody who owns the database wrote {which} anew, with every hash{after}: for that, compare it "
    "with a head that was published since (--head, --receipt, --review)."
)
TRUTH = "It can't prove that what was entered was true, nor that this server's clock was right."


@dataclass(frozen=True)
class Verdict:
    """One engagement's journal: how many entries it has, and the first thing that is wrong with it, if any is.

    `sequence` is the first bad entry's; None where the journal holds and a table says something else than it.
    `limits` are sentences: what was not proved. `unguarded` are the tables whose triggers are missing or were changed.
    """

    slug: str
    entries: int
    sequence: int | None
    problem: str | None
    limits: list[str] = field(default_factory=list)
    unguarded: list[str] = field(default_factory=list)


def parse_head(said: str) -> Head:
    """The head that somebody noted down as HEAD@REVISION. Raises Invalid where it isn't one."""
    found = _HEAD.fullmatch(said.strip())
    if found is None:
        raise Invalid(
            f"“{said}” names no head. Give its hash (at least {SHORTEST_HEAD} digits of it) and its revision, as in "
            "0123456789abcdef@57."
        )
    return Head(int(found[2]), found[1].lower(), "the head that was given")


def verify(actor: Actor, slug: str | None = None, published: Head | None = None) -> list[Verdict]:
    """Check the chain of one engagement's journal, or of all that an operator can see.

    It finds entries that were altered, removed or moved; and, against a head `published` earlier, entries cut off at
    the end and a chain that was written anew. The heads in frozen weeks are compared as well, and where the chain
    holds, the tables with what the journal says they should be. Raises Forbidden for
    everybody but an operator where no engagement is named, Invalid where a head goes with none.
    """
    if published is not None and slug is None:
        raise Invalid("A head belongs to one engagement: say which.")
    with read_connection() as connection:
        query = select(Engagement.id, Engagement.slug, Engagement.revision, Engagement.head).order_by(
            Engagement.slug
        )
        if slug is not None:
            query = query.where(
                Engagement.id == access(connection, actor, slug, Action.READ_JOURNAL).engagement_id
            )
        elif not actor.operator:
            raise Forbidden("Only an operator checks every journal. Name an engagement of yours.")
        unguarded = append_only.unguarded(connection)
        found = []
        for engagement_id, its_slug, revision, head in connection.execute(query).all():
            heads = [*_frozen(connection, engagement_id), *([published] if published else [])]
            broken = first_break(entries_of(connection, engagement_id), head, revision, heads)
            if broken is None and (unlike := first_difference(connection, engagement_id, revision)):
                broken = Break(None, unlike)
            limits = [_not_proved(revision, published), TRUTH]
            found.append(
                Verdict(
                    its_slug, revision, broken and broken.sequence, broken and broken.what, limits, unguarded
                )
            )
    return found


def _not_proved(revision: int, published: Head | None) -> str:
    if published is None:
        return _REWRITTEN.format(which="the whole journal", after=", every count and every table")
    if published.revision >= revision:
        return (
            "It can't prove that the head that was given is one that was published: its holder has to know."
        )
    later = count(revision - published.revision, "entry", "entries")
    return _REWRITTEN.format(which=f"the {later} after the head that was given", after="")


def _frozen(connection: Connection, engagement_id: int) -> list[Head]:
    """The heads that frozen weeks name."""
    query = select(Review.__table__.c.revision, Review.__table__.c.head, Review.__table__.c.week)
    rows = connection.execute(query.where(Review.__table__.c.engagement_id == engagement_id))
    return [Head(revision, head, f"the frozen week {week}") for revision, head, week in rows]


def entries_of(connection: Connection, engagement_id: int) -> Iterator[dict[str, Any]]:
    """The journal's rows in order, as they are: a moment that isn't one comes as its text, for the check to find."""
    table = JournalEntry.__table__
    raw = type_coerce(table.c.at, NullType()).label("at")
    columns = [raw if column is table.c.at else column for column in table.c]
    query = select(*columns).where(table.c.engagement_id == engagement_id).order_by(table.c.sequence)
    for row in connection.execute(query).mappings():
        yield dict(row) | {"at": _moment(row["at"])}


def _moment(raw: Any) -> Any:
    if isinstance(raw, str):
        try:
            raw = datetime.fromisoformat(raw)
        except ValueError:
            return raw
    return raw.replace(tzinfo=UTC) if isinstance(raw, datetime) and raw.tzinfo is None else raw
