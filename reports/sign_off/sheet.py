"""The sheet that a sponsor signs: a card for each metric, and what changed since it was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from models.metrics import Metric
from models.people import Actor
from reports.metrics.definitions import Difference, difference
from reports.sign_off.cards import Card, card, waiting_for
from store.sign_off import Request, signing_request


@dataclass(frozen=True)
class Sheet:
    """All that a sponsor has before them: cards to answer, and the request that asks for it, if one does.

    `request` may be answered or revoked; then nothing is to be signed by it. `expires_at` is until when a link signs;
    `changed` tells what is no longer as it was when the request was made, by the metric's name.
    """

    slug: str
    name: str
    client: str
    zone: str
    signer: str
    cards: list[Card]
    request: Request | None
    expires_at: datetime | None
    changed: dict[str, list[Difference]]


def sheet(actor: Actor, slug: str, request_id: int | None = None) -> Sheet:
    """Return what this sponsor can sign: what their request or link asks for, or else all that is unsigned.

    Raise Forbidden if somebody else was asked, NotFound if there is no such request.
    """
    asked = signing_request(actor, slug, request_id)
    engagement, request = asked.engagement, asked.request
    metrics = waiting_for(engagement)
    if request is not None:
        metrics = [metric for metric in engagement.metrics if metric.id in request.metrics]
    changed = {
        metric.name: _changed(metric, asked.asked[metric.id].number)
        for metric in metrics
        if metric.id in asked.asked and asked.asked[metric.id].digest != metric.digest()
    }
    cards = [card(engagement, metric, actor.user_id) for metric in metrics]
    return Sheet(
        engagement.slug,
        engagement.name,
        engagement.client,
        engagement.zone,
        actor.name,
        cards,
        request,
        asked.expires_at,
        changed,
    )


def _changed(metric: Metric, number: int) -> list[Difference]:
    """Return what differs from version `number` of the metric's definition."""
    then = next((version for version in metric.definitions if version.number == number), None)
    return [] if then is None else difference(then, metric)
