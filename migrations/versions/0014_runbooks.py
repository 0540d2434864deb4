"""Runbooks of replacements, their steps, runs and reports"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

INDEXES = {
    "runbook": ["engagement_id", "replacement_id"],
    "runbook_step": ["engagement_id", "runbook_id"],
    "run": ["engagement_id", "runbook_id"],
    "run_report": ["engagement_id", "run_id"],
}


def upgrade() -> None:
    op.create_table(
        "runbook",
        sa.Column("replacement_id", sa.Integer(), nullable=False),
        *_texts("name", "in_charge"),
        *_part("runbook", replacement_id="replacement"),
        sa.UniqueConstraint("replacement_id", name="uq_runbook_replacement_id"),
    )
    op.create_table(
        "runbook_step",
        sa.Column("runbook_id", sa.Integer(), nullable=False),
        *_texts("key", "title", "owner", "owner_kind", "action", "check"),
        *_texts("after", "undo", "no_undo", nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("timeout", sa.Integer(), nullable=False),
        sa.Column("no_return", sa.Boolean(), nullable=False),
        *_part("runbook_step", runbook_id="runbook"),
        sa.UniqueConstraint("runbook_id", "key", name="uq_runbook_step_runbook_id_key"),
        sa.CheckConstraint("owner_kind in ('person', 'system')", name="ck_runbook_step_owner_kind"),
        sa.CheckConstraint("minutes > 0 and timeout >= minutes", name="ck_runbook_step_time_out"),
    )
    op.create_table(
        "run",
        sa.Column("runbook_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        *_texts("kind", "plan", "digest", "prepared_by"),
        sa.Column("window_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("window_until", sa.DateTime(timezone=True), nullable=True),
        *_part("run", runbook_id="runbook"),
        sa.UniqueConstraint("runbook_id", "number", name="uq_run_runbook_id_number"),
        sa.CheckConstraint("kind in ('rehearsal', 'real')", name="ck_run_kind"),
    )
    op.create_table(
        "run_report",
        sa.Column("run_id", sa.Integer(), nullable=False),
        *_texts("name", "step", "direction", "outcome", "by"),
        *_texts("reason", nullable=True),
        *_part("run_report", run_id="run"),
        sa.UniqueConstraint("run_id", "name", name="uq_run_report_run_id_name"),
    )
    for table, columns in INDEXES.items():
        for column in columns:
            op.create_index(f"ix_{table}_{column}", table, [column], unique=False)


def _texts(*names: str, nullable: bool = False) -> list[sa.schema.SchemaItem]:
    return [sa.Column(name, sa.Text(), nullable=nullable) for name in names]


def _part(table: str, **targets: str) -> list[sa.schema.SchemaItem]:
    """Return the columns and constraints of every part of an engagement, and its references to other tables."""
    references = {"engagement_id": "engagement", **targets}
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        *(
            sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")
            for column, target in references.items()
        ),
    ]


def downgrade() -> None:
    for table in reversed(INDEXES):
        op.drop_table(table)
