"""An interviewee's personal data: handing out a copy of it, and erasing it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Text, select, update
from sqlalchemy.orm import Session

from models import journal
from models.append_only import IMMUTABLE_TABLES
from models.base import Part
from models.database import read_connection
from models.errors import Invalid, NotFound
from models.interviews import Friction, Interview
from models.journal import JournalEntry, canonical, entry_fields, sha256_of
from models.people import Actor
from models.permissions import Action
from models.privacy import CODES, Erasure, Handover, named, pseudonym, redact_fields
from models.wording import loosely
from services.core.transaction import open_engagement, transaction
from services.core.validation import required_text
from services.privacy.frozen_weeks import forget, held_in_weeks
from store.access import access
from store.table_rows import table_of


def interviewees(actor: Actor, slug: str) -> list[str]:
    """Return the names of the people who were interviewed or will be, in order."""
    with read_connection() as connection:
        granted = access(connection, actor, slug, Action.EXPORT_PERSONAL_DATA)
        names = connection.scalars(
            select(Interview.interviewee)
            .where(Interview.engagement_id == granted.engagement_id)
            .order_by(Interview.id)
        ).all()
    return sorted({loosely(name): name for name in names}.values(), key=str.casefold)


def hand_over(actor: Actor, slug: str, name: str) -> bytes:
    """Return all data on that person as JSON: interviews, frictions, other rows that name them, journal, frozen weeks.

    The journal records that a copy was handed out, and by whom; not of whom. Raises NotFound if nobody of that name was
    interviewed.
    """
    with transaction(actor, "hand over an interviewee's personal data") as session:
        engagement = open_engagement(session, slug, Action.EXPORT_PERSONAL_DATA)
        ids = _interviews_of(session, engagement.id, name)
        session.add(Handover(engagement_id=engagement.id, interviews=len(ids)))
        copy: dict[str, Any] = {"engagement": slug, "person": name, "as_of": actor.at.isoformat()}
        copy |= _personal_data(session, engagement.id, ids, name)
    return json.dumps(copy, ensure_ascii=False, indent=2).encode()


def _personal_data(
    session: Session, engagement_id: int, ids: set[int], name: str
) -> dict[str, list[dict[str, Any]]]:
    interviews = session.scalars(select(Interview).where(Interview.id.in_(ids)))
    frictions = session.scalars(select(Friction).where(Friction.interview_id.in_(ids)))
    return {
        "interviews": [_as_json(row) for row in interviews],
        "frictions": [_as_json(row) for row in frictions],
        "named_elsewhere": [
            {"kind": type(row).__tablename__, "id": row.id, **texts}
            for row, texts in _rows_naming(session, engagement_id, ids, name)
            if not isinstance(row, Interview | Friction)
        ],
        "journal": [
            {"at": entry.at.isoformat(), "by": entry.actor, "did": entry.use_case, **entry.fields}
            for entry in _entries_about(session, engagement_id, ids, name)
        ],
        "frozen_weeks": list(held_in_weeks(session, engagement_id, ids, named(name))),
    }


def erase(actor: Actor, slug: str, name: str, reason: str) -> str:
    """Erase a person's data for good, also from the journal and from frozen weeks. Returns their pseudonym.

    Signatures stay, and so do counts of people. Raises NotFound if nobody of that name was interviewed, Invalid if the
    data was erased already.
    """
    reason = required_text("reason", reason)
    with transaction(actor, "erase an interviewee's personal data") as session:
        engagement = open_engagement(session, slug, Action.ERASE_PERSONAL_DATA)
        ids = _interviews_of(session, engagement.id, name)
        instead = pseudonym(min(ids))
        for row, texts in list(_rows_naming(session, engagement.id, ids, name)):
            if type(row).__tablename__ in IMMUTABLE_TABLES:
                continue
            redacted = redact_fields(texts, own=_is_own(row, ids), name=name, instead=instead)
            for column, text in redacted.items():
                setattr(row, column, text)
        session.flush()
        # What this transaction is about to journal as "before" has to be erased as well.
        for change in session.info["work"].changes:
            own = change.kind == "interview" and change.row_id in ids
            change.before = redact_fields(change.before, own=own, name=name, instead=instead)
        digests = _redact(session, engagement.id, ids, name, instead)
        on = actor.today(engagement.zone)
        snapshots = forget(session, engagement.id, ids, named(name), instead, on)
        session.add(
            Erasure(
                engagement_id=engagement.id,
                pseudonym=instead,
                reason=named(name).sub(instead, reason),
                digests=canonical({str(sequence): digest for sequence, digest in digests.items()}),
                snapshots=canonical(snapshots) if snapshots else None,
            )
        )
    return instead


def _interviews_of(session: Session, engagement_id: int, name: str) -> set[int]:
    rows = session.execute(
        select(Interview.id, Interview.interviewee).where(Interview.engagement_id == engagement_id)
    )
    ids = {row.id for row in rows if loosely(row.interviewee) == loosely(name)}
    if not ids:
        raise NotFound(f"Nobody called “{name}” was interviewed in this engagement. Nothing was changed.")
    if name.startswith(pseudonym(0)[:-1]):
        raise Invalid("That person's data was erased already. Nothing was changed.")
    return ids


def _is_own(row: Part, ids: Iterable[int]) -> bool:
    return isinstance(row, Interview) and row.id in ids


def _rows_naming(
    session: Session, engagement_id: int, ids: set[int], name: str
) -> Iterator[tuple[Part, dict[str, Any]]]:
    """Yield every row that is about the person or names them, with its texts by column."""
    pattern = named(name)
    for kind in Part.__subclasses__():
        columns = ["reason"] if kind is Erasure else _text_columns(kind)
        if not columns:
            continue
        for row in session.scalars(select(kind).where(kind.engagement_id == engagement_id)):
            texts = {column: getattr(row, column) for column in columns}
            if _is_own(row, ids) or any(text and pattern.search(text) for text in texts.values()):
                yield row, texts


def _text_columns(kind: type[Part]) -> list[str]:
    """Return the columns in which a name can be; an interview's codes are about its interviewee, too."""
    return [
        column.name
        for column in table_of(kind).columns
        if isinstance(column.type, Text) and (kind is Interview or column.name not in CODES)
    ]


