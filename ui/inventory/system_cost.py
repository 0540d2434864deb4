"""On a system's page: what surveys say that a change of it costs, with the commits behind it."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from models.engagement import Engagement
from models.inventory import System
from models.wording import join_list
from reports.frames import cost_of_change as rows
from ui import html
from ui.markdown import escaped

MIN_TABLE_WIDTH = 640


def show_cost_of_system(engagement: Engagement, system: System, on: date) -> None:
    """Draw the newest survey of each repository that holds code of this system; nothing without one."""
    evidence_by_survey = rows.evidence_of(engagement, system)
    if not evidence_by_survey:
        return
    st.header("What a change of it costs")
    for evidence in evidence_by_survey:
        with st.container(border=True):
            stale = "" if evidence.survey.is_fresh(on) else ":orange-badge[:material/warning: Out of date] "
            st.markdown(stale + escaped(evidence.sentence))
            _show_pairs(evidence)
            st.caption(escaped(rows.scope(evidence.survey)))
    href = html.link("inventory", engagement.slug, "Compare all systems", view="Cost of change")
    html.show(href, width="content")


def _show_pairs(evidence: rows.Evidence) -> None:
    pairs = evidence.pairs
    if not pairs:
        st.write("It changes together with no other system five times or more.")
        return
    cells: dict[str, list[Any]] = {
        "Changes together with": [evidence.other(pair) for pair in pairs],
        "Shared changes": [pair.shared for pair in pairs],
        "Of their average": [f"{pair.share:.0f} %" for pair in pairs],
        "Dependency": ["known" if pair.dependency else "not known" for pair in pairs],
        "Commits": [join_list(list(pair.commits), most=5) for pair in pairs],
    }
    html.show(html.table(cells, f"What changes together with {evidence.cost.name}", MIN_TABLE_WIDTH))
