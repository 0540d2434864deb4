"""Sign-off: a sponsor signs exactly the definitions that were on screen, or requests changes."""

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
    SignedItem,
    Signer,
    SignOffItem,
    SignOffLink,
    SignOffRecord,
    SignOffRequest,
    build_record,
    definitions_digest,
)
from reports.metrics.definitions import Difference, difference
from reports.sign_off.cards import Card, card, other_data
from services.core.transaction import get_part, open_engagement, transaction
from services.core.validation import MAX_TEXT, optional_text, required_text
from services.people.client_info import ClientInfo
from services.people.sessions import BY_NEW_ACCOUNT, BY_PASSWORD, BY_PROVIDER
from services.sign_off.events import append_event, open_requests
from services.sign_off.links import AlreadySigned, refuse_answered, refuse_ended, was_mailed
from store import states

MAX_BROWSER = 300


@dataclass(frozen=True)
class Answer:
    """A sponsor's answer on one metric.

    `digest` is that of the definition on screen, `shown` that of its card (None: there was no card), `words` says what
    has to change.
    """

    metric_id: int
    digest: str
    shown: str | None = None
    meaning: str = APPROVED
    words: str | None = None


class ChangedSinceShown(Conflict):
    """A definition differs from the one on screen. `differences` has the changed fields by the metric's name."""

    differences: dict[str, list[Difference]]


def approvals(shown: Mapping[int, str]) -> list[Answer]:
    """Return approvals of the metrics (ids) with the digests that were on screen."""
    return [Answer(metric_id, digest) for metric_id, digest in shown.items()]


def sign(
    actor: Actor,
    slug: str,
    answers: Sequence[Answer],
    *,
    name: str,
    request_id: int | None = None,
    client: ClientInfo | None = None,
) -> int:
    """Sign definitions, or request changes of them, under the `name` that was typed. Returns the id of the record.

    An answer that this person gave before to the same definition is left out, unless a request asks for it: the record
    of a request has all of its metrics. Nothing is signed if anything is refused: raises ChangedSinceShown if a
    definition differs from the one on screen, AlreadySigned without a new answer, Conflict or Forbidden if the request
    or the link has ended or the person may not sign, and Invalid, such as for two answers on one metric.
    """
    with transaction(actor, "sign metrics") as session:
        engagement = open_engagement(session, slug, Action.SIGN)
        if actor.user_id is None:
            raise Forbidden("Only a person can sign, who is signed in as a sponsor. Nothing was signed.")
        if not answers:
            raise Invalid("There is nothing here to be signed. Nothing was signed.")
        if len({answer.metric_id for answer in answers}) < len(answers):
            raise Invalid("There are two answers on one metric: give one on each. Nothing was signed.")
        request, link = _request_and_link(session, engagement, actor, request_id)
        printed = required_text("name you sign with", name)
        metrics = [get_part(session, engagement, Metric, answer.metric_id) for answer in answers]
        _refuse_own_work(session, engagement, actor, metrics)
        if request is not None:
            _refuse_another_set(session, request, answers)
        state = states.load(session.connection(), engagement.id)
        cards = {metric.id: card(state, metric, actor.user_id) for metric in state.metrics}
        _refuse_changed(session, metrics, answers, cards)
        if request is not None:
            refuse_ended(session, request, link, actor.at)
            _refuse_other_content(request, link, metrics)
        _refuse_other_data(state, metrics)
        new = [_checked(answer, metric) for answer, metric in zip(answers, metrics, strict=True)
               if request is not None or _is_new(session, actor, answer)]  # fmt: skip
        if not new:
            raise _signed_already(session, actor, metrics)
        signer = _signer(session, state, actor, printed, link, client or ClientInfo(""))
        stored = _store_record(session, state, actor, signer, new, cards, request, link)
        _close_requests(session, state, actor, stored, answers)
        return stored.id


