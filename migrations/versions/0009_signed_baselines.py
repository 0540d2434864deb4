"""Where a baseline ended that nobody gave an end, and the digest of what one rests on that was taken"""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Added in place: a table that is rebuilt would lose its triggers, and its children on SQLite.
    op.add_column("metric", sa.Column("baseline_ended_on", sa.Date(), nullable=True))
    # Known once the metric's measurements are counted the next time.
    op.add_column("reading", sa.Column("baseline_digest", sa.Text(), nullable=True))
    _keep_where_baselines_ended()


def _keep_where_baselines_ended() -> None:
    """What moved a metric first, so far: from now on that day stays where somebody signed."""
    database = op.get_bind()
    metric = sa.table("metric", sa.column("id", sa.Integer()), sa.column("baseline_ended_on", sa.Date()))
    first = {}
    for table, day in (("workflow", "live_on"), ("metric_phase", "began_on")):
        moving = sa.table(table, sa.column("metric_id", sa.Integer()), sa.column(day, sa.Date()))
        known = moving.c.metric_id.is_not(None), moving.c[day].is_not(None)
        for metric_id, on in database.execute(sa.select(moving.c.metric_id, moving.c[day]).where(*known)):
            first[metric_id] = min(on, first.get(metric_id, on))
    for metric_id, on in first.items():
        ended = sa.update(metric).where(metric.c.id == metric_id)
        database.execute(ended.values(baseline_ended_on=on - timedelta(days=1)))


def downgrade() -> None:
    op.drop_column("reading", "baseline_digest")
    op.drop_column("metric", "baseline_ended_on")
