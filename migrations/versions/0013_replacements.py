"""Replacements with their shares, proofs, waivers and cutovers; and whether a rehearsal worked, and how long it took"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INDEXES = {
    "replacement": ["engagement_id", "workflow_id", "old_id", "new_id"],
    "share": ["engagement_id", "replacement_id"],
    "proof": ["engagement_id", "replacement_id"],
    "gate_waiver": ["engagement_id", "replacement_id"],
    "cutover": ["engagement_id", "replacement_id"],
    "gate_address": ["engagement_id", "replacement_id"],
}


def upgrade() -> None:
    # Added in place: a table that is rebuilt would lose its triggers, and its children on SQLite.
    op.add_column("rehearsal", sa.Column("worked", sa.Boolean(), nullable=True))
    op.add_column("rehearsal", sa.Column("minutes", sa.Integer(), nullable=True))
    op.create_table(
        "replacement",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("workflow_id", sa.Integer(), nullable=False),
        sa.Column("old_id", sa.Integer(), nullable=False),
        sa.Column("new_id", sa.Integer(), nullable=False),
        # The table of contracts has a migration of its own.
        sa.Column("contract_id", sa.Integer(), nullable=True),
        sa.Column("how_back", sa.Text(), nullable=True),
        sa.Column("needs_breaker", sa.Boolean(), nullable=False),
        sa.Column("no_breaker_reason", sa.Text(), nullable=True),
        sa.Column("retire_by", sa.Date(), nullable=False),
        sa.Column("retired_on", sa.Date(), nullable=True),
        sa.Column("no_return_on", sa.Date(), nullable=True),
        *_part("replacement"),
        *_references("replacement", workflow_id="workflow", old_id="system", new_id="system"),
        sa.UniqueConstraint("engagement_id", "name", name="uq_replacement_engagement_id_name"),
        sa.CheckConstraint("old_id <> new_id", name="ck_replacement_not_itself"),
    )
    op.create_table(
        "share",
        sa.Column("replacement_id", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("percent", sa.Float(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        *_part("share"),
        *_references("share", replacement_id="replacement"),
        sa.UniqueConstraint("replacement_id", "on", name="uq_share_replacement_id_on"),
        sa.CheckConstraint("percent between 0 and 100", name="ck_share_percent"),
    )
    op.create_table(
        "proof",
        sa.Column("replacement_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in ("n", "bad", "seconds")),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("link", "note", "edges")),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        *_part("proof"),
        *_references("proof", replacement_id="replacement"),
        sa.CheckConstraint("kind in ('rollback', 'breaker', 'comparison', 'traces')", name="ck_proof_kind"),
        sa.CheckConstraint("outcome in ('passed', 'failed', 'inconclusive')", name="ck_proof_outcome"),
    )
    op.create_table(
        "gate_waiver",
        sa.Column("replacement_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("check", "covers", "reason", "approver")),
        sa.Column("granted_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        *_part("gate_waiver"),
        *_references("gate_waiver", replacement_id="replacement"),
    )
    op.create_table(
        "cutover",
        sa.Column("replacement_id", sa.Integer(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("approved_on", sa.Date(), nullable=False),
        sa.Column("gate", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        *_part("cutover"),
        *_references("cutover", replacement_id="replacement"),
    )
    op.create_table(
        "gate_address",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("replacement_id", sa.Integer(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_gate_address"),
        sa.UniqueConstraint("secret_hash", name="uq_gate_address_secret_hash"),
        *_references("gate_address", engagement_id="engagement", replacement_id="replacement"),
    )
    for table, columns in INDEXES.items():
        for column in columns:
            op.create_index(f"ix_{table}_{column}", table, [column], unique=False)


def _part(table: str) -> list[SchemaItem]:
    """Return the columns and constraints of every part of an engagement."""
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        *_references(table, engagement_id="engagement"),
    ]


def _references(table: str, **targets: str) -> list[SchemaItem]:
    return [
        sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")
        for column, target in targets.items()
    ]


def downgrade() -> None:
    for table in reversed(INDEXES):
        op.drop_table(table)
    op.drop_column("rehearsal", "minutes")
    op.drop_column("rehearsal", "worked")