def _request_and_link(
    session: Session, engagement: Engagement, actor: Actor, request_id: int | None
) -> tuple[SignOffRequest | None, SignOffLink | None]:
    """Return the request that is answered and the link that the person came by, if there are.

    Raises Forbidden if somebody else was asked, AlreadySigned if the request was answered.
    """
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
    """Raise Forbidden if the actor changed one of the metrics, or asked for its signature, whatever their role is now."""
    by = JournalEntry.engagement_id == engagement.id, JournalEntry.user_id == actor.user_id
    changed = select(JournalEntry.row_id).where(*by, JournalEntry.kind == Metric.__tablename__)
    asked = (
        select(SignOffItem.metric_id)
        .join(SignOffRequest, SignOffRequest.id == SignOffItem.request_id)
        .outerjoin(SignOffLink, SignOffLink.request_id == SignOffRequest.id)
        .where((SignOffRequest.asked_by_id == actor.user_id) | (SignOffLink.made_by_id == actor.user_id))
    )
    ids = set(session.scalars(changed)) | set(session.scalars(asked))
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
    """Raise Conflict if the definitions aren't those of the request and the link.

    A change revokes both. This makes sure, should that ever fail.
    """
    content = definitions_digest({metric.slug: metric.digest() for metric in metrics})
    if content != request.content or (link is not None and content != link.content):
        raise Conflict(
            "What you were asked to sign has changed since. Nothing was signed. Ask for a new request."
        )


