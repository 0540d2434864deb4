"""The weekly review: the lead edits its marked passages and freezes it; from then on it is only superseded."""

from __future__ import annotations

import hashlib
import secrets
from datetime import date
from typing import Any

import rfc8785
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database import read_connection
from models.engagement import Engagement
from models.errors import Conflict, Forbidden, Invalid
from models.interviews import nameless
from models.names import same_text
from models.people import Actor
from models.permissions import Action
from models.review import Review, ReviewDownload, ReviewPassage, ReviewReading, Snapshot
from models.snapshot import Document
from models.wording import day_month
from reports.exports.formats import FORMATS
from reports.review.draft import Draft, draft
from services.core.transaction import get_part, open_engagement, transaction
from services.core.validation import optional_text, required_text
from store import states
from store.access import access

LONGEST_PASSAGE = 2_000
# A week that was taken away in a portfolio pack (services/review/packs.py), not in a file of its own.
PACK = "pack"
# Kinds of rows that only who may read interviews sees, and the columns of them that a snapshot leaves out.
_INTERVIEWS = ("interview", "friction")
_LEFT_OUT = {"summary": None, "interviewer": None}


def edit_passages(
    actor: Actor, slug: str, on: date, texts: dict[str, str], *, known_now: bool = False
) -> None:
    """Write other text in the place of drafted passages of the week of `on`; "" or the draft itself takes it back.

    The draft that was replaced is kept beside it. Raises Invalid for a passage that the week doesn't have.
    """
    week = draft(actor, slug, on, known_now=known_now)
    drafts = week.composed.drafts
    with transaction(actor, "edit the review") as session:
        engagement = open_engagement(session, slug, Action.WRITE_REVIEWS)
        for key, written in texts.items():
            if key not in drafts:
                raise Invalid("That passage isn't in this week's review any more. Nothing was saved: reload.")
            text = optional_text("passage", written, LONGEST_PASSAGE) or ""
            _put_passage(session, engagement, week, key, "" if same_text(drafts[key], text) else text)


def _put_passage(session: Session, engagement: Engagement, week: Draft, key: str, text: str) -> None:
    named = {"engagement_id": engagement.id, "cycle": week.cycle, "week": week.week, "key": key}
    row = session.scalar(select(ReviewPassage).filter_by(**named))
    if row is None and text:
        session.add(ReviewPassage(**named, draft=week.composed.drafts[key], text=text))
    elif row is not None and row.text != text:
        row.draft, row.text = week.composed.drafts[key], text


def freeze(actor: Actor, slug: str, on: date | None = None, *, seen: int | None = None) -> Review:
    """Freeze the week of `on` (today where it isn't given) as it was known at the end of that day.

    `seen` is the revision that was on screen. Raises Conflict where the evidence moved since, and Invalid where the
    week is frozen already.
    """
    on = on or _today(actor, slug)
    week = draft(actor, slug, on)
    if seen is not None and week.moment.engagement.revision != seen:
        raise Conflict(
            "Something was recorded since you opened this page, so the week isn't what you saw any more. Nothing was "
            "frozen: read it again, then freeze it."
        )
    with transaction(actor, "freeze the review") as session:
        engagement = open_engagement(session, slug, Action.WRITE_REVIEWS)
        held = _held(session, engagement, week)
        if held is not None:
            raise Invalid(
                f"Week {week.week} was frozen on {day_month(engagement.date_of(held.created_at))} by {held.frozen_by}. "
                "It can only be superseded, with a reason. Nothing was frozen."
            )
        return _frozen(session, engagement, actor, week, None, None)


def supersede(actor: Actor, slug: str, review_id: int, reason: str) -> Review:
    """Freeze a week again as it is known by now, judged on the same date. The old version stays readable.

    Raises Invalid without a reason, or where another version took its place already.
    """
    why = required_text("reason", reason, LONGEST_PASSAGE)
    on = _date_of(actor, slug, review_id)
    week = draft(actor, slug, on, known_now=True)
    with transaction(actor, "supersede the review") as session:
        engagement = open_engagement(session, slug, Action.WRITE_REVIEWS)
        old = get_part(session, engagement, Review, review_id)
        held = _held(session, engagement, week)
        if held is None or held.id != old.id:
            raise Invalid("A newer version of this week took its place already. Nothing was frozen.")
        return _frozen(session, engagement, actor, week, old, why)


