"""The use cases: one function, one use case, one transaction.

Importing any of them registers the steps that every transaction carries out after its own changes.
"""

from services.core import projections
from services.engagement.summaries import store_summary
from services.metrics.aggregates import store_aggregates
from services.metrics.baseline_ends import keep_baseline_ends
from services.metrics.forecasts import log_forecasts

projections.register(
    before_entries=[keep_baseline_ends],
    # Each needs what the one before it stored: the summary names the aggregates, and forecasts rest on both.
    projections=[store_aggregates, store_summary, log_forecasts],
)
