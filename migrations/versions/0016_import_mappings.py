"""What a file's own columns mean, remembered; engagements that are of the sample, archived or deleted"""

import sqlalchemy as sa
from alembic import op

import models.base

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_mapping",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("column", sa.Text(), nullable=False),
        sa.Column("given", sa.Text(), nullable=False),
        sa.Column("meaning", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["engagement_id"], ["engagement.id"], name="fk_import_mapping_engagement_id"),
        sa.PrimaryKeyConstraint("id", name="pk_import_mapping"),
        sa.UniqueConstraint(
            "engagement_id",
            "kind",
            "column",
            "given",
            name="uq_import_mapping_engagement_id_kind_column_given",
        ),
    )
    op.create_index("ix_import_mapping_engagement_id", "import_mapping", ["engagement_id"])
    op.create_table(
        "engagement_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name="fk_engagement_mark_engagement_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_engagement_mark"),
        sa.UniqueConstraint("engagement_id", "kind", name="uq_engagement_mark_engagement_id_kind"),
    )
    op.create_index("ix_engagement_mark_engagement_id", "engagement_mark", ["engagement_id"])
    op.create_table(
        "deleted_engagement",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deleted_engagement"),
    )


def downgrade() -> None:
    op.drop_table("deleted_engagement")
    op.drop_index("ix_engagement_mark_engagement_id", "engagement_mark")
    op.drop_table("engagement_mark")
    op.drop_index("ix_import_mapping_engagement_id", "import_mapping")
    op.drop_table("import_mapping")
