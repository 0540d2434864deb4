"""Issuing the receipt of a sign-off."""

from __future__ import annotations

import hashlib

from models.database import read_connection
from models.errors import NotFound
from models.people import Actor
from models.permissions import Action
from models.receipt import Receipt
from models.sign_off import SignOffReceipt
from reports.exports.receipt import pdf
from services.core.transaction import open_engagement, transaction
from store.receipts import receipt_of
from store.sign_off import own_record, record


def issue(actor: Actor, slug: str, record_id: int) -> tuple[Receipt, bytes]:
    """The receipt of a record and its PDF, which is the same each time; journalled, with the SHA-256 of the file.

    For members; who came by a link gets that of what they signed with it. Raises NotFound where there is no such record.
    """
    (own_record if actor.link_id is not None else record)(actor, slug, record_id)
    with read_connection() as connection:
        receipt = receipt_of(connection, record_id)
    if receipt is None:
        raise NotFound(
            "This was signed before records were kept in the journal, so there is no receipt of it."
        )
    data = pdf(receipt)
    with transaction(actor, "download a receipt") as session:
        engagement = open_engagement(session, slug, Action.READ if actor.link_id is None else Action.SIGN)
        session.add(
            SignOffReceipt(
                engagement_id=engagement.id,
                record_id=record_id,
                sha256=hashlib.sha256(data).hexdigest(),
                by=actor.name,
            )
        )
    return receipt, data
