"""Definitions as versions, named phases, corrections, and what intake, pulls and forecasts leave behind"""

import sqlalchemy as sa
from alembic import op

import models.base

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _later() -> list[sa.Column]:
    """What a definition can say besides what it said so far."""
    return [
        sa.Column("counted", sa.Text(), nullable=True),
        sa.Column("left_out", sa.Text(), nullable=True),
        sa.Column("scale", sa.Text(), nullable=True),
        sa.Column("statistic", sa.Text(), nullable=True),
        sa.Column("calendar", sa.Text(), nullable=True),
        sa.Column("query", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False, server_default="outcome"),
        sa.Column("rules", sa.Text(), nullable=False, server_default="wheeler"),
        sa.Column("rules_version", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("baseline_since", sa.Date(), nullable=True),
        sa.Column("baseline_n", sa.Integer(), nullable=True),
        sa.Column("baseline_spread", sa.Double(), nullable=True),
        sa.Column("baseline_digest", sa.Text(), nullable=True),
        sa.Column("baseline_method", sa.Text(), nullable=True),
        sa.Column("step_30", sa.Double(), nullable=True),
        sa.Column("step_60", sa.Double(), nullable=True),
    ]


def _part() -> list[sa.Column]:
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("metric_id", sa.Integer(), nullable=False),
    ]


def _keys(table: str) -> list[sa.Constraint]:
    return [
        sa.ForeignKeyConstraint(["engagement_id"], ["engagement.id"], name=op.f(f"fk_{table}_engagement_id")),
        sa.ForeignKeyConstraint(["metric_id"], ["metric.id"], name=op.f(f"fk_{table}_metric_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def upgrade() -> None:
    # Added in place: a table that is rebuilt would lose its triggers, and its children on SQLite.
    for column in _later():
        op.add_column("metric", column)
    op.add_column("measurement", sa.Column("given", sa.Text(), nullable=True))
    op.add_column("measurement", sa.Column("reason", sa.Text(), nullable=True))

    op.create_table(
        "definition",
        *_part(),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("defined_by", sa.Text(), nullable=False),
        sa.Column("defined_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("cadence_days", sa.Integer(), nullable=False),
        sa.Column("baseline", sa.Double(), nullable=True),
        sa.Column("baseline_until", sa.Date(), nullable=True),
        sa.Column("target", sa.Double(), nullable=True),
        sa.Column("target_day", sa.Integer(), nullable=True),
        *_later(),
        *_keys("definition"),
        sa.UniqueConstraint("metric_id", "number", name=op.f("uq_definition_metric_id_number")),
    )
    op.create_index("ix_definition_engagement_id", "definition", ["engagement_id"])
    op.create_index("ix_definition_metric_id", "definition", ["metric_id"])

    op.create_table(
        "metric_phase",
        *_part(),
        sa.Column("began_on", sa.Date(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("named_by", sa.Text(), nullable=False),
        *_keys("metric_phase"),
        sa.UniqueConstraint("metric_id", "began_on", name=op.f("uq_metric_phase_metric_id_began_on")),
    )
    op.create_index("ix_metric_phase_engagement_id", "metric_phase", ["engagement_id"])
    op.create_index("ix_metric_phase_metric_id", "metric_phase", ["metric_id"])

    op.create_table(
        "metric_pull",
        *_part(),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("step_seconds", sa.Integer(), nullable=False),
        *_keys("metric_pull"),
        sa.UniqueConstraint("metric_id", name=op.f("uq_metric_pull_metric_id")),
    )
    op.create_index("ix_metric_pull_engagement_id", "metric_pull", ["engagement_id"])

    op.create_table(
        "forecast",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("metric_id", sa.Integer(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("definition", sa.Integer(), nullable=False),
        sa.Column("made_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("on", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("low", sa.Double(), nullable=True),
        sa.Column("high", sa.Double(), nullable=True),
        sa.Column("chance", sa.Double(), nullable=True),
        sa.Column("why_not", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["metric_id"], ["metric.id"], name=op.f("fk_forecast_metric_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forecast")),
        sa.UniqueConstraint("metric_id", "basis", "on", name=op.f("uq_forecast_metric_id_basis_on")),
    )

    op.create_table(
        "intake_key",
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body_digest", sa.Text(), nullable=False),
        sa.Column("at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_intake_key_engagement_id")
        ),
        sa.PrimaryKeyConstraint("engagement_id", "key", name=op.f("pk_intake_key")),
    )
