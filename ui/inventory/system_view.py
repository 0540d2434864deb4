"""One system: what is known of it, what depends on it, what a change of it can reach, and what people said of it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from analysis.coupling import Coupling
from models.engagement import Engagement
from models.inventory import System
from models.permissions import Action
from models.wording import count, day_month, join_list
from reports.charts.graph import graph
from reports.frames import inventory as lists
from ui import frame, html
from ui.charts import draw
from ui.drawer import take_out_of_address
from ui.inventory.contracts_view import show_contracts
from ui.inventory.review_marks import mark_reviewed
from ui.inventory.system_cost import show_cost_of_system
from ui.inventory.system_dialog import edit_system
from ui.markdown import escaped

# Pixels below which a table scrolls within its card.
MIN_TABLE_WIDTH = 640


def open_system(system_id: int) -> None:
    """Name this system in the address, so that it is shown."""
    st.query_params["system"] = str(system_id)


def button_to(row: System, where: str, more: str = "") -> None:
    """Draw a button that opens a system; `where` names the part of the page that it is in."""
    label, key = escaped(row.name) + more, f"open {where} {row.id}"
    st.button(label, key=key, type="tertiary", on_click=open_system, args=(row.id,))


def text_table(rows: list[dict[str, Any]], alt: str) -> None:
    """Draw a table; what people typed is shown as they typed it."""
    shown = pd.DataFrame(rows).map(lambda cell: "" if pd.isna(cell) else str(cell))
    html.show(html.table(shown.to_dict("list"), alt, MIN_TABLE_WIDTH))


def show_asked_system(engagement: Engagement, asked: str) -> None:
    """Draw the system whose id the address gives, or say that there is none."""
    system = next((row for row in engagement.systems if str(row.id) == asked), None)
    if system is not None:
        show_system(engagement, system)
        return
    st.title("Not found, or not shared with you")
    st.write("There is no such system in this engagement. It may have been removed since the link was made.")
    html.show(html.link("inventory", engagement.slug, "Open the inventory"), width="content")


def show_system(engagement: Engagement, system: System) -> None:
    """Draw a system with all that is known of it."""
    may_edit = frame.may(engagement, Action.EDIT_INVENTORY)
    coupling = lists.coupling(engagement)
    frame.head(system.name, engagement, f"A system of {engagement.name} for {engagement.client}.")
    with st.container(horizontal=True, vertical_alignment="center"):
        back = ":material/arrow_back:"
        st.button("All systems", icon=back, on_click=take_out_of_address, args=("system",))
        if may_edit:
            edit = (engagement.slug, system)
            st.button("Edit system", icon=":material/edit:", on_click=edit_system, args=edit)
    _facts(engagement, system, may_edit)
    _dependencies(system, coupling)
    _replacements(engagement, system)
    _reach(engagement, system, coupling.all_dependents(system.name))
    show_cost_of_system(engagement, system, frame.today(engagement))
    show_contracts(engagement, system, frame.today(engagement), may_edit)
    _pain_points(engagement, system)
    _workflows(engagement, system)


def _facts(engagement: Engagement, system: System, may_edit: bool) -> None:
    known = {
        "Owner": system.owner,
        "Kind": system.kind,
        "Criticality": system.criticality,
        "Technology": system.technology,
        "Lifecycle": system.lifecycle,
        "Reviewed": system.reviewed_on and day_month(system.reviewed_on),
    }
    with st.container(border=True):
        facts = " · ".join(f"{name}: {value}" for name, value in known.items() if value)
        st.markdown(escaped(facts) or "Nothing but its name is known of it.")
        if system.note:
            st.markdown(escaped(system.note))
        missing = system.missing()
        if not missing:
            st.markdown(":blue-badge[:material/task_alt: Fully described]")
            return
        st.markdown(f":orange-badge[:material/warning: Missing] {escaped(join_list(missing, most=4))}")
        if may_edit and system in lists.unreviewed(engagement):
            mark_reviewed(engagement.slug, [system], frame.today(engagement))


def _dependencies(system: System, coupling: Coupling) -> None:
    reached, reaching = coupling.all_dependents(system.name), coupling.all_needs(system.name)
    sides = [
        ("Depends on it", lists.by_kind(system.needed_by, "source"), reached, "No system depends on it."),
        ("It depends on", lists.by_kind(system.needs, "target"), reaching, "It depends on no other system."),
    ]
    for column, (title, direct, everything, nothing) in zip(st.columns(2), sides, strict=True):
        with column.container(border=True, height="stretch"):
            st.header(title)
            if not direct:
                st.write(nothing)
            with st.container(horizontal=True, gap="small"):
                for row, kinds in direct:
                    button_to(row, title, f" ({kinds})")
            through = [name for name in everything if name not in {row.name for row, _ in direct}]
            if through:
                st.caption(f"Through others: {escaped(join_list(through, most=len(through)))}")


def _replacements(engagement: Engagement, system: System) -> None:
    moves = lists.replacements_of(engagement, system)
    if not moves:
        return
    st.header("Replacements")
    with st.container(horizontal=True):
        for label, row in moves:
            address = html.link("replacements", engagement.slug, label, replacement=str(row.id))
            html.show(address, width="content")


def _reach(engagement: Engagement, system: System, reached: list[str]) -> None:
    if not reached:
        return
    st.header("What a change of it can reach")
    near = [system.name, *reached]
    nearby, joined = lists.boxes(engagement), lists.dependencies(engagement)
    nearby = nearby[nearby["name"].isin(near)]
    joined = joined[joined["from"].isin(near) & joined["to"].isin(near)]
    with st.container(border=True):
        st.caption(
            f"A change of it can reach {count(len(reached), 'system')}, each above what it depends on."
        )
        draw(
            "reach",
            engagement,
            graph,
            system.id,
            rows=lambda: [nearby, joined],
            scrolls_below=None,
            width="content",
            title=f"What a change of {system.name} can reach",
            note=engagement.name,
        )


def _pain_points(engagement: Engagement, system: System) -> None:
    st.header("Pain points")
    frictions = lists.frictions_of(system) if frame.may(engagement, Action.READ_INTERVIEWS) else []
    if system.pain_points:
        text_table(lists.hurts(system, frictions), alt=f"Pain points of {system.name}, the worst first.")
    else:
        st.write("None are recorded.")
    if frictions:
        st.header("What interviewees said")
        text_table(lists.friction_texts(frictions), alt=f"What interviewees said of {system.name}.")


def _workflows(engagement: Engagement, system: System) -> None:
    links = html.plain_list(
        html.record_link(
            "workflow", engagement.slug, use.workflow, f"{use.workflow.name} ({use.workflow.state})"
        )
        for use in system.in_workflows
    )
    html.show(html.section("Workflows", links or html.paragraph("No workflow runs over it.")))
