"""The portfolio pack: the newest frozen weeks of the engagements that are somebody's, as one PDF.

It is made with counts for a progress bar, kept for a while for who made it, and journalled when it is taken away.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from models.database import reading
from models.errors import Forbidden, Invalid, NotFound
from models.people import Actor
from models.snapshot import Document
from reports.access import expect_signed_in
from reports.frames import reviews as read
from reports.frames.portfolio import portfolio
from services.reviews import PACK, note_download

KEPT = 8
_kept: OrderedDict[str, Pack] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True)
class Pack:
    """A pack, by its `key`: whose it is, the frozen weeks in it as (slug, review's id), who has none, and the PDF."""

    key: str
    user_id: int | None
    weeks: list[tuple[str, int]]
    without: list[str]
    data: bytes


def make(actor: Actor, told: Callable[[int, int], None] = lambda done, all: None) -> Pack:
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
    # Imported when asked for: what makes PDFs is nothing that a page needs.
    from reports.exports.pack import pack

    made = Pack(secrets.token_urlsafe(16), actor.user_id, weeks, without, pack(documents))
    with _lock:
        _kept[made.key] = made
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return made


def take(actor: Actor, key: str) -> bytes:
    """The pack that this person made, as a PDF; the journal of every engagement in it tells that they took it.

    Raises NotFound where it isn't kept any more, is somebody else's, or holds an engagement that isn't theirs any more.
    """
    _expect_person(actor)
    with _lock:
        found = _kept.get(key)
    if found is None or found.user_id != actor.user_id:
        raise NotFound("This pack isn't kept any more. Make it again, on the page Portfolio.")
    for slug, _ in found.weeks:
        read.weeks(actor, slug)  # so that nothing is journalled where one of them is refused
    for slug, review_id in found.weeks:
        note_download(actor, slug, review_id, PACK)
    return found.data


def _expect_person(actor: Actor) -> None:
    if actor.operator:
        return
    if actor.token_id is not None:
        raise Forbidden("A token is of one engagement. Sign in to pack your portfolio.")
    with reading() as connection:
        expect_signed_in(connection, actor)
