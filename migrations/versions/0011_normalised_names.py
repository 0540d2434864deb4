"""Names and texts as they are stored now: composed, without what nobody sees

What is mended is journalled, one entry a row, as anything else that changes. Existing entries, signatures, frozen weeks
and measurements keep their bytes, and so do metrics and their definitions, which signatures cover. A row that would
become the double of another stays as it is: comparisons look through spellings anyway. docs/decisions/0018-names.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from alembic import op

import models.base
from models.journal import CHANGED, canonical, entry_hash, new_salt, payload_digest
from models.names import clean_email, clean_name, clean_text

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# Columns that hold a name or are read on one line like one, and columns that hold texts, by table.
NAMES = {
    "engagement": ("name", "client", "sector", "region", "lead", "sponsor"),
    "phase": ("name",),
    "milestone": ("name",),
    "claim": ("by",),
    "waiver": ("approver",),
    "evidence": ("title",),
    "system": ("name", "kind", "owner", "technology", "reviewed_by"),
    "pain_point": ("title",),
    "interview": ("interviewee", "role", "team", "interviewer"),
    "friction": ("theme",),
    "workflow": ("name",),
    "pipeline": ("name",),
    "training": ("title",),
    "document": ("title",),
    "decision": ("title", "owner"),
    "metric_phase": ("cause", "named_by"),
    "measurement_batch": ("source",),
    "pitfall_check": ("by",),
    "import_run": ("file_name",),
    "invitation": ("invited_by",),
}
TEXTS = {
    "claim": ("reason",),
    "waiver": ("reason",),
    "system": ("note",),
    "dependency": ("note",),
    "pain_point": ("note",),
    "interview": ("summary",),
    "friction": ("observed",),
    "workflow": ("fallback", "note"),
    "rehearsal": ("note",),
    "training": ("note",),
    "decision": ("outcome", "rests_on"),
    "pitfall_check": ("evidence",),
    "review_passage": ("text",),
}
EMAILS = {"invitation": ("email",)}
# What no two rows of an engagement have in common.
UNIQUE = {
    "system": ("name",),
    "pain_point": ("system_id", "title"),
    "interview": ("planned_on", "interviewee"),
    "friction": ("interview_id", "theme", "observed"),
    "workflow": ("name",),
    "pipeline": ("name",),
    "training": ("title", "held_on"),
    "document": ("title",),
    "invitation": ("email",),
}
BY, VIA, USE_CASE = "Headway", "upgrade", "normalise names"
_Clean = Callable[[str], str]


class Mended(NamedTuple):
    """A row whose texts changed: their values before and after, by column."""

    kind: str
    row_id: int
    version: int
    before: dict[str, str]
    after: dict[str, str]


def upgrade() -> None:
    database = op.get_bind()
    at = datetime.now(UTC)
    engagement = _table("engagement", "revision", "head")
    for engagement_id, newest, head in database.execute(
        sa.select(engagement.c.id, engagement.c.revision, engagement.c.head).order_by(engagement.c.id)
    ).all():
        mended = [row for kind in sorted({**NAMES, **TEXTS}) for row in _mend(database, kind, engagement_id)]
        if mended:
            newest, head = _journal(database, engagement_id, mended, at, newest, head)
            moved = sa.update(engagement).where(engagement.c.id == engagement_id)
            database.execute(moved.values(revision=newest, head=head))
            _mend_summary(database, engagement_id, newest, mended)
    _mend_users(database)


def downgrade() -> None:
    """Nothing: the former program reads composed text as well, and nothing is taken out of the journal."""


def _table(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *(sa.column(column) for column in ("id", *columns)))


def _cleaners(kind: str) -> dict[str, _Clean]:
    """How each column of a table that holds texts is cleaned."""
    kinds: list[tuple[Mapping[str, tuple[str, ...]], _Clean]] = [
        (NAMES, clean_name),
        (TEXTS, clean_text),
        (EMAILS, clean_email),
    ]
    return {column: clean for columns, clean in kinds for column in columns.get(kind, ())}


def _mend(database: sa.Connection, kind: str, engagement_id: int) -> Iterator[Mended]:
    """Mend the rows of one table, and yield those that changed."""
    cleaners, key = _cleaners(kind), UNIQUE.get(kind, ())
    own = "id" if kind == "engagement" else "engagement_id"
    table = _table(kind, "engagement_id", "version", *{*cleaners, *key})
    columns = [table.c[name] for name in ("id", "version", *sorted({*cleaners, *key}))]
    rows = database.execute(sa.select(*columns).where(table.c[own] == engagement_id).order_by(table.c.id))
    stored = [dict(row) for row in rows.mappings()]
    taken = {tuple(row[name] for name in key) for row in stored}
    for row in stored:
        # What has nothing in it that can be seen stays as it is, rather than to become a row without a name.
        after = {name: clean(row[name]) or row[name] for name, clean in cleaners.items() if row[name]}
        after = {name: text for name, text in after.items() if text != row[name]}
        if not after:
            continue
        old, new = (tuple((row | change)[name] for name in key) for change in ({}, after))
        if key and new != old and new in taken:
            continue
        taken.discard(old)
        taken.add(new)
        version = row["version"] + 1
        database.execute(sa.update(table).where(table.c.id == row["id"]).values(after | {"version": version}))
        yield Mended(kind, row["id"], version, {name: row[name] for name in after}, after)


def _journal(
    database: sa.Connection, engagement_id: int, mended: list[Mended], at: datetime, newest: int, head: str
) -> tuple[int, str]:
    """Append an entry for each row that was mended. Returns the engagement's new revision and head."""
    entries = []
    for sequence, row in enumerate(mended, start=newest + 1):
        before, after = row.before | {"version": row.version - 1}, row.after | {"version": row.version}
        payload, salt = canonical({"before": before, "after": after}), new_salt()
        entry = {
            "engagement_id": engagement_id, "sequence": sequence, "act": newest + 1, "at": at, "actor": BY,
            "user_id": None, "via": VIA, "use_case": USE_CASE, "change": CHANGED, "kind": row.kind,
            "row_id": row.row_id, "payload": payload, "salt": salt, "digest": payload_digest(payload, salt),
            "previous": head,
        }  # fmt: skip
        head = entry_hash(entry)
        entries.append(entry | {"hash": head})
    columns = [sa.column(name, models.base.UtcDateTime() if name == "at" else None) for name in entries[0]]
    database.execute(sa.insert(sa.table("journal", *columns)), entries)
    return newest + len(mended), head


