"""What is append-only is so to the database too; what an erasure leaves of a frozen week; receipts that were issued

The triggers themselves are made after every migration, by migrations/env.py: rebuilding a table drops them.
"""

import sqlalchemy as sa
from alembic import op

import models.base

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("snapshot") as batch:
        batch.alter_column("content", existing_type=sa.Text(), nullable=True)
        batch.add_column(sa.Column("redacted", sa.Text(), nullable=True))
    op.add_column("erasure", sa.Column("snapshots", sa.Text(), nullable=True))
    op.create_table(
        "sign_off_receipt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_sign_off_receipt_engagement_id")
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["sign_off_record.id"], name=op.f("fk_sign_off_receipt_record_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_off_receipt")),
    )
    for column in ("engagement_id", "record_id", "sha256"):
        op.create_index(f"ix_sign_off_receipt_{column}", "sign_off_receipt", [column])


def downgrade() -> None:
    op.drop_table("sign_off_receipt")
    op.drop_column("erasure", "snapshots")
    with op.batch_alter_table("snapshot") as batch:
        batch.drop_column("redacted")
        batch.alter_column("content", existing_type=sa.Text(), nullable=False)
