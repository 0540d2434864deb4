"""Sign-off: a sponsor puts their name under exactly the definitions that were on their screen, or asks for changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.engagement import Engagement
from models.errors import Conflict, Forbidden, Invalid
from models.journal import JournalEntry
from models.metrics import (
    APPROVED,
    CHANGES_REQUESTED,
    MEANINGS,
    Definition,
    Metric,
    SignOff,
    latest_responses_on,
)
from models.people import Actor, Member, User
from models.permissions import Action
from models.sessions import OneTimeLink, UserSession
from models.sign_off import (
    EventKind,
    Signed,
    Signer,
    SignOffItem,
    SignOffLink,
    SignOffRecord,
    SignOffRequest,
    content_of,
    record,
)
from reports.metrics.definitions import Difference, difference
from reports.sign_off.cards import Card, card, other_data
from services.core.transaction import get_part, open_engagement, transaction
from services.core.validation import MAX_TEXT, optional_text, required_text
from services.sign_off.events import append_event, open_requests
from services.sign_off.links import SignedAlready, refuse_answered, refuse_ended
from store import states

LONGEST_BROWSER = 300


@dataclass(frozen=True)
class Answer:
    """A sponsor's word on one metric: `digest` is that of the definition on screen, `shown` that of its card (None: there
    was no card), `words` what is to change."""

    metric_id: int
    digest: str
    shown: str | None = None
    meaning: str = APPROVED
    words: str | None = None


@dataclass(frozen=True)
class ClientInfo:
    """From where somebody signs: the address, and what their browser calls itself."""

    address: str = ""
    browser: str = ""


class ChangedMeanwhile(Conflict):
    """What was on screen is no longer what would be signed. `differences` tell it by the metric's name."""

    differences: dict[str, list[Difference]]


def approving(shown: Mapping[int, str]) -> list[Answer]:
    """Approval of definitions, given by the metrics' ids with the digests that were on screen."""
    return [Answer(metric_id, digest) for metric_id, digest in shown.items()]


def sign(
    actor: Actor,
    slug: str,
    answers: Sequence[Answer],
    *,
    name: str,
    request_id: int | None = None,
    place: ClientInfo | None = None,
) -> int:
    """Sign definitions, or ask for changes of them, under the `name` that was typed. Returns the id of the record.

    What this person said before of exactly this form isn't said twice, but where a request asks for it again: its record
    has all that it asks for. Raises ChangedMeanwhile, with what changed, where
    a definition is no longer the one that was shown: then nothing is signed.
    """
    with transaction(actor, "sign metrics") as session:
        engagement = open_engagement(session, slug, Action.SIGN)
        if actor.user_id is None:
            raise Forbidden("Only a person can sign, who is signed in as a sponsor. Nothing was signed.")
        if not answers:
            raise Invalid("There is nothing here to be signed. Nothing was signed.")
        request, link = _asked(session, engagement, actor, request_id)
        printed = required_text("name you sign with", name)
        metrics = [get_part(session, engagement, Metric, answer.metric_id) for answer in answers]
        _refuse_own_work(session, engagement, actor, metrics)
        if request is not None:
            _refuse_another_set(session, request, answers)
        state = states.load(session.connection(), engagement.id)
        cards = {one.id: card(state, one, actor.user_id) for one in state.metrics}
        _refuse_changed(session, metrics, answers, cards)
        if request is not None:
            refuse_ended(session, request, link, actor.at)
            _refuse_other_content(request, link, metrics)
        _refuse_other_data(state, metrics)
        new = [_checked(answer, metric) for answer, metric in zip(answers, metrics, strict=True)
               if request is not None or _is_new(session, actor, answer)]  # fmt: skip
        if not new:
            raise _signed_already(session, actor, metrics)
        signer = _signer(session, state, actor, printed, link, place or ClientInfo())
        kept = _kept(session, state, actor, signer, new, cards, request, link)
        _tell(session, state, actor, kept, answers)
        return kept.id


def _asked(
    session: Session, engagement: Engagement, actor: Actor, request_id: int | None
) -> tuple[SignOffRequest | None, SignOffLink | None]:
    """The request that is answered, if one is, and the link that the person came by, if they did."""
    link = None
    if actor.link_id is not None:
        link = get_part(session, engagement, SignOffLink, actor.link_id)
        request_id = link.request_id
    if request_id is None:
        return None, None
    request = get_part(session, engagement, SignOffRequest, request_id)
    if request.asked_of_id != actor.user_id:
        raise Forbidden("Somebody else was asked for this. Nothing was signed.")
    refuse_answered(session, request)
    return request, link


