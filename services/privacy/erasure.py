"""An interviewee's personal data: everything that is held of them, and its erasure.

Whose interviews they are, and where else the person is named, is found under every spelling of the name
(models/names.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, cast

from sqlalchemy import Text, delete, func, select, update
from sqlalchemy.orm import Session

from models import journal
from models.append_only import IMMUTABLE_TABLES
from models.base import Part
from models.checkpoints import StateCheckpoint
from models.database import read_connection
from models.engagement import Engagement
from models.errors import Invalid, NotFound
from models.interviews import Friction, Interview
from models.journal import JournalEntry, canonical, sha256_of
from models.names import NameFinder, normalize_name
from models.people import Actor
from models.permissions import Action
from models.privacy import Erasure, Handover, contains_name, is_code, pseudonym, redact_fields
from services.core.transaction import open_engagement, transaction
from services.core.validation import required_text
from services.privacy.doubles import distinct_texts
from services.privacy.frozen_weeks import forget, held_in_weeks
from services.privacy.measurement_notes import clear_notes, notes_mentioning
from store.access import access
from store.table_rows import table_of

_Row = Part | Engagement


def interviewees(actor: Actor, slug: str) -> list[str]:
    """Return the people who were interviewed, or will be, by name, each in one spelling."""
    with read_connection() as connection:
        granted = access(connection, actor, slug, Action.EXPORT_PERSONAL_DATA)
        names = connection.scalars(
            select(func.coalesce(Interview.same_as, Interview.interviewee))
            .where(Interview.engagement_id == granted.engagement_id)
            .order_by(Interview.id)
        ).all()
    return sorted({normalize_name(name): name for name in names}.values(), key=str.casefold)


def hand_over(actor: Actor, slug: str, name: str) -> bytes:
    """Return all that is held of that person, as JSON: interviews, what they told, what else names them, and what the
    journal and frozen weeks say of them.

    The journal keeps that a copy was handed out, and by whom; not of whom. Raises NotFound where nobody of that name
    was interviewed.
    """
    with transaction(actor, "hand over an interviewee's personal data") as session:
        engagement = open_engagement(session, slug, Action.EXPORT_PERSONAL_DATA)
        ids = _interviews_of(session, engagement.id, name)
        session.add(Handover(engagement_id=engagement.id, interviews=len(ids)))
        whole: dict[str, Any] = {"engagement": slug, "person": name, "as_of": actor.at.isoformat()}
        whole |= _personal_data(session, engagement.id, ids, _finder(session, ids, name))
    return json.dumps(whole, ensure_ascii=False, indent=2).encode()


def _personal_data(
    session: Session, engagement_id: int, ids: set[int], finder: NameFinder
) -> dict[str, list[dict[str, Any]]]:
    interviews = session.scalars(select(Interview).where(Interview.id.in_(ids)))
    frictions = session.scalars(select(Friction).where(Friction.interview_id.in_(ids)))
    return {
        "interviews": [_as_json(row) for row in interviews],
        "frictions": [_as_json(row) for row in frictions],
        "named_elsewhere": [*_elsewhere(session, engagement_id, ids, finder)],
        "journal": [
            {"at": entry.at.isoformat(), "by": entry.actor, "did": entry.use_case, **entry.fields}
            for entry in _entries_about(session, engagement_id, ids, finder)
        ],
        "frozen_weeks": list(held_in_weeks(session, engagement_id, ids, finder)),
    }


def _elsewhere(
    session: Session, engagement_id: int, ids: set[int], finder: NameFinder
) -> Iterator[dict[str, Any]]:
    for row, texts in _rows_naming(session, engagement_id, ids, finder):
        if not isinstance(row, Interview | Friction):
            yield {"kind": type(row).__tablename__, "id": row.id} | _labelled(row, texts)
    for note in notes_mentioning(session, engagement_id, finder):
        yield {"kind": "measurement", "metric": note.slug, "at": note.at.isoformat(), **note.texts}


def _labelled(row: _Row, texts: dict[str, Any]) -> dict[str, Any]:
    """Return a row's texts by column; a column called like the copy's own `kind` is called after its table as well."""
    own = {"kind": f"kind_of_{type(row).__tablename__}"}
    return {own.get(column, column): text for column, text in texts.items()}


def erase(actor: Actor, slug: str, name: str, reason: str) -> str:
    """Erase a person's data for good, also from the journal and from frozen weeks. Returns their pseudonym.

    Signatures stay, and so do counts of people. Raises NotFound if nobody of that name was interviewed, Invalid if the
    data was erased already.
    """
    reason = required_text("reason", reason)
    with transaction(actor, "erase an interviewee's personal data") as session:
        engagement = open_engagement(session, slug, Action.ERASE_PERSONAL_DATA)
        ids = _interviews_of(session, engagement.id, name)
        finder, instead = _finder(session, ids, name), pseudonym(min(ids))
        _clear_rows(session, engagement.id, ids, finder, instead)
        digests = _redact(session, engagement.id, ids, finder, instead)
        session.execute(delete(StateCheckpoint).where(StateCheckpoint.engagement_id == engagement.id))
        snapshots = forget(session, engagement.id, ids, finder, instead, actor.today(engagement.zone))
        session.add(
            Erasure(
                engagement_id=engagement.id,
                pseudonym=instead,
                reason=finder.replace(reason, instead),
                digests=canonical({str(sequence): digest for sequence, digest in digests.items()}),
                snapshots=canonical(snapshots) if snapshots else None,
            )
        )
    return instead


def _clear_rows(
    session: Session, engagement_id: int, ids: set[int], finder: NameFinder, instead: str
) -> None:
    """Take the person out of every row that may change, and out of what is about to be journalled of that."""
    clear_notes(session, engagement_id, finder, instead)
    for row, texts in list(_rows_naming(session, engagement_id, ids, finder)):
        kind = type(row).__tablename__
        if kind not in IMMUTABLE_TABLES:
            left = redact_fields(kind, texts, own=_is_own(row, ids), finder=finder, instead=instead)
            for column, text in (
                distinct_texts(session, row, left) if isinstance(row, Part) else left
            ).items():
                setattr(row, column, text)
    session.flush()
    # What this transaction is about to journal as "before" is what is to be forgotten.
    for change in session.info["work"].changes:
        own = change.kind == Interview.__tablename__ and change.row_id in ids
        change.before = redact_fields(change.kind, change.before, own=own, finder=finder, instead=instead)


def _interviews_of(session: Session, engagement_id: int, name: str) -> set[int]:
    rows = session.scalars(select(Interview).where(Interview.engagement_id == engagement_id)).all()
    asked = normalize_name(name)
    people = {row.person for row in rows if asked in (row.person, normalize_name(row.interviewee))}
    ids = {row.id for row in rows if row.person in people}
    if not ids:
        raise NotFound(f"Nobody called “{name}” was interviewed in this engagement. Nothing was changed.")
    if normalize_name(name).startswith(normalize_name(pseudonym(0))[:-1]):
        raise Invalid("That person's data was erased already. Nothing was changed.")
    return ids


def _finder(session: Session, ids: set[int], name: str) -> NameFinder:
    """Return what finds a person in every spelling that was merged with `name`."""
    own = session.execute(select(Interview.interviewee, Interview.same_as).where(Interview.id.in_(ids)))
    return NameFinder(sorted({name, *(spelling for row in own for spelling in row if spelling)}))


def _is_own(row: _Row, ids: Iterable[int]) -> bool:
    return isinstance(row, Interview) and row.id in ids


def _rows_naming(
    session: Session, engagement_id: int, ids: set[int], finder: NameFinder
) -> Iterator[tuple[_Row, dict[str, Any]]]:
    """Yield every row that is about the person or names them, the engagement's own among them, with its texts."""
    kinds: list[type[Part] | type[Engagement]] = [Engagement, *Part.__subclasses__()]
    for kind in kinds:
        table = table_of(kind)
        texts = [
            column.name
            for column in table.columns
            if isinstance(column.type, Text) and not is_code(kind.__tablename__, column.name)
        ]
        whose = table.c.id if kind is Engagement else table.c.engagement_id
        rows = cast("Iterable[_Row]", session.scalars(select(kind).where(whose == engagement_id)))
        for row in rows if texts else ():
            values = {column: getattr(row, column) for column in texts}
            if _is_own(row, ids) or contains_name(kind.__tablename__, values, finder):
                yield row, values


