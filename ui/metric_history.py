"""The versions of a metric's definition, field by field, and whether its baseline's data still stand."""

from __future__ import annotations

import streamlit as st

from models.engagement import Engagement
from models.metrics import Metric
from models.wording import count, day_month
from reports.definitions import Version, versions
from ui.frame import escaped

MOST_VERSIONS = 20


def versions_of(engagement: Engagement, metric: Metric) -> None:
    """Every version with what it changed, the newest first. A metric that never changed has nothing to show."""
    found = versions(metric)
    if len(found) < 2:
        return
    st.header("Versions of the definition")
    for version in found[:MOST_VERSIONS]:
        _version(engagement, metric, version)
    if len(found) > MOST_VERSIONS:
        st.caption(f"And {count(len(found) - MOST_VERSIONS, 'earlier version')}.")


def _version(engagement: Engagement, metric: Metric, version: Version) -> None:
    on = engagement.date_of(version.defined_at)
    signed = [sign.signed_by for sign in metric.sign_offs if sign.digest == version.digest]
    seal = f", signed by {' and '.join(dict.fromkeys(signed))}" if signed else ""
    head = f"Version {version.number}: {version.defined_by}, {day_month(on)} {on.year}{seal}"
    lines = [
        f"- {escaped(one.field)}: {escaped(one.before)} → **{escaped(one.after)}**"
        for one in version.differences
    ]
    st.markdown("\n".join([f"**{escaped(head)}**", *(lines or ["- The first version."])]))