def _refuse_own_work(session: Session, engagement: Engagement, actor: Actor, metrics: list[Metric]) -> None:
    """Who wrote a definition, or asked for the signature under it, can't give it, in whatever role they are now."""
    by = JournalEntry.engagement_id == engagement.id, JournalEntry.user_id == actor.user_id
    wrote = select(JournalEntry.row_id).where(*by, JournalEntry.kind == Metric.__tablename__)
    asked = (
        select(SignOffItem.metric_id)
        .join(SignOffRequest, SignOffRequest.id == SignOffItem.request_id)
        .outerjoin(SignOffLink, SignOffLink.request_id == SignOffRequest.id)
        .where((SignOffRequest.asked_by_id == actor.user_id) | (SignOffLink.made_by_id == actor.user_id))
    )
    ids = set(session.scalars(wrote)) | set(session.scalars(asked))
    own = [metric.name for metric in metrics if metric.id in ids]
    if own:
        raise Forbidden(
            f"You defined “{own[0]}” or asked for its signature yourself, so another sponsor has to sign it. "
            "Nothing was signed."
        )


def _refuse_another_set(session: Session, request: SignOffRequest, answers: Sequence[Answer]) -> None:
    items = select(SignOffItem.metric_id).where(SignOffItem.request_id == request.id)
    if sorted(session.scalars(items)) != sorted(answer.metric_id for answer in answers):
        raise Invalid("This isn't what you were asked for: answer each of its metrics. Nothing was signed.")


def _refuse_other_content(
    request: SignOffRequest, link: SignOffLink | None, metrics: Sequence[Metric]
) -> None:
    """A request and its links are for one content. A change revokes them; should that ever fail, this still holds."""
    content = content_of({metric.slug: metric.digest() for metric in metrics})
    if content != request.content or (link is not None and content != link.content):
        raise Conflict(
            "What you were asked to sign has changed since. Nothing was signed. Ask for a new request."
        )


def _refuse_changed(
    session: Session, metrics: list[Metric], answers: Sequence[Answer], cards: Mapping[int, Card]
) -> None:
    differences: dict[str, list[Difference]] = {}
    said = []
    for metric, answer in zip(metrics, answers, strict=True):
        if metric.digest() != answer.digest:
            then = _definition_of(session, metric, answer.digest)
            found = [] if then is None else difference(then, metric)
            words = ", ".join(f"{one.field.lower()} from {one.before} to {one.after}" for one in found)
            said.append(f"“{metric.name}” changed: {words or 'what was on screen was never its definition'}")
            differences[metric.name] = found
        elif answer.shown is not None and answer.shown != cards[metric.id].shown:
            said.append(f"the card of “{metric.name}” reads differently now")
            differences[metric.name] = []
    if said:
        refused = ChangedMeanwhile(
            f"Since you opened it, {'; '.join(said)}. Nothing was signed: read it again, then sign."
        )
        refused.differences = differences
        raise refused


def _refuse_other_data(state: Engagement, metrics: Sequence[Metric]) -> None:
    ids = {metric.id for metric in metrics}
    for metric in state.metrics:
        if metric.id in ids and metric.baseline_data_differ:
            raise Invalid(f"{other_data(metric)} Nothing was signed.")


def _checked(answer: Answer, metric: Metric) -> tuple[Answer, Metric]:
    if not metric.active:
        raise Invalid(f"“{metric.name}” is retired, so there is nothing to sign. Nothing was signed.")
    if metric.target is None:
        raise Invalid(f"“{metric.name}” has no target yet to agree on. Nothing was signed.")
    if answer.meaning not in MEANINGS:
        raise Invalid(f"Answer “{metric.name}”: approve it or ask for changes. Nothing was signed.")
    if answer.meaning == CHANGES_REQUESTED and optional_text("words", answer.words, MAX_TEXT) is None:
        raise Invalid(f"Say what is to change of “{metric.name}”. Nothing was signed.")
    return answer, metric


def _is_new(session: Session, actor: Actor, answer: Answer) -> bool:
    """Whether this person's last word on exactly that definition is another one, or in other words."""
    query = select(SignOff).where(SignOff.metric_id == answer.metric_id, SignOff.user_id == actor.user_id)
    last = latest_responses_on(session.scalars(query.order_by(SignOff.id)).all(), answer.digest)
    return not last or (last[-1].meaning, last[-1].words) != (answer.meaning, _words(answer))


def _signed_already(session: Session, actor: Actor, metrics: Sequence[Metric]) -> SignedAlready:
    ids = [metric.id for metric in metrics]
    newest = select(SignOff.record_id).where(SignOff.user_id == actor.user_id, SignOff.metric_id.in_(ids))
    return SignedAlready(session.scalar(newest.order_by(SignOff.id.desc()).limit(1)))


