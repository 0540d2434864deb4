"""The SHA-256 of each file of a frozen week that somebody took away"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Of earlier downloads nobody noted it: they stay as they are.
    op.add_column("review_download", sa.Column("sha256", sa.Text(), nullable=True))
    op.create_index("ix_review_download_sha256", "review_download", ["sha256"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_review_download_sha256", "review_download")
    op.drop_column("review_download", "sha256")
