"""The weekly review: the lead edits its passages and freezes it. A frozen week can only be superseded."""

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
from models.snapshot import SnapshotDocument
from models.wording import day_month, upper_first
from reports.exports.week_files import FORMATS
from reports.review.draft import Draft, draft
from services.core.transaction import get_part, open_engagement, transaction
from services.core.validation import optional_text, required_text
from services.review.branding import current_brand
from store import reviews as stored_reviews
from store import states
from store.access import access

MAX_PASSAGE = 2_000
# The format of a download as part of a portfolio pack (packs.py).
PACK = "pack"
# Kinds of rows that are stored apart, for those who may read interviews, and the columns that a snapshot omits.
_INTERVIEWS = ("interview", "friction")
_LEFT_OUT = {"summary": None, "interviewer": None, "same_as": None}


def edit_passages(
    actor: Actor, slug: str, on: date, texts: dict[str, str], *, known_now: bool = False
) -> None:
    """Replace drafted passages of the week of `on` by other texts; "" or the draft itself restores the draft.

    The replaced draft is stored beside the text. Raises Invalid for a passage that the week doesn't have.
    """
    week = draft(actor, slug, on, known_now=known_now)
    drafts = week.composed.drafts
    with transaction(actor, "edit the review") as session:
        engagement = open_engagement(session, slug, Action.WRITE_REVIEWS)
        for key, entered in texts.items():
            if key not in drafts:
                raise Invalid("That passage isn't in this week's review any more. Nothing was saved: reload.")
            text = optional_text("passage", entered, MAX_PASSAGE) or ""
            _put_passage(session, engagement, week, key, "" if same_text(drafts[key], text) else text)


def _put_passage(session: Session, engagement: Engagement, week: Draft, key: str, text: str) -> None:
    identity = {"engagement_id": engagement.id, "key": key}
    of_week = stored_reviews.is_of_week(week.cycle, week.week, week.friday)
    row = session.scalar(select(ReviewPassage).filter_by(**identity).where(of_week))
    if row is None and text:
        identity |= {"cycle": week.cycle, "week": week.week, "friday": week.friday}
        session.add(ReviewPassage(**identity, draft=week.composed.drafts[key], text=text))
    elif row is not None and row.text != text:
        row.draft, row.text = week.composed.drafts[key], text


def freeze(actor: Actor, slug: str, on: date | None = None, *, seen: int | None = None) -> Review:
    """Freeze the week of `on` (by default today), with what was recorded by the end of that day.

    `seen` is the revision that was on screen. Raises Conflict if something was recorded since, and Invalid if the week
    is frozen already.
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
        frozen = _newest_version(session, engagement, week)
        if frozen is not None:
            raise Invalid(
                f"{upper_first(week.name)} was frozen on {day_month(engagement.date_of(frozen.created_at))} by "
                f"{frozen.frozen_by}. It can only be superseded, with a reason. Nothing was frozen."
            )
        return _add_review(session, engagement, actor, week, None, None)


def supersede(actor: Actor, slug: str, review_id: int, reason: str) -> Review:
    """Freeze a week again with what was recorded by now, evaluated on the same date. The old version stays readable.

    Raises Invalid without a reason, or if a newer version exists already.
    """
    comment = required_text("reason", reason, MAX_PASSAGE)
    on = _date_of(actor, slug, review_id)
    week = draft(actor, slug, on, known_now=True)
    with transaction(actor, "supersede the review") as session:
        engagement = open_engagement(session, slug, Action.WRITE_REVIEWS)
        old = get_part(session, engagement, Review, review_id)
        newer = select(Review.id).where(Review.supersedes_id == old.id)
        if session.scalar(newer) is not None:
            raise Invalid("A newer version of this week took its place already. Nothing was frozen.")
        return _add_review(session, engagement, actor, week, old, comment)


def mark_read(actor: Actor, slug: str, review_id: int) -> None:
    """Record that the actor has read that week, so that what is new since can be shown. Raises Forbidden for programs."""
    with transaction(actor, "mark the review as read") as session:
        engagement = open_engagement(session, slug, Action.READ)
        if actor.user_id is None:
            raise Forbidden("Only a person who signed in can have read a review.")
        review = get_part(session, engagement, Review, review_id)
        identity = {"engagement_id": engagement.id, "review_id": review.id, "user_id": actor.user_id}
        if session.scalar(select(ReviewReading.id).filter_by(**identity)) is None:
            session.add(ReviewReading(**identity, read_at=actor.at))


def note_download(actor: Actor, slug: str, review_id: int, format: str, data: bytes) -> None:
    """Journal that the actor downloaded a frozen week, with the SHA-256 of the file `data`.

    Raises Invalid for an unknown format.
    """
    if format not in (*FORMATS, PACK):
        raise Invalid(f"There is no format “{format}”: it can be {', '.join(FORMATS)}. Nothing was noted.")
    with transaction(actor, "download the review") as session:
        _add_download(session, open_engagement(session, slug, Action.READ), actor, review_id, format, data)


def note_sent(actor: Actor, slug: str, review_id: int, data: bytes) -> None:
    """Journal that the actor sent a frozen week to somebody, with the SHA-256 of the PDF `data`."""
    with transaction(actor, "send the review") as session:
        engagement = open_engagement(session, slug, Action.WRITE_REVIEWS)
        _add_download(session, engagement, actor, review_id, "pdf", data)


def _add_download(
    session: Session, engagement: Engagement, actor: Actor, review_id: int, format: str, data: bytes
) -> None:
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
        # Checked first: who may not freeze gets that refusal, whether the number is wrong or not.
        access(connection, actor, slug, Action.WRITE_REVIEWS)
    reviews: list[Review] = states.state(actor, slug).reviews
    review = next((row for row in reviews if row.id == review_id), None)
    if review is None:
        raise Invalid("There is no such review here. Nothing was frozen.")
    return review.reviewed_on


def _newest_version(session: Session, engagement: Engagement, week: Draft) -> Review | None:
    """Return the newest version of the week, if it is frozen: one of its Friday, or of the same date."""
    query = select(Review).where(Review.engagement_id == engagement.id).order_by(Review.id)
    newest: Review | None = None
    for row in session.scalars(query):
        first = row.supersedes_id is None and (row.friday == week.friday or row.reviewed_on == week.moment.on)
        if first or (newest is not None and row.supersedes_id == newest.id):
            newest = row
    return newest


def _add_review(
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
) -> SnapshotDocument:
    """Return the snapshot that freezing the week would make. It has interviewees by number, never by name."""
    state = week.moment.engagement
    rows = states.as_rows(state)
    private: dict[str, Any] = {kind: rows.pop(kind) for kind in _INTERVIEWS}
    names = {interview.id: interview.pseudonym for interview in state.interviews}
    private["interview"] = [
        row | _LEFT_OUT | {"interviewee": names[row["id"]]} for row in private["interview"]
    ]
    observed = {friction.id: nameless(state, friction.observed) for friction in state.frictions}
    private["friction"] = [row | {"observed": observed[row["id"]]} for row in private["friction"]]
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
    if (brand := current_brand()) is not None:
        body["brand"] = brand.as_json()
    return SnapshotDocument.build(
        body, {"salt": secrets.token_hex(16), "voice": week.composed.quote, "state": private}
    )
