"""The inventory's view of what a change costs: one picture, the list beside it, and what was done about the costliest."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from analysis.cost_of_change import CostOfChange, Pair
from models.engagement import Engagement
from models.names import normalize_name
from models.surveys import Survey
from models.wording import join_list
from reports.charts.cost import LEGEND, cost_of_change
from reports.charts.theme import legend
from reports.frames import cost_of_change as rows
from ui import frame, html, markdown, navigation
from ui.charts import draw

MAX_PAIRS = 10


def show_cost_of_change(engagement: Engagement, on: date) -> None:
    """Draw the view."""
    surveys = rows.repositories(engagement)
    if not surveys:
        frame.empty(
            "No repository was surveyed yet",
            "A clone's history says which systems change most, and how many others each change touches. Say in the "
            "inventory where each system's code lies (repository:path), then survey the clone: “manage.py survey”, or "
            "the script on the Imports page.",
        )
        html.show(html.link("imports", engagement.slug, "Survey a repository"), width="content")
        return
    survey = _chosen(surveys)
    costs = rows.costs_of(engagement, survey)
    with st.container(border=True):
        _show_picture(engagement, survey, costs, on)
    _show_list(engagement, rows.list_rows(engagement, costs))
    _show_pairs(engagement, rows.unexplained_pairs(engagement, costs))
    st.header("How far a change reaches")
    st.markdown(markdown.escaped(rows.propagation_sentence(engagement)))


def _chosen(surveys: list[Survey]) -> Survey:
    """Return the survey of the repository that is looked at, and draw the choice where there are several."""
    if len(surveys) == 1:
        return surveys[0]
    by_id = {survey.id: survey for survey in surveys}
    chosen = st.selectbox(
        "Repository", list(by_id), format_func=lambda row_id: by_id[row_id].repository, width=260
    )
    return by_id[chosen]


def _show_picture(engagement: Engagement, survey: Survey, costs: CostOfChange, on: date) -> None:
    st.header(rows.headline(costs))
    stale = "" if survey.is_fresh(on) else ":orange-badge[:material/warning: Out of date] "
    st.caption(stale + markdown.escaped(rows.scope(survey)))
    if to_check := rows.clone_to_check(costs):
        st.caption(f":orange-badge[:material/warning: Old clone] {markdown.escaped(to_check)}")
    html.show(legend(LEGEND))
    draw(
        "cost of change",
        engagement,
        lambda: cost_of_change(rows.points(costs, _evidence_links(engagement))),
        survey.id,
        *navigation.as_of().values(),
        scrolls_below=None,
        width="content",
        title=rows.headline(costs),
        note=rows.scope(survey),
    )
    st.caption(
        "Systems of fewer than 20 changes are in the list, not in the picture: their averages are noise."
    )


def _evidence_links(engagement: Engagement) -> dict[str, str]:
    """Return the address of each system's page, where its evidence is, by its normalized name."""
    return {
        normalize_name(row.name): navigation.address("inventory", engagement.slug, system=str(row.id))
        for row in engagement.systems
    }


def _show_list(engagement: Engagement, listed: list[dict[str, Any]]) -> None:
    st.header("The same as a list")
    cells = {
        "System": [
            html.title_link("inventory", engagement.slug, row["name"], system=str(row["system"].id))
            if row["system"]
            else row["name"]
            for row in listed
        ],
        "Note": [row["mark"] for row in listed],
        "Changes a month": [row["changes"] for row in listed],
        "Others touched": [row["others"] for row in listed],
        "System changes": [row["system_changes"] for row in listed],
        "What answers it": [row["answer"] for row in listed],
    }
    html.show(html.table(cells, "What a change of each system costs, the costliest first", 640))


def _show_pairs(engagement: Engagement, pairs: list[Pair]) -> None:
    st.header("Change together without a known dependency")
    if not pairs:
        st.write("None: wherever systems change together often, the inventory knows why.")
        return
    lines = [
        f"- **{markdown.escaped(pair.a)}** and **{markdown.escaped(pair.b)}**: {pair.shared} shared changes, "
        f"{pair.share:.0f} % of their average ({markdown.escaped(join_list(list(pair.commits), most=5))})"
        for pair in pairs[:MAX_PAIRS]
    ]
    st.markdown("\n".join(lines))
    html.show(
        html.link("inventory", engagement.slug, "Record the dependency", view="Dependencies"), width="content"
    )