def _mend_summary(database: sa.Connection, engagement_id: int, newest: int, mended: list[Mended]) -> None:
    """Say in the stored summary what the rows say now. Metrics keep their names, and so does what it says of them."""
    summary = sa.table("summary", *(sa.column(name) for name in ("engagement_id", "revision", "content")))
    own = summary.c.engagement_id == engagement_id
    content = database.scalar(sa.select(summary.c.content).where(own))
    if content is not None:
        new = {old: row.after[name] for row in mended for name, old in row.before.items()}
        told = {
            part: value if part == "metrics" else _said(value, new)
            for part, value in json.loads(content).items()
        }
        text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        database.execute(sa.update(summary).where(own).values(revision=newest, content=text))


def _said(value: Any, new: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _said(part, new) for key, part in value.items()}
    if isinstance(value, list):
        return [_said(part, new) for part in value]
    return new.get(value, value) if isinstance(value, str) else value


def _mend_users(database: sa.Connection) -> None:
    """Mend people's names and e-mails, which no journal tells of. An e-mail that another account has stays as it is."""
    user = _table("user", "name", "email")
    rows = database.execute(sa.select(user.c.id, user.c.name, user.c.email).order_by(user.c.id)).all()
    taken = {row.email for row in rows}
    for row in rows:
        name, email = clean_name(row.name) or row.name, clean_email(row.email)
        email = row.email if email in taken else email
        taken.add(email)
        if (name, email) != (row.name, row.email):
            database.execute(sa.update(user).where(user.c.id == row.id).values(name=name, email=email))
