"""The versions of a metric's definition, field by field, and whether its baseline's data still stand."""

from __future__ import annotations

from markupsafe import Markup

from models.engagement import Engagement
from models.metrics import Metric
from models.wording import day_month
from reports.metrics.definitions import Version, versions
from ui import html

MAX_VERSIONS = 20
VERSION = Markup("<div><strong>{head}</strong>{changes}</div>")


def versions_of(engagement: Engagement, metric: Metric) -> Markup:
    """Return every version with what it changed, the newest first. A metric that never changed has nothing to show."""
    history = versions(metric)
    if len(history) < 2:
        return Markup()
    shown = [_version(engagement, metric, version) for version in history[:MAX_VERSIONS]]
    title = f"Versions of the definition: {len(history)}"
    return html.collapsible(title, html.join([*shown, html.more(len(history) - MAX_VERSIONS, "version")]))


def _version(engagement: Engagement, metric: Metric, version: Version) -> Markup:
    on = engagement.date_of(version.defined_at)
    signed = [sign.signed_by for sign in metric.sign_offs if sign.digest == version.digest]
    seal = f", signed by {' and '.join(dict.fromkeys(signed))}" if signed else ""
    head = f"Version {version.number}: {version.defined_by}, {day_month(on)} {on.year}{seal}"
    changes = html.bullet_list(map(html.difference, version.differences)) or html.bullet_list(
        ["The first version."]
    )
    return VERSION.format(head=head, changes=changes)
