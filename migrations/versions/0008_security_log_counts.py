"""How often the same refusal happened, instead of a row each time; browsers that aren't known any more"""

import sqlalchemy as sa
from alembic import op

import models.base

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("security_event") as batch:
        batch.add_column(sa.Column("last_at", models.base.UtcDateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("times", sa.Integer(), nullable=False, server_default="1"))
        batch.drop_index("ix_security_event_at")
    op.execute("UPDATE security_event SET last_at = at")
    # Earlier versions wrote names of engagements, metrics and people into it, which administrators aren't to read.
    for said, instead in (
        ("kind = 'one-time link made' AND detail LIKE 'for a sign-off, engagement %'", "for a sign-off"),
        ("kind = 'one-time link refused' AND detail LIKE '%“%'", "for a sign-off, opened after it had ended"),
        ("kind = 'action refused' AND detail LIKE '%“%'", "something that isn''t there for them"),
    ):
        op.execute(f"UPDATE security_event SET detail = '{instead}' WHERE {said}")
    with op.batch_alter_table("security_event") as batch:
        batch.alter_column("last_at", existing_type=models.base.UtcDateTime(timezone=True), nullable=False)
        batch.alter_column("times", existing_type=sa.Integer(), server_default=None)
        batch.create_index("ix_security_event_last_at", ["last_at"])
    with op.batch_alter_table("user_session") as batch:
        batch.add_column(
            sa.Column("browser_forgotten", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("user_session") as batch:
        batch.alter_column("browser_forgotten", existing_type=sa.Boolean(), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("user_session") as batch:
        batch.drop_column("browser_forgotten")
    with op.batch_alter_table("security_event") as batch:
        batch.drop_index("ix_security_event_last_at")
        batch.drop_column("times")
        batch.drop_column("last_at")
        batch.create_index("ix_security_event_at", ["at"])
