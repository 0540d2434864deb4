"""Surveys, contracts and their versions, trials; where the code of a system lies, and which system a decision is about"""

import sqlalchemy as sa
from alembic import op

import models.base

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def _part(table: str, *columns: sa.Column | sa.Constraint, index: tuple[str, ...] = ()) -> None:
    """Create a table of rows that belong to one engagement."""
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["engagement_id"], ["engagement.id"], name=op.f(f"fk_{table}_engagement_id")),
        *columns,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    for column in ("engagement_id", *index):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def _text(*names: str) -> list[sa.Column]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _integers(*names: str) -> list[sa.Column]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def _points_to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    _part(
        "survey",
        *_text("repository", "head", "since", "until"),
        sa.Column("taken_on", sa.Date(), nullable=False),
        *_integers("read", "counted"),
        *_text("left_out", "content"),
        *_integers("rules"),
    )
    _part(
        "contract",
        *_text("name"),
        *_integers("system_id"),
        *_text("kind"),
        _points_to("contract", "system_id", "system"),
        sa.UniqueConstraint("engagement_id", "name", name=op.f("uq_contract_engagement_id_name")),
        index=("system_id",),
    )
    _part(
        "contract_version",
        *_integers("contract_id"),
        *_text("label", "digest"),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=False),
        sa.Column("compared_with_id", sa.Integer(), nullable=True),
        *_integers("rules", "breaks", "may_break", "harmless"),
        *_text("findings"),
        sa.Column("frozen_on", sa.Date(), nullable=True),
        sa.Column("frozen_by", sa.Text(), nullable=True),
        _points_to("contract_version", "contract_id", "contract"),
        _points_to("contract_version", "compared_with_id", "contract_version"),
        index=("contract_id",),
    )
    op.create_table(
        "contract_document",
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        _points_to("contract_document", "engagement_id", "engagement"),
        sa.PrimaryKeyConstraint("engagement_id", "digest", name=op.f("pk_contract_document")),
    )
    _part(
        "trial",
        *_integers("decision_id"),
        *_text("tool", "task", "kind", "person"),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Double(), nullable=False),
        sa.Column("finished", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        _points_to("trial", "decision_id", "decision"),
        sa.UniqueConstraint(
            "decision_id",
            "tool",
            "task",
            "person",
            "on",
            name=op.f("uq_trial_decision_id_tool_task_person_on"),
        ),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_trial_minutes")),
        index=("decision_id",),
    )
    op.add_column("system", sa.Column("code", sa.Text(), nullable=True))
    with op.batch_alter_table("decision") as batch:
        batch.add_column(sa.Column("system_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(op.f("fk_decision_system_id"), "system", ["system_id"], ["id"])
    op.create_index(op.f("ix_decision_system_id"), "decision", ["system_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_decision_system_id"), "decision")
    with op.batch_alter_table("decision") as batch:
        batch.drop_constraint(op.f("fk_decision_system_id"), type_="foreignkey")
        batch.drop_column("system_id")
    with op.batch_alter_table("system") as batch:
        batch.drop_column("code")
    for table in ("trial", "contract_document", "contract_version", "contract", "survey"):
        op.drop_table(table)
