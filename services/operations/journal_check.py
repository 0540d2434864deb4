"""Verifying the journal: its hash chain, published heads, and the tables that it describes."""

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
from models.journal_chain import MIN_HEAD_DIGITS, Break, PublishedHead, first_break
from models.people import Actor
from models.permissions import Action
from models.review import Review, week_name
from models.wording import count
from store.access import access
from store.journal_comparison import first_difference
from store.table_rows import table_of

_HEAD = re.compile(rf"([0-9a-f]{{{MIN_HEAD_DIGITS},64}})@([1-9][0-9]{{0,9}})", re.IGNORECASE)
_REWRITTEN = (
    "It can't prove that nobody who owns the database wrote {which} anew, with every hash{after}: for that, compare it "
    "with a head that was published since (--head, --receipt, --review)."
)
TRUTH_NOT_PROVED = "It can't prove that what was entered was true, nor that this server's clock was right."


@dataclass(frozen=True)
class JournalVerdict:
    """The result for one engagement's journal: its number of entries, and the first `problem`, if there is one.

    `sequence` is that of the first bad entry; None if the chain is unbroken but a table differs from the journal.
    `limits` are sentences on what was not proved. `unguarded` are tables whose triggers are missing or were changed.
    """

    slug: str
    entries: int
    sequence: int | None
    problem: str | None
    limits: list[str] = field(default_factory=list)
    unguarded: list[str] = field(default_factory=list)


def parse_head(text: str) -> PublishedHead:
    """Return the head that is written as HEAD@REVISION. Raises Invalid if it isn't one."""
    match = _HEAD.fullmatch(text.strip())
    if match is None:
        raise Invalid(
            f"“{text}” names no head. Give its hash (at least {MIN_HEAD_DIGITS} digits of it) and its revision, as in "
            "0123456789abcdef@57."
        )
    return PublishedHead(int(match[2]), match[1].lower(), "the head that was given")


def verify(
    actor: Actor, slug: str | None = None, published: PublishedHead | None = None
) -> list[JournalVerdict]:
    """Verify the journal of one engagement, or for an operator, of all.

    It finds entries that were altered, removed or moved; and, against a head `published` earlier, entries cut off at
    the end and a chain that was written anew. The heads in frozen weeks are compared as well; if the chain is unbroken,
    the tables are compared with the journal. Raises Forbidden if anybody but an operator names no engagement, Invalid
    for a head without an engagement.
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
        unguarded = append_only.tables_without_triggers(connection)
        verdicts = []
        for engagement_id, its_slug, revision, head in connection.execute(query).all():
            heads = [*_frozen_heads(connection, engagement_id), *([published] if published else [])]
            problem = first_break(journal_rows(connection, engagement_id), head, revision, heads)
            if problem is None and (difference := first_difference(connection, engagement_id, revision)):
                problem = Break(None, difference)
            limits = [_not_proved(revision, published), TRUTH_NOT_PROVED]
            sequence, text = (None, None) if problem is None else (problem.sequence, problem.what)
            verdicts.append(JournalVerdict(its_slug, revision, sequence, text, limits, unguarded))
    return verdicts


def _not_proved(revision: int, published: PublishedHead | None) -> str:
    if published is None:
        return _REWRITTEN.format(which="the whole journal", after=", every count and every table")
    if published.revision >= revision:
        return (
            "It can't prove that the head that was given is one that was published: its holder has to know."
        )
    later = count(revision - published.revision, "entry", "entries")
    return _REWRITTEN.format(which=f"the {later} after the head that was given", after="")


def _frozen_heads(connection: Connection, engagement_id: int) -> list[PublishedHead]:
    """Return the heads that frozen weeks name."""
    table = table_of(Review).c
    query = select(table.revision, table.head, table.week, table.reviewed_on).where(
        table.engagement_id == engagement_id
    )
    rows = connection.execute(query)
    return [
        PublishedHead(revision, head, f"the frozen {week_name(week, on).removeprefix('the ')}")
        for revision, head, week, on in rows
    ]


def journal_rows(connection: Connection, engagement_id: int) -> Iterator[dict[str, Any]]:
    """Yield the journal's rows in order, as they are stored: an invalid moment stays a text, for the check to find."""
    table = table_of(JournalEntry)
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
