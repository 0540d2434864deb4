"""The name of an invited sponsor, and whether somebody has shown that an account's e-mail is its person's

Accounts of before were all added by an administrator, who answers for their e-mails. docs/decisions/0033-one-link.md.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Added in place: tables that are rebuilt would lose their children on SQLite.
    op.add_column("invitation", sa.Column("name", sa.Text(), nullable=True))
    op.add_column("user", sa.Column("email_verified", sa.Boolean(), nullable=False, server_default=sa.true()))


def downgrade() -> None:
    op.drop_column("user", "email_verified")
    op.drop_column("invitation", "name")
