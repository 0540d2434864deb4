"""Events: endpoints and their cursors, notices, notes, and what was mailed"""

import sqlalchemy as sa
from alembic import op

import models.base

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

MOMENT = models.base.UtcDateTime(timezone=True)


def _part() -> list[sa.Column]:
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
    ]


def _keys(table: str, **to: str) -> list[sa.Constraint]:
    """The primary key, and a foreign key of each column in `to` to the table that it names."""
    return [
        *(
            sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))
            for column, other in to.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def _unique(table: str, *columns: str) -> sa.Constraint:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def _indexed(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column])


def upgrade() -> None:
    op.create_table(
        "endpoint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("secrets", sa.Text(), nullable=False),
        sa.Column("types", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("off_since", MOMENT, nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        *_keys("endpoint", engagement_id="engagement"),
        _unique("endpoint", "engagement_id", "kind", "address"),
    )
    op.create_table(
        "cursor",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("endpoint_id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("next_at", MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failing_since", MOMENT, nullable=True),
        sa.Column("last_at", MOMENT, nullable=True),
        sa.Column("last_answer", sa.Text(), nullable=True),
        sa.Column("replay_until", sa.Integer(), nullable=True),
        sa.Column("resume_from", sa.Integer(), nullable=True),
        *_keys("cursor", endpoint_id="endpoint", engagement_id="engagement"),
        _unique("cursor", "endpoint_id", "engagement_id"),
    )
    op.create_table(
        "delivery_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cursor_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("delivered", sa.Boolean(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        *_keys("delivery_attempt", cursor_id="cursor"),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "notice",
        *_part(),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        *_keys("notice", engagement_id="engagement"),
        _unique("notice", "engagement_id", "key"),
    )
    op.create_table(
        "note",
        *_part(),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        *_keys("note", engagement_id="engagement", by_id="user"),
    )
    op.create_table(
        "note_mention",
        *_part(),
        sa.Column("note_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        *_keys("note_mention", engagement_id="engagement", note_id="note", user_id="user"),
    )
    op.create_table(
        "mail_choice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("weeks", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.Boolean(), nullable=False),
        sa.Column("mentions", sa.Boolean(), nullable=False),
        *_keys("mail_choice", user_id="user", engagement_id="engagement"),
        _unique("mail_choice", "user_id", "engagement_id"),
    )
    op.create_table(
        "sent_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("sent_at", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=True),
        *_keys("sent_mail", user_id="user"),
        _unique("sent_mail", "key"),
    )
    op.create_table(
        "unsubscribe_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        *_keys("unsubscribe_link", user_id="user", engagement_id="engagement"),
        _unique("unsubscribe_link", "token_digest"),
    )
    _indexed("endpoint", "engagement_id")
    _indexed("cursor", "engagement_id")
    _indexed("delivery_attempt", "cursor_id")
    _indexed("notice", "engagement_id")
    _indexed("note", "engagement_id", "row_id")
    _indexed("note_mention", "engagement_id", "note_id", "user_id")
    _indexed("mail_choice", "engagement_id")
    _indexed("sent_mail", "user_id")


def downgrade() -> None:
    for table in (
        "unsubscribe_link", "sent_mail", "mail_choice", "note_mention", "note", "notice", "lease",
        "delivery_attempt", "cursor", "endpoint",
    ):  # fmt: skip
        op.drop_table(table)