def mark_read(actor: Actor, slug: str, review_id: int) -> None:
    """This person has read that week: from now on they are shown what is new since."""
    with transaction(actor, "mark the review as read") as session:
        engagement = open_engagement(session, slug, Action.READ)
        if actor.user_id is None:
            raise Forbidden("Only a person who signed in can have read a review.")
        review = get_part(session, engagement, Review, review_id)
        named = {"engagement_id": engagement.id, "review_id": review.id, "user_id": actor.user_id}
        if session.scalar(select(ReviewReading.id).filter_by(**named)) is None:
            session.add(ReviewReading(**named, read_at=actor.at))


def note_download(actor: Actor, slug: str, review_id: int, format: str, data: bytes) -> None:
    """Journal that this person took a frozen week away, with the SHA-256 of the file `data`.

    Raises Invalid for a format that there isn't.
    """
    if format not in (*FORMATS, PACK):
        raise Invalid(f"There is no format “{format}”: it can be {', '.join(FORMATS)}. Nothing was noted.")
    with transaction(actor, "download the review") as session:
        engagement = open_engagement(session, slug, Action.READ)
        review = get_part(session, engagement, Review, review_id)
        session.add(
            ReviewDownload(
                engagement_id=engagement.id,
                review_id=review.id,
                format=format,
                by=actor.name,
                sha256=hashlib.sha256(data).hexdigest(),
            )
        )


def _today(actor: Actor, slug: str) -> date:
    return actor.today(states.state(actor, slug).zone)


def _date_of(actor: Actor, slug: str, review_id: int) -> date:
    with read_connection() as connection:
        # Or who may not freeze would be told of a wrong number before they are told that.
        access(connection, actor, slug, Action.WRITE_REVIEWS)
    found = next((row for row in states.state(actor, slug).reviews if row.id == review_id), None)
    if found is None:
        raise Invalid("There is no such review here. Nothing was frozen.")
    return found.reviewed_on


def _held(session: Session, engagement: Engagement, week: Draft) -> Review | None:
    """The version of the week that holds."""
    named = {"engagement_id": engagement.id, "cycle": week.cycle, "week": week.week}
    return session.scalar(select(Review).filter_by(**named).order_by(Review.id.desc()).limit(1))


def _frozen(
    session: Session,
    engagement: Engagement,
    actor: Actor,
    week: Draft,
    old: Review | None,
    reason: str | None,
) -> Review:
    document = snapshot_of(week, actor, old.digest if old else None, reason)
    body = rfc8785.dumps(document.body).decode()
    session.add(
        Snapshot(digest=document.digest, content=body, interviews=rfc8785.dumps(document.interviews).decode())
    )
    state = week.moment.engagement
    review = Review(
        engagement_id=engagement.id,
        cycle=week.cycle,
        week=week.week,
        day=document.content["head"]["day"],
        reviewed_on=week.moment.on,
        revision=state.revision,
        head=state.head,
        digest=document.digest,
        health=document.content["head"]["status"],
        verdict=document.passage("verdict"),
        frozen_by=actor.name,
        supersedes_id=old.id if old else None,
        reason=reason,
    )
    session.add(review)
    session.flush()
    return review


def snapshot_of(
    week: Draft, actor: Actor, supersedes: str | None = None, reason: str | None = None
) -> Document:
    """The snapshot that freezing the week would make. Interviewees are in it by number, never by name."""
    state = week.moment.engagement
    rows = states.as_rows(state)
    private: dict[str, Any] = {kind: rows.pop(kind) for kind in _INTERVIEWS}
    names = {interview.id: interview.pseudonym for interview in state.interviews}
    private["interview"] = [
        row | _LEFT_OUT | {"interviewee": names[row["id"]]} for row in private["interview"]
    ]
    said = {friction.id: nameless(state, friction.observed) for friction in state.frictions}
    private["friction"] = [row | {"observed": said[row["id"]]} for row in private["friction"]]
    body = {
        "engagement": state.slug,
        "cycle": week.cycle,
        "week": week.week,
        "on": week.moment.on.isoformat(),
        "revision": state.revision,
        "head": state.head,
        "zone": state.zone,
        "frozen_by": actor.name,
        "frozen_at": actor.at.isoformat(),
        "supersedes": supersedes,
        "reason": reason,
        "content": week.composed.content,
        "text": week.text,
        "state": rows,
        "measurements": week.composed.measured,
    }
    return Document.made(
        body, {"salt": secrets.token_hex(16), "voice": week.composed.voice, "state": private}
    )
