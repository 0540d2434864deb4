"""The weekly checks of the pitfalls. An answer is never changed: a newer one is added."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from models.engagement import Engagement
from models.people import Actor
from models.permissions import Action
from models.pitfall_checks import PitfallCheck
from models.pitfalls import PITFALL_KEYS
from services.core import validation
from services.core.preconditions import evidence_date
from services.core.transaction import open_engagement, transaction


@dataclass(frozen=True)
class CheckAnswer:
    """Whether a pitfall (a key of models/pitfalls.py) is happening, and the evidence for it."""

    pitfall: str
    happening: bool
    evidence: str


def answer_checks(actor: Actor, slug: str, answers: Iterable[CheckAnswer]) -> None:
    """Answer several checks today, all of them or none. Raises Invalid if one has no evidence."""
    with transaction(actor, "answer the pitfall checks") as session:
        engagement = open_engagement(session, slug, Action.CHECK_PITFALLS)
        for answer in answers:
            _add_answer(session, engagement, actor, answer)


def _add_answer(session: Session, engagement: Engagement, actor: Actor, answer: CheckAnswer) -> PitfallCheck:
    today = actor.today(engagement.zone)
    check = PitfallCheck(
        engagement_id=engagement.id,
        pitfall=validation.one_of("pitfall", answer.pitfall, PITFALL_KEYS),
        answered_on=evidence_date(session, engagement, "an answer", today, today),
        happening=bool(answer.happening),
        evidence=validation.required_text("evidence for the answer", answer.evidence, validation.MAX_TEXT),
        by=actor.name,
    )
    session.add(check)
    session.flush()
    return check
