"""Adoption: the trainings that people attended, and the documents that they work from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from models.adoption import Document, Training
from models.engagement import Engagement
from models.errors import Invalid
from models.people import Actor
from models.permissions import Action
from models.workflows import Workflow
from services.core import validation
from services.core.preconditions import evidence_date, refuse_duplicate
from services.core.transaction import expect_version, get_part, open_engagement, transaction

MAX_INVITED = 100_000


def record_training(actor: Actor, slug: str, given: Mapping[str, Any]) -> int:
    """A training that was held, with how many were invited and how many came. Returns its id."""
    with transaction(actor, "record a training") as session:
        engagement = open_engagement(session, slug, Action.EDIT_ADOPTION)
        return put_training(session, engagement, given, None, actor.today(engagement.zone)).id


def change_training(
    actor: Actor, slug: str, training_id: int, given: Mapping[str, Any], seen: int | None = None
) -> None:
    """Change what is given of a training. `seen` is the version that was on screen."""
    with transaction(actor, "change a training") as session:
        engagement = open_engagement(session, slug, Action.EDIT_ADOPTION)
        training = get_part(session, engagement, Training, training_id)
        expect_version(session, training, seen)
        put_training(session, engagement, given, training, actor.today(engagement.zone))


def remove_training(actor: Actor, slug: str, training_id: int, seen: int | None = None) -> None:
    """Remove a training. The journal keeps it."""
    with transaction(actor, "remove a training") as session:
        engagement = open_engagement(session, slug, Action.EDIT_ADOPTION)
        training = get_part(session, engagement, Training, training_id)
        expect_version(session, training, seen)
        session.delete(training)


def publish_document(actor: Actor, slug: str, given: Mapping[str, Any]) -> int:
    """A document that people can work from, with its link and the date of publishing. Returns its id."""
    with transaction(actor, "publish a document") as session:
        engagement = open_engagement(session, slug, Action.EDIT_ADOPTION)
        return put_document(session, engagement, given, None, actor.today(engagement.zone)).id


def change_document(
    actor: Actor, slug: str, document_id: int, given: Mapping[str, Any], seen: int | None = None
) -> None:
    """Change what is given of a document. `seen` is the version that was on screen."""
    with transaction(actor, "change a document") as session:
        engagement = open_engagement(session, slug, Action.EDIT_ADOPTION)
        document = get_part(session, engagement, Document, document_id)
        expect_version(session, document, seen)
        put_document(session, engagement, given, document, actor.today(engagement.zone))


def remove_document(actor: Actor, slug: str, document_id: int, seen: int | None = None) -> None:
    """Remove a document from the list. The journal keeps its link."""
    with transaction(actor, "remove a document") as session:
        engagement = open_engagement(session, slug, Action.EDIT_ADOPTION)
        document = get_part(session, engagement, Document, document_id)
        expect_version(session, document, seen)
        session.delete(document)


def put_training(
    session: Session, engagement: Engagement, given: Mapping[str, Any], row: Training | None, today: date
) -> Training:
    """Set the given fields (columns) of a training, a new one where `row` is None. Raises Invalid with a sentence."""
    if row is None:
        given = {"title": None, "held_on": None, "invited": None, "attended": None} | dict(given)
    fields = {name: check(given[name]) for name, check in _TRAINING.items() if name in given}
    if "held_on" in given:
        fields["held_on"] = evidence_date(session, engagement, "the training", given["held_on"], today)
    _expect_workflow(session, engagement, fields)
    now = {
        name: fields.get(name, getattr(row, name, None))
        for name in ("title", "held_on", "invited", "attended")
    }
    if now["attended"] > now["invited"]:
        raise Invalid(
            f"{now['attended']} can't have attended when {now['invited']} were invited. Nothing was saved."
        )
    refuse_duplicate(session, engagement, Training, row, title=now["title"], held_on=now["held_on"])
    if row is None:
        row = Training(engagement_id=engagement.id)
        session.add(row)
    for name, value in fields.items():
        setattr(row, name, value)
    session.flush()
    return row


def put_document(
    session: Session, engagement: Engagement, given: Mapping[str, Any], row: Document | None, today: date
) -> Document:
    """Set the given fields (columns) of a document, a new one where `row` is None. Raises Invalid with a sentence."""
    if row is None:
        given = {"title": None, "link": None, "published_on": None} | dict(given)
    fields = {name: check(given[name]) for name, check in _DOCUMENT.items() if name in given}
    if "published_on" in given:
        fields["published_on"] = evidence_date(
            session, engagement, "publishing", given["published_on"], today
        )
    _expect_workflow(session, engagement, fields)
    if "title" in fields:
        refuse_duplicate(session, engagement, Document, row, title=fields["title"])
    if row is None:
        row = Document(engagement_id=engagement.id)
        session.add(row)
    for name, value in fields.items():
        setattr(row, name, value)
    session.flush()
    return row


_TRAINING = {
    "title": lambda value: validation.required_text("training's title", value),
    "invited": lambda value: validation.whole_number("number of people invited", value, 1, MAX_INVITED),
    "attended": lambda value: validation.whole_number("number of people who attended", value, 0, MAX_INVITED),
    "workflow_id": lambda value: value,
    "note": lambda value: validation.optional_text("note", value),
}
_DOCUMENT = {
    "title": lambda value: validation.required_text("document's title", value),
    "link": lambda value: validation.web_address("document's link", value),
    "workflow_id": lambda value: value,
}


def _expect_workflow(session: Session, engagement: Engagement, fields: Mapping[str, Any]) -> None:
    if fields.get("workflow_id") is not None:
        get_part(session, engagement, Workflow, fields["workflow_id"])
