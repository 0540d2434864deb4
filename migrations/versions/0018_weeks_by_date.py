"""The Friday that keys a week's passages, and the person to whom an interviewee's spelling belongs

Numbers of weeks begin again when day 1 moves; Fridays don't. Passages of before stay without one, and are found by their
numbers. docs/decisions/0026-weeks-by-date.md.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0016"
branch_labels = None
depends_on = None

OLD = "uq_review_passage_engagement_id_cycle_week_key"
NEW = "uq_review_passage_engagement_id_cycle_week_friday_key"


def upgrade() -> None:
    # Added in place: a table that is rebuilt would lose its children on SQLite.
    op.add_column("interview", sa.Column("same_as", sa.Text(), nullable=True))
    with op.batch_alter_table("review_passage") as batch:
        batch.add_column(sa.Column("friday", sa.Date(), nullable=True))
        batch.drop_constraint(OLD, type_="unique")
        batch.create_unique_constraint(NEW, ["engagement_id", "cycle", "week", "friday", "key"])


def downgrade() -> None:
    op.drop_column("interview", "same_as")
    # Of two weeks of one number the newer text stays.
    op.execute(
        "DELETE FROM review_passage WHERE id NOT IN "
        "(SELECT max(id) FROM review_passage GROUP BY engagement_id, cycle, week, key)"
    )
    with op.batch_alter_table("review_passage") as batch:
        batch.drop_constraint(NEW, type_="unique")
        batch.drop_column("friday")
        batch.create_unique_constraint(OLD, ["engagement_id", "cycle", "week", "key"])
