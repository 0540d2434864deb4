"""Checkpoints of states, from which an earlier state is rebuilt"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "state_checkpoint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("erasures", sa.Integer(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name="fk_state_checkpoint_engagement_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_state_checkpoint"),
        sa.UniqueConstraint("engagement_id", "sequence", name="uq_state_checkpoint_engagement_id_sequence"),
    )
    op.create_index("ix_state_checkpoint_engagement_id", "state_checkpoint", ["engagement_id"])


def downgrade() -> None:
    op.drop_table("state_checkpoint")