def _refuse_changed(
    session: Session, metrics: list[Metric], answers: Sequence[Answer], cards: Mapping[int, Card]
) -> None:
    """Raise ChangedSinceShown, with the differences, if a definition or its card isn't what was on screen."""
    differences: dict[str, list[Difference]] = {}
    texts = []
    for metric, answer in zip(metrics, answers, strict=True):
        if metric.digest() != answer.digest:
            shown = _definition_with(session, metric, answer.digest)
            fields = [] if shown is None else difference(shown, metric)
            text = ", ".join(
                f"{field.field.lower()} from {field.before} to {field.after}" for field in fields
            )
            texts.append(f"“{metric.name}” changed: {text or 'what was on screen was never its definition'}")
            differences[metric.name] = fields
        elif answer.shown is not None and answer.shown != cards[metric.id].shown:
            texts.append(f"the card of “{metric.name}” reads differently now")
            differences[metric.name] = []
    if texts:
        refused = ChangedSinceShown(
            f"Since you opened it, {'; '.join(texts)}. Nothing was signed: read it again, then sign."
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
    """Return whether this person's latest response to exactly that definition is another one."""
    query = select(SignOff).where(SignOff.metric_id == answer.metric_id, SignOff.user_id == actor.user_id)
    latest = latest_responses_on(session.scalars(query.order_by(SignOff.id)).all(), answer.digest)
    return not latest or (latest[-1].meaning, latest[-1].words) != (answer.meaning, _comment(answer))


def _signed_already(session: Session, actor: Actor, metrics: Sequence[Metric]) -> AlreadySigned:
    ids = [metric.id for metric in metrics]
    newest = select(SignOff.record_id).where(SignOff.user_id == actor.user_id, SignOff.metric_id.in_(ids))
    return AlreadySigned(session.scalar(newest.order_by(SignOff.id.desc()).limit(1)))


def _comment(answer: Answer) -> str | None:
    return optional_text("words", answer.words) if answer.meaning == CHANGES_REQUESTED else None


def _signer(
    session: Session,
    state: Engagement,
    actor: Actor,
    printed: str,
    link: SignOffLink | None,
    client: ClientInfo,
) -> Signer:
    user = session.get_one(User, actor.user_id)
    membership = select(Member.role).where(Member.engagement_id == state.id, Member.user_id == user.id)
    role = session.scalars(membership).one()
    return Signer(
        name=printed,
        account=f"{user.name}, {user.email}",
        user_id=user.id,
        role=role,
        authority=f"{role} of {state.name} for {state.client}; the engagement names as its sponsor: "
        f"{state.sponsor or 'nobody'}",
        identity=_identity(session, actor, link),
        address=client.address,
        browser=optional_text("browser", client.browser[:MAX_BROWSER].replace("\n", " ")) or "",
        session=actor.session_id,
    )


def _identity(session: Session, actor: Actor, link: SignOffLink | None) -> str:
    """Return how the person's identity was checked, what that is worth, and who made the account's last one-time link."""
    query = select(OneTimeLink).where(OneTimeLink.user_id == actor.user_id, OneTimeLink.used_at.is_not(None))
    used = session.scalar(query.order_by(OneTimeLink.used_at.desc(), OneTimeLink.id.desc()).limit(1))
    method = _sign_in_method(session, actor, link)
    if used is None:
        return method
    return (
        f"{method}; the last one-time link into this account that was used was made by {used.made_by} on "
        f"{used.created_at:%d %b %Y at %H:%M} UTC"
    )


def _sign_in_method(session: Session, actor: Actor, link: SignOffLink | None) -> str:
    if link is not None and was_mailed(session.connection(), link.id):
        return (
            f"opened a link that was mailed to this account's address on {link.created_at:%d %b %Y at %H:%M} UTC; this "
            "is as sure as that nobody else reads that mail"
        )
    if link is not None:
        return (
            f"opened a link that {link.made_by} made for this person alone on {link.created_at:%d %b %Y at %H:%M} UTC "
            "and handed over, in a browser in which this person had signed in to this account before; this is as sure "
            "as that nobody else who held the link can use that browser"
        )
    query = select(UserSession.began_by).where(UserSession.id == (actor.session_id or 0))
    began_by = session.scalar(query)
    if began_by is None:
        return f"acted through {actor.via}"
    if began_by == BY_PROVIDER:
        return (
            "signed in to this account with the firm's identity provider, which vouched for its e-mail; this is as sure "
            "as the provider's own check"
        )
    means = {
        BY_PASSWORD: "their password",
        BY_NEW_ACCOUNT: "a password that they had just chosen for it",
    }.get(began_by, "a one-time link that an administrator handed over")
    return f"signed in to this account with {means}{_account_origin(session, actor)}"


def _account_origin(session: Session, actor: Actor) -> str:
    """Return what an account is worth whose e-mail nobody has verified: it was made with a link that was handed over."""
    if session.get_one(User, actor.user_id).email_verified:
        return ""
    first = select(SignOffLink).where(SignOffLink.user_id == actor.user_id).order_by(SignOffLink.id)
    link = session.scalars(first).first()
    made = f"{link.made_by} on {link.created_at:%d %b %Y at %H:%M} UTC" if link is not None else "nobody"
    return (
        f"; the account was made with a link for a sign-off, the first of which was made by {made} and handed over, and "
        "nobody has verified its e-mail; this is as sure as that nobody else used that link before this person"
    )


def _store_record(
    session: Session,
    state: Engagement,
    actor: Actor,
    signer: Signer,
    new: Sequence[tuple[Answer, Metric]],
    cards: Mapping[int, Card],
    request: SignOffRequest | None,
    link: SignOffLink | None,
) -> SignOffRecord:
    """Store the record, and a signature of each metric that names it."""
    items = [
        SignedItem(
            metric=metric.slug, meaning=answer.meaning, words=_comment(answer), version=cards[metric.id].version,
            sha256=answer.digest, content=metric.definition(), shown=cards[metric.id].as_json(),
        )
        for answer, metric in new
    ]  # fmt: skip
    request_id = None if request is None else request.id
    link_id = None if link is None else link.id
    content: dict[str, Any] = build_record(
        engagement=state, signer=signer, items=items, at=actor.at, request_id=request_id, link_id=link_id
    )
    stored = SignOffRecord.of(state.id, content)
    session.add(stored)
    session.flush()
    for item, (answer, metric) in zip(items, new, strict=True):
        session.add(
            SignOff(
                engagement_id=state.id, metric_id=metric.id, digest=answer.digest, signed_by=actor.name,
                user_id=actor.user_id, signed_at=actor.at, meaning=item.meaning, words=item.words,
                number=item.version, request_id=request_id, record_id=stored.id, record_digest=stored.digest,
            )
        )  # fmt: skip
    return stored


def _close_requests(
    session: Session, state: Engagement, actor: Actor, stored: SignOffRecord, answers: Sequence[Answer]
) -> None:
    """Append the answer to every open request to this person that the answers cover completely."""
    meanings = {answer.metric_id: answer.meaning for answer in answers}
    for request in open_requests(session, state.id, SignOffRequest.asked_of_id == actor.user_id):
        asked = set(
            session.scalars(select(SignOffItem.metric_id).where(SignOffItem.request_id == request.id))
        )
        if asked <= set(meanings):
            given = {meanings[metric_id] for metric_id in asked}
            for meaning, kind in ((APPROVED, EventKind.SIGNED), (CHANGES_REQUESTED, EventKind.DECLINED)):
                if meaning in given:
                    append_event(session, request, kind, record_id=stored.id)


def _definition_with(session: Session, metric: Metric, digest: str) -> Definition | None:
    """Return the metric's version with that digest."""
    query = select(Definition).where(Definition.metric_id == metric.id, Definition.digest == digest)
    return session.scalar(query.limit(1))