def _as_json(row: Part) -> dict[str, Any]:
    return {column.name: journal.as_json(getattr(row, column.name)) for column in table_of(type(row)).columns}


def _entries_about(session: Session, engagement_id: int, ids: set[int], name: str) -> Iterator[JournalEntry]:
    pattern = named(name)
    entries = session.scalars(
        select(JournalEntry)
        .where(JournalEntry.engagement_id == engagement_id)
        .order_by(JournalEntry.sequence)
    )
    for entry in entries:
        own = entry.kind == "interview" and entry.row_id in ids
        if own or pattern.search(entry.payload or entry.redacted or ""):
            yield entry


def _redact(session: Session, engagement_id: int, ids: set[int], name: str, instead: str) -> dict[int, str]:
    """Redact the entries on the person: only what is left of each stays. Returns its SHA-256 by sequence."""
    digests = {}
    for entry in list(_entries_about(session, engagement_id, ids, name)):
        if entry.kind in IMMUTABLE_TABLES:
            continue
        own = entry.kind == "interview" and entry.row_id in ids
        rest = {
            part: redact_fields(fields, own=own, name=name, instead=instead)
            for part, fields in entry_fields(entry.payload, entry.redacted).items()
        }
        redacted = canonical(rest)
        digests[entry.sequence] = sha256_of(redacted)
        session.execute(
            update(table_of(JournalEntry))
            .where(JournalEntry.id == entry.id)
            .values(payload=None, salt=None, redacted=redacted)
        )
    return digests
