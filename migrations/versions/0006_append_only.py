"""What is append-only is so to the database too; what an erasure leaves of a frozen week

The triggers themselves are made after every migration, by migrations/env.py: rebuilding a table drops them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("snapshot") as batch:
        batch.alter_column("content", existing_type=sa.Text(), nullable=True)
        batch.add_column(sa.Column("redacted", sa.Text(), nullable=True))
    op.add_column("erasure", sa.Column("snapshots", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("erasure", "snapshots")
    with op.batch_alter_table("snapshot") as batch:
        batch.drop_column("redacted")
        batch.alter_column("content", existing_type=sa.Text(), nullable=False)
