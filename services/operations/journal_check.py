"""Verifying the journal: its hash chain, published heads, and the tables that it describes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, select, type_coerce
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
ENTRIES_AT_ONCE = 1_000
_GOES_ON = "It went on from the head that was given: the {} up to there, and the tables, were not looked at."
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


_Engagement = Row[int, str, int, str]
"""Id, slug, revision and head."""
Progress = Callable[[str, int, int], None]
"""Is told, now and then, what is being verified, how many entries were, and of how many."""


def verify(
    actor: Actor,
    slug: str | None = None,
    published: PublishedHead | None = None,
    since: PublishedHead | None = None,
    progress: Progress | None = None,
) -> list[JournalVerdict]:
    """Verify the journal of one engagement, or for an operator, of all.

    It finds entries that were altered, removed or moved; and, against a head `published` earlier, entries cut off at
    the end and a chain that was written anew. The heads in frozen weeks are compared as well; if the chain is unbroken,
    the tables are compared with the journal. With `since`, a head up to which it was verified before, it goes on from
    there and compares no tables. A long journal needs no more memory than a short one. Raises Forbidden if anybody but
    an operator names no engagement, Invalid for a head without an engagement.
    """
    if (published or since) is not None and slug is None:
        raise Invalid("A head belongs to one engagement: say which.")
    with read_connection() as connection:
        check = _Check(connection, published, since, progress or _silent)
        unguarded = append_only.tables_without_triggers(connection)
        return [check.verdict(engagement, unguarded) for engagement in _chosen(connection, actor, slug)]


def _silent(what: str, done: int, of: int) -> None:
    """Tell nobody."""


def _chosen(connection: Connection, actor: Actor, slug: str | None) -> Sequence[_Engagement]:
    """Return id, slug, revision and head of the engagement, or of all. Raises Forbidden and NotFound."""
    query = select(Engagement.id, Engagement.slug, Engagement.revision, Engagement.head).order_by(
        Engagement.slug
    )
    if slug is not None:
        granted = access(connection, actor, slug, Action.READ_JOURNAL)
        query = query.where(Engagement.id == granted.engagement_id)
    elif not actor.operator:
        raise Forbidden("Only an operator checks every journal. Name an engagement of yours.")
    return connection.execute(query).all()


@dataclass(frozen=True)
class _Check:
    """What journals are verified with: the heads that were given, and who is told how far it is."""

    connection: Connection
    published: PublishedHead | None
    since: PublishedHead | None
    progress: Progress

    def verdict(self, engagement: _Engagement, unguarded: list[str]) -> JournalVerdict:
        problem = self._broken_chain(engagement) or self._differing_table(engagement)
        limits = [_not_proved(engagement.revision, self.published), TRUTH_NOT_PROVED]
        if self.since is not None:
            limits.insert(0, _GOES_ON.format(count(self.since.revision, "entry", "entries")))
        sequence, text = (None, None) if problem is None else (problem.sequence, problem.what)
        return JournalVerdict(engagement.slug, engagement.revision, sequence, text, limits, unguarded)

    def _broken_chain(self, engagement: _Engagement) -> Break | None:
        start = _whole(self.connection, engagement.id, self.since) if self.since else None
        begins = start.revision if start else 0
        heads = [
            *_frozen_heads(self.connection, engagement.id),
            *([self.published] if self.published else []),
        ]
        later = [head for head in heads if start is None or head.revision > begins]
        entries = _counted(
            journal_rows(self.connection, engagement.id, begins),
            engagement.slug,
            engagement.revision,
            self.progress,
        )
        return first_break(entries, engagement.head, engagement.revision, later, start)

    def _differing_table(self, engagement: _Engagement) -> Break | None:
        """Return how the first table differs from the journal; None as well where it went on from a head."""
        if self.since is not None:
            return None
        what, revision = f"{engagement.slug}, tables", engagement.revision
        difference = first_difference(
            self.connection, engagement.id, revision, lambda done: self.progress(what, done, revision)
        )
        return None if difference is None else Break(None, difference)


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


def _whole(connection: Connection, engagement_id: int, since: PublishedHead) -> PublishedHead:
    """Return the head with all digits of its hash. Raises Invalid if the journal has another one there."""
    table = table_of(JournalEntry).c
    query = select(table.hash).where(table.engagement_id == engagement_id, table.sequence == since.revision)
    whole_hash = connection.execute(query).scalar()
    if whole_hash is None or not whole_hash.startswith(since.hash):
        raise Invalid(
            f"Entry {since.revision} isn't the one of that head: verify the journal from its beginning."
        )
    return PublishedHead(since.revision, whole_hash, since.where)


def _counted(
    entries: Iterator[dict[str, Any]], slug: str, revision: int, progress: Progress
) -> Iterator[dict[str, Any]]:
    for entry in entries:
        yield entry
        if entry["sequence"] % ENTRIES_AT_ONCE == 0 or entry["sequence"] == revision:
            progress(slug, entry["sequence"], revision)


def journal_rows(connection: Connection, engagement_id: int, after: int = 0) -> Iterator[dict[str, Any]]:
    """Yield the journal's rows in order, as they are stored: an invalid moment stays a text, for the check to find.

    They come a thousand at a time: a long journal needs no more memory than a short one.
    """
    table = table_of(JournalEntry)
    raw = type_coerce(table.c.at, NullType()).label("at")
    columns = [raw if column is table.c.at else column for column in table.c]
    own = (table.c.engagement_id == engagement_id) & (table.c.sequence > after)
    query = select(*columns).where(own).order_by(table.c.sequence)
    for row in connection.execute(query, execution_options={"yield_per": ENTRIES_AT_ONCE}).mappings():
        yield dict(row) | {"at": _moment(row["at"])}


def _moment(raw: Any) -> Any:
    if isinstance(raw, str):
        try:
            raw = datetime.fromisoformat(raw)
        except ValueError:
            return raw
    return raw.replace(tzinfo=UTC) if isinstance(raw, datetime) and raw.tzinfo is None else raw
