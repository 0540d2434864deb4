"""The weekly checks of the pitfalls. An answer is never changed: a newer one stands beside it."""

from __future__ import annotations

from models.people import Actor
from models.permissions import Action
from models.pitfall_check import PitfallCheck
from models.pitfalls import PITFALL_KEYS
from services import checks
from services.records import dated
from services.transaction import opened, transaction


def answer_check(actor: Actor, slug: str, pitfall: str, *, happening: bool, evidence: str) -> int:
    """Say today whether a pitfall (a key of models/pitfalls.py) is happening, and by what one can tell.

    Returns the answer's id. Raises Invalid without evidence.
    """
    checks.one_of("pitfall", pitfall, PITFALL_KEYS)
    with transaction(actor, "answer a pitfall check") as session:
        engagement = opened(session, slug, Action.CHECK_PITFALLS)
        today = actor.today(engagement.zone)
        check = PitfallCheck(
            engagement_id=engagement.id,
            pitfall=pitfall,
            answered_on=dated(session, engagement, "an answer", today, today),
            happening=bool(happening),
            evidence=checks.given("evidence for the answer", evidence, checks.LONGEST_TEXT),
            by=actor.name,
        )
        session.add(check)
        session.flush()
        return check.id
