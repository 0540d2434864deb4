"""The portfolio pack: the newest frozen weeks of the actor's engagements, as one PDF.

Building it reports progress; downloading it is journalled. Its key names the weeks in it, and the same weeks give the
same bytes: so any process can serve the download, and each only caches the packs that it built last.
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
from models.snapshot import SnapshotDocument
from reports.frames.portfolio import portfolio
from services.review.reviews import PACK, note_download
from store import reviews as stored_reviews
from store.access import expect_signed_in
from store.table_rows import table_of

MAX_CACHED = 8
MAX_ID = 2**31 - 1  # beyond it, Postgres refuses the query
_cached: OrderedDict[tuple[str, ...], bytes] = OrderedDict()
_lock = threading.Lock()
_NOT_FOUND = "There is no such pack for you: make it again, on the page Portfolio."


@dataclass(frozen=True)
class Pack:
    """A pack: its frozen weeks as (slug, review's id), the names of engagements without any, and the PDF."""

    weeks: list[tuple[str, int]]
    without: list[str]
    data: bytes

    @property
    def key(self) -> str:
        """The key for `download`: the ids of its weeks."""
        return "-".join(str(review_id) for _, review_id in self.weeks)


def build(actor: Actor, progress: Callable[[int, int], None] = lambda done, total: None) -> Pack:
    """Return the pack of the actor's engagements. `progress` is called with how many of how many have been read.

    Raises Forbidden if nobody is signed in, and Invalid if no week of theirs is frozen.
    """
    _expect_person(actor)
    engagements = portfolio(actor)
    weeks: list[tuple[str, int]] = []
    without: list[tuple[str, str]] = []
    documents: list[SnapshotDocument] = []
    for done, row in enumerate(engagements.itertuples(), start=1):
        newest = next((week for week in stored_reviews.weeks(actor, row.slug) if not week.superseded), None)
        if newest is None:
            without.append((row.name, row.client))
        else:
            weeks.append((row.slug, newest.id))
            documents.append(stored_reviews.document(actor, row.slug, newest.digest))
        progress(done, len(engagements))
    if not documents:
        raise Invalid(
            "No week of your engagements is frozen yet, so there is nothing to pack. Freeze one first."
        )
    return Pack(weeks, [name for name, _ in without], _typeset(documents, without))


def download(actor: Actor, key: str) -> bytes:
    """Return the pack of the weeks that `key` names, as a PDF, and journal the download in every engagement of it.

    Raises NotFound if one of them isn't frozen, or the actor isn't a member of its engagement (any more).
    """
    _expect_person(actor)
    weeks = _weeks_of(key)
    documents = [_document(actor, slug, digest) for slug, _, digest in weeks]
    named = {slug for slug, _, _ in weeks}
    others = [(row.name, row.client) for row in portfolio(actor).itertuples() if row.slug not in named]
    data = _typeset(documents, others)
    for slug, review_id, _ in weeks:
        note_download(actor, slug, review_id, PACK, data)
    return data


def _weeks_of(key: str) -> list[tuple[str, int, str]]:
    """Return the weeks of a key in its order, each as slug, id and digest of its snapshot. Raises NotFound."""
    try:
        ids = list(dict.fromkeys(int(part) for part in key.split("-")))
    except ValueError:
        raise NotFound(_NOT_FOUND) from None
    if max(ids) > MAX_ID:
        raise NotFound(_NOT_FOUND)
    table = table_of(Review).c
    query = select(table.id, Engagement.slug, table.digest).join(
        Engagement, Engagement.id == table.engagement_id
    )
    with read_connection() as connection:
        rows = {row.id: row for row in connection.execute(query.where(table.id.in_(ids)))}
    if len(rows) < len(ids):
        raise NotFound(_NOT_FOUND)
    return [(rows[review_id].slug, review_id, rows[review_id].digest) for review_id in ids]


def _document(actor: Actor, slug: str, digest: str) -> SnapshotDocument:
    try:
        return stored_reviews.document(actor, slug, digest)
    except NotFound:
        raise NotFound(_NOT_FOUND) from None


def _typeset(documents: list[SnapshotDocument], without: list[tuple[str, str]]) -> bytes:
    # Imported here: no page needs what makes PDFs.
    from reports.exports.pack import pack

    # By their present content: an erasure changes it, and so the packs as well.
    without = sorted(without)
    key = (
        *(f"{document.fingerprint} {document.interviews is None}" for document in documents),
        *map(repr, without),
    )
    with _lock:
        if key in _cached:
            _cached.move_to_end(key)
            return _cached[key]
    data = pack(documents, without)
    with _lock:
        _cached[key] = data
        while len(_cached) > MAX_CACHED:
            _cached.popitem(last=False)
    return data


def _expect_person(actor: Actor) -> None:
    if actor.operator:
        return
    if actor.token_id is not None:
        raise Forbidden("A token is of one engagement. Sign in to pack your portfolio.")
    with read_connection() as connection:
        expect_signed_in(connection, actor)
