"""The portfolio pack: the newest frozen weeks of the engagements that are somebody's, as one PDF.

It is made with counts for a progress bar, and journalled when it is taken away. Its key names the weeks in it, and the
same weeks give the same bytes: so it can be taken from any process, which only keeps what it made lately.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select

from models.database import read_connection
from models.engagement import Engagement
from models.errors import Forbidden, Invalid, NotFound
from models.people import Actor
from models.review import Review
from models.snapshot import Document
from reports.frames.portfolio import portfolio
from services.review.reviews import PACK, note_download
from store import reviews as read
from store.access import expect_signed_in

KEPT = 8
LARGEST_ID = 2**31 - 1  # beyond it Postgres calls the question wrong
_kept: OrderedDict[tuple[str, ...], bytes] = OrderedDict()
_lock = threading.Lock()
_NONE = "There is no such pack for you: make it again, on the page Portfolio."


@dataclass(frozen=True)
class Pack:
    """A pack: the frozen weeks in it as (slug, review's id), the names of who has none, and the PDF."""

    weeks: list[tuple[str, int]]
    without: list[str]
    data: bytes

    @property
    def key(self) -> str:
        """What `take` asks for: the ids of its weeks."""
        return "-".join(str(review_id) for _, review_id in self.weeks)


def build(actor: Actor, told: Callable[[int, int], None] = lambda done, all: None) -> Pack:
    """The pack of what `actor` may see. `told` is called with how many engagements of how many are read.

    Raises Forbidden to who isn't signed in, and Invalid where no week of theirs is frozen.
    """
    _expect_person(actor)
    everything = portfolio(actor)
    weeks: list[tuple[str, int]] = []
    without: list[str] = []
    documents: list[Document] = []
    for done, row in enumerate(everything.itertuples(), start=1):
        newest = next((week for week in read.weeks(actor, row.slug) if not week.superseded), None)
        if newest is None:
            without.append(row.name)
        else:
            weeks.append((row.slug, newest.id))
            documents.append(read.document(actor, row.slug, newest.digest))
        told(done, len(everything))
    if not documents:
        raise Invalid(
            "No week of your engagements is frozen yet, so there is nothing to pack. Freeze one first."
        )
    return Pack(weeks, without, _typeset(documents))


def download(actor: Actor, key: str) -> bytes:
    """The pack of the weeks that `key` names, as a PDF; the journal of every engagement in it tells who took it.

    Raises NotFound where one of them isn't frozen, or of an engagement that isn't theirs (any more).
    """
    _expect_person(actor)
    weeks = _named(key)
    documents = [_document(actor, slug, digest) for slug, _, digest in weeks]
    data = _typeset(documents)
    for slug, review_id, _ in weeks:
        note_download(actor, slug, review_id, PACK, data)
    return data


def _named(key: str) -> list[tuple[str, int, str]]:
    """The weeks of a key in its order, each as slug, id and the address of its snapshot."""
    try:
        ids = list(dict.fromkeys(int(part) for part in key.split("-")))
    except ValueError:
        raise NotFound(_NONE) from None
    if max(ids) > LARGEST_ID:
        raise NotFound(_NONE)
    table = Review.__table__.c
    query = select(table.id, Engagement.slug, table.digest).join(
        Engagement, Engagement.id == table.engagement_id
    )
    with read_connection() as connection:
        found = {row.id: row for row in connection.execute(query.where(table.id.in_(ids)))}
    if len(found) < len(ids):
        raise NotFound(_NONE)
    return [(found[one].slug, one, found[one].digest) for one in ids]


def _document(actor: Actor, slug: str, digest: str) -> Document:
    try:
        return read.document(actor, slug, digest)
    except NotFound:
        raise NotFound(_NONE) from None


def _typeset(documents: list[Document]) -> bytes:
    # Imported when asked for: what makes PDFs is nothing that a page needs.
    from reports.exports.pack import pack

    # What each says now: an erasure takes what it reached out of packs, too.
    key = tuple(f"{each.fingerprint} {each.interviews is None}" for each in documents)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    made = pack(documents)
    with _lock:
        _kept[key] = made
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return made


def _expect_person(actor: Actor) -> None:
    if actor.operator:
        return
    if actor.token_id is not None:
        raise Forbidden("A token is of one engagement. Sign in to pack your portfolio.")
    with read_connection() as connection:
        expect_signed_in(connection, actor)