def _words(answer: Answer) -> str | None:
    return optional_text("words", answer.words) if answer.meaning == CHANGES_REQUESTED else None


def _signer(
    session: Session,
    state: Engagement,
    actor: Actor,
    printed: str,
    link: SignOffLink | None,
    place: ClientInfo,
) -> Signer:
    user = session.get(User, actor.user_id)
    role = session.scalar(
        select(Member.role).where(Member.engagement_id == state.id, Member.user_id == actor.user_id)
    )
    return Signer(
        name=printed,
        account=f"{user.name}, {user.email}",
        user_id=user.id,
        role=role,
        authority=f"{role} of {state.name} for {state.client}; the engagement names as its sponsor: "
        f"{state.sponsor or 'nobody'}",
        identity=_identity(session, actor, link),
        address=place.address,
        browser=optional_text("browser", place.browser[:LONGEST_BROWSER].replace("\n", " ")) or "",
        session=actor.session_id,
    )


def _identity(session: Session, actor: Actor, link: SignOffLink | None) -> str:
    """How it was checked that this is that person, what that is worth, and who last made a way into the account."""
    query = select(OneTimeLink).where(OneTimeLink.user_id == actor.user_id, OneTimeLink.used_at.is_not(None))
    made = session.scalar(query.order_by(OneTimeLink.used_at.desc(), OneTimeLink.id.desc()).limit(1))
    came = _came(session, actor, link)
    if made is None:
        return came
    return (
        f"{came}; the last one-time link into this account that was used was made by {made.made_by} on "
        f"{made.created_at:%d %b %Y at %H:%M} UTC"
    )


def _came(session: Session, actor: Actor, link: SignOffLink | None) -> str:
    if link is not None:
        return (
            f"opened a link that {link.made_by} made for this person alone on {link.created_at:%d %b %Y at %H:%M} UTC "
            "and handed over, in a browser in which this person had signed in to this account before; this is as sure "
            "as that nobody else who held the link can use that browser"
        )
    began = session.scalar(select(UserSession.began_by).where(UserSession.id == (actor.session_id or 0)))
    if began is None:
        return f"acted through {actor.via}"
    how = "their password" if began == "password" else "a one-time link that an administrator handed over"
    return f"signed in to this account with {how}"


def _kept(
    session: Session,
    state: Engagement,
    actor: Actor,
    signer: Signer,
    new: Sequence[tuple[Answer, Metric]],
    cards: Mapping[int, Card],
    request: SignOffRequest | None,
    link: SignOffLink | None,
) -> SignOffRecord:
    """The record, and a signature a metric that names it."""
    items = [
        Signed(
            metric=metric.slug, meaning=answer.meaning, words=_words(answer), version=cards[metric.id].version,
            sha256=answer.digest, content=metric.definition(), shown=cards[metric.id].as_json(),
        )
        for answer, metric in new
    ]  # fmt: skip
    request_id, link_id = request and request.id, link and link.id
    told: dict[str, Any] = record(
        engagement=state, signer=signer, items=items, at=actor.at, request_id=request_id, link_id=link_id
    )
    kept = SignOffRecord.of(state.id, told)
    session.add(kept)
    session.flush()
    for item, (answer, metric) in zip(items, new, strict=True):
        session.add(
            SignOff(
                engagement_id=state.id, metric_id=metric.id, digest=answer.digest, signed_by=actor.name,
                user_id=actor.user_id, signed_at=actor.at, meaning=item.meaning, words=item.words,
                number=item.version, request_id=request_id, record_id=kept.id, record_digest=kept.digest,
            )
        )  # fmt: skip
    return kept


def _tell(
    session: Session, state: Engagement, actor: Actor, kept: SignOffRecord, answers: Sequence[Answer]
) -> None:
    """Every request to this person that is answered in full by now says so, however they came."""
    meanings = {answer.metric_id: answer.meaning for answer in answers}
    for request in open_requests(session, state.id, SignOffRequest.asked_of_id == actor.user_id):
        asked = set(
            session.scalars(select(SignOffItem.metric_id).where(SignOffItem.request_id == request.id))
        )
        if asked <= set(meanings):
            said = {meanings[metric_id] for metric_id in asked}
            for meaning, kind in ((APPROVED, EventKind.SIGNED), (CHANGES_REQUESTED, EventKind.DECLINED)):
                if meaning in said:
                    append_event(session, request, kind, record_id=kept.id)


def _definition_of(session: Session, metric: Metric, digest: str) -> Definition | None:
    """The definition with that digest among the metric's versions."""
    query = select(Definition).where(Definition.metric_id == metric.id, Definition.digest == digest)
    return session.scalar(query.limit(1))