def _as_json(row: Part) -> dict[str, Any]:
    return {column.name: journal.as_json(getattr(row, column.name)) for column in table_of(type(row)).columns}


def _entries_about(
    session: Session, engagement_id: int, ids: set[int], finder: NameFinder
) -> Iterator[JournalEntry]:
    """Yield every journal entry about the person's interviews, or that names them.

    Looked for in what an entry says, not in its JSON: there a name after a line's end reads like a longer word.
    """
    entries = session.scalars(
        select(JournalEntry)
        .where(JournalEntry.engagement_id == engagement_id)
        .order_by(JournalEntry.sequence)
    )
    for entry in entries:
        own = entry.kind == Interview.__tablename__ and entry.row_id in ids
        if own or any(contains_name(entry.kind, fields, finder) for fields in entry.fields.values()):
            yield entry


def _redact(
    session: Session, engagement_id: int, ids: set[int], finder: NameFinder, instead: str
) -> dict[int, str]:
    """Empty the entries that say anything of the person; what is left of each goes beside it.

    Returns the SHA-256 of what is left, by the entry's sequence.
    """
    digests = {}
    for entry in list(_entries_about(session, engagement_id, ids, finder)):
        if entry.kind in IMMUTABLE_TABLES:
            continue
        own = entry.kind == Interview.__tablename__ and entry.row_id in ids
        rest = {
            part: redact_fields(entry.kind, fields, own=own, finder=finder, instead=instead)
            for part, fields in entry.fields.items()
        }
        redacted = canonical(rest)
        digests[entry.sequence] = sha256_of(redacted)
        session.execute(
            update(table_of(JournalEntry))
            .where(JournalEntry.id == entry.id)
            .values(payload=None, salt=None, redacted=redacted)
        )
    return digests
