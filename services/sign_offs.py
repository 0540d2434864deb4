"""Sign-off: a sponsor puts their name under exactly the definitions that were on their screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.errors import Conflict, Forbidden, Invalid
from models.metrics import Definition, Metric, SignOff
from models.people import Actor
from models.permissions import Action
from models.units import unit
from services.transaction import opened, part_of, transaction


def sign(actor: Actor, slug: str, shown: Mapping[int, str]) -> list[str]:
    """Sign the definitions of metrics, given by id with the digest that was on screen. Returns their names.

    What this person signed before, in exactly this form, isn't signed twice. Raises Conflict, with what changed, where
    a definition is no longer the one that was shown: then nothing is signed.
    """
    with transaction(actor, "sign metrics") as session:
        engagement = opened(session, slug, Action.SIGN)
        if actor.user_id is None:
            raise Forbidden("Only a person can sign, who is signed in as a sponsor. Nothing was signed.")
        metrics = [part_of(session, engagement, Metric, metric_id) for metric_id in shown]
        _refuse_changed(session, metrics, shown)
        unsigned = [metric for metric in metrics if not _has_signed(session, actor, metric)]
        if not unsigned:
            raise Invalid("You have signed all of this already. Nothing was signed twice.")
        for metric in unsigned:
            _refuse_unready(metric)
            session.add(
                SignOff(
                    engagement_id=engagement.id,
                    metric_id=metric.id,
                    digest=shown[metric.id],
                    signed_by=actor.name,
                    user_id=actor.user_id,
                    signed_at=actor.at,
                )
            )
        return [metric.name for metric in unsigned]


def _refuse_changed(session: Session, metrics: list[Metric], shown: Mapping[int, str]) -> None:
    said = [
        f"“{metric.name}” changed: {_difference(session, metric, shown[metric.id])}"
        for metric in metrics
        if metric.digest() != shown[metric.id]
    ]
    if said:
        raise Conflict(
            f"Since you opened it, {'; '.join(said)}. Nothing was signed: read it again, then sign."
        )


def _refuse_unready(metric: Metric) -> None:
    if not metric.active:
        raise Invalid(f"“{metric.name}” is retired, so there is nothing to sign. Nothing was signed.")
    if metric.target is None:
        raise Invalid(f"“{metric.name}” has no target yet to agree on. Nothing was signed.")


def _has_signed(session: Session, actor: Actor, metric: Metric) -> bool:
    query = select(SignOff.id).where(SignOff.metric_id == metric.id, SignOff.digest == metric.digest())
    return session.scalar(query.where(SignOff.user_id == actor.user_id).limit(1)) is not None


def _difference(session: Session, metric: Metric, digest: str) -> str:
    """What changed of a metric since its definition had that digest, in words."""
    shown = _definition_of(session, metric, digest)
    if shown is None:
        return "what was on screen was never its definition"
    now = metric.definition()
    return ", ".join(
        f"{field.replace('_', ' ')} from {_said(shown, field)} to {_said(now, field)}"
        for field in {**shown, **now}
        if now.get(field) != shown.get(field)
    )


def _definition_of(session: Session, metric: Metric, digest: str) -> dict[str, Any] | None:
    """The definition with that digest among the metric's versions."""
    query = select(Definition).where(Definition.metric_id == metric.id, Definition.digest == digest)
    version = session.scalar(query.limit(1))
    return version and {"slug": metric.slug, **version.says()}


def _said(definition: dict[str, Any], field: str) -> str:
    value = definition.get(field)
    if value is None or value == "":
        return "nothing"
    if field in ("baseline", "target", "step_30", "step_60"):
        return unit(definition["unit"]).say(value)
    return f"“{value}”"
