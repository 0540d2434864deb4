"""Sign-off: requests, links, events and records; what a signature means; the date of a target"""

import sqlalchemy as sa
from alembic import op

import models.base

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _part() -> list[sa.Column]:
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
    ]


def _keys(table: str, **to: str) -> list[sa.Constraint]:
    """The primary key, and a foreign key of each column in `to` to the table that it names."""
    return [
        *(
            sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))
            for column, other in {"engagement_id": "engagement", **to}.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def _indexed(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column])


def upgrade() -> None:
    op.create_table(
        "sign_off_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        *_keys("sign_off_record"),
        sa.UniqueConstraint("digest", name=op.f("uq_sign_off_record_digest")),
    )
    _indexed("sign_off_record", "engagement_id")

    op.create_table(
        "sign_off_request",
        *_part(),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("asked_of_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        *_keys("sign_off_request", asked_by_id="user", asked_of_id="user"),
    )
    _indexed("sign_off_request", "engagement_id", "asked_of_id")

    op.create_table(
        "sign_off_item",
        *_part(),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("metric_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        *_keys("sign_off_item", request_id="sign_off_request", metric_id="metric"),
        sa.UniqueConstraint("request_id", "metric_id", name=op.f("uq_sign_off_item_request_id_metric_id")),
    )
    _indexed("sign_off_item", "engagement_id", "request_id")

    op.create_table(
        "sign_off_link",
        *_part(),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("token_digest", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("expires_at", models.base.UtcDateTime(timezone=True), nullable=False),
        *_keys("sign_off_link", request_id="sign_off_request", user_id="user", made_by_id="user"),
        sa.UniqueConstraint("token_digest", name=op.f("uq_sign_off_link_token_digest")),
    )
    _indexed("sign_off_link", "engagement_id", "request_id", "user_id")

    op.create_table(
        "sign_off_event",
        *_part(),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=True),
        sa.Column("record_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        *_keys(
            "sign_off_event",
            request_id="sign_off_request",
            link_id="sign_off_link",
            record_id="sign_off_record",
            user_id="user",
        ),
    )
    _indexed("sign_off_event", "engagement_id", "request_id", "link_id")

    # Added in place: a table that is rebuilt would lose its triggers, and its children on SQLite.
    for table in ("metric", "definition"):
        op.add_column(table, sa.Column("target_on", sa.Date(), nullable=True))
    op.add_column("sign_off", sa.Column("meaning", sa.Text(), nullable=False, server_default="approved"))
    op.add_column("sign_off", sa.Column("words", sa.Text(), nullable=True))
    op.add_column("sign_off", sa.Column("number", sa.Integer(), nullable=True))
    op.add_column("sign_off", sa.Column("record_digest", sa.Text(), nullable=True))
    _add_key("sign_off", "request_id", "sign_off_request")
    _add_key("sign_off", "record_id", "sign_off_record")
    _add_key("user_session", "link_id", "sign_off_link")


def _add_key(table: str, column: str, other: str) -> None:
    """A nullable column that refers to another table. Said as SQL: for SQLite, Alembic would rebuild the table."""
    name = f"fk_{table}_{column}"
    op.execute(f"ALTER TABLE {table} ADD COLUMN {column} INTEGER CONSTRAINT {name} REFERENCES {other} (id)")
