"""Invitations to an engagement, and that personal data was handed over"""

import sqlalchemy as sa
from alembic import op

import models.base

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "invitation",
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("invited_by", sa.Text(), nullable=False),
        *_of_every_part("invitation"),
        sa.UniqueConstraint("engagement_id", "email", name=op.f("uq_invitation_engagement_id_email")),
        sa.CheckConstraint(
            "role in ('lead', 'contributor', 'sponsor', 'viewer')", name=op.f("ck_invitation_role")
        ),
    )
    op.create_index("ix_invitation_engagement_id", "invitation", ["engagement_id"], unique=False)
    op.create_index("ix_invitation_email", "invitation", ["email"], unique=False)
    op.create_table(
        "handover", sa.Column("interviews", sa.Integer(), nullable=False), *_of_every_part("handover")
    )
    op.create_index("ix_handover_engagement_id", "handover", ["engagement_id"], unique=False)


def _of_every_part(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["engagement_id"], ["engagement.id"], name=op.f(f"fk_{table}_engagement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def downgrade() -> None:
    op.drop_table("handover")
    op.drop_table("invitation")
