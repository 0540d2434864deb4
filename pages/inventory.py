"""The inventory: its systems, what depends on what, and what hurts; and one system at a time (`&system=ID`)."""

import itertools
from typing import Any

import pandas as pd
import streamlit as st
from markupsafe import Markup

from models.inventory import (
    CRITICALITIES,
    DEPENDENCY_KINDS,
    FREQUENCIES,
    HIGHEST_SEVERITY,
    LIFECYCLES,
    LOWEST_SEVERITY,
    System,
)
from models.milestones import milestone_status
from models.permissions import Action
from models.traces import newest_traces
from models.wording import count, day_month, join_list
from reports.charts.graph import LEGEND, graph
from reports.charts.matrix import matrix
from reports.charts.theme import legend
from reports.frames import inventory as lists
from services.inventory import dependencies, pain_points
from services.inventory import systems as system_use_cases
from ui import frame, grids, html, markdown
from ui.charts import draw
from ui.inventory.cost_view import show_cost_of_change
from ui.inventory.review_marks import mark_reviewed
from ui.inventory.seen_calls import show_seen_calls
from ui.inventory.system_view import button_to, open_system, show_asked_system, text_table
from ui.markdown import escaped

VIEWS = ["Systems", "Dependencies", "Matrix", "Graph", "Pain points", "Cost of change"]
# Systems or loops that a short list names.
MAX_SHOWN = 6
# With more systems the picture takes the page's width.
MAX_SYSTEMS_BESIDE = 16

engagement = frame.engagement()
slug = engagement.slug
systems, coupling = lists.in_order(engagement), lists.coupling(engagement)
called = {row.name: row for row in systems}
may_edit = frame.may(engagement, Action.EDIT_INVENTORY)
text, choice = st.column_config.TextColumn, st.column_config.SelectboxColumn


def gap_line(sentence: str, lacking: list[System]) -> Markup:
    """Return what is missing, with a link to each system that it is about."""
    links = [html.text_link("inventory", slug, row.name, system=str(row.id)) for row in lacking[:MAX_SHOWN]]
    more = f" and {len(lacking) - MAX_SHOWN} more" if len(lacking) > MAX_SHOWN else ""
    return html.join([html.bold(sentence), ": " if links else "", html.join(links, ", "), more])


def read_only(shown: pd.DataFrame, columns: dict[str, Any], alt: str) -> None:
    """Draw the list of a grid for those who may not edit it."""
    st.dataframe(
        shown, hide_index=True, column_order=list(columns), column_config=columns, placeholder="", alt=alt
    )


if "system" in st.query_params:
    show_asked_system(engagement, st.query_params["system"])
    st.stop()

amounts = [
    count(len(systems), "system"),
    count(len(engagement.dependencies), "dependency", "dependencies"),
    count(len(engagement.pain_points), "pain point"),
]
summary, on = frame.head(
    "Inventory", engagement, f"{engagement.name} for {engagement.client}: {', '.join(amounts)}."
)


def open_chosen() -> None:
    open_system(st.session_state["chosen system"])
    st.session_state["chosen system"] = None


with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    view = st.segmented_control(
        "View",
        VIEWS,
        default=VIEWS[0],
        required=True,
        key="view",
        bind="query-params",
        label_visibility="collapsed",
        wrap=True,
    )
    if systems:
        st.selectbox(
            "Open a system",
            [row.id for row in systems],
            None,
            {row.id: row.name for row in systems}.__getitem__,
            key="chosen system",
            on_change=open_chosen,
            placeholder="Open a system",
            label_visibility="collapsed",
            width=260,
        )

if view == "Systems":
    if not systems:
        frame.empty(
            "No system is in the inventory yet",
            "The first milestone asks what there is, whose it is and how much hangs on it. "
            "Paste the list from a spreadsheet below, or import a file. For example: Loan core, owner Ada Obi, "
            "criticality high, reviewed on 2026-11-20.",
        )
        html.show(html.link("imports", slug, "Import a file"), width="content")
    else:
        milestone = next((row for row in summary.milestones if row.criterion == "systems_inventoried"), None)
        with st.container(border=True):
            st.header("What is missing")
            if milestone is not None:
                status = milestone_status(summary, milestone, on)
                ready = (
                    f"{len(summary.inventory.ready_on)} of {count(len(systems), 'system')} fully described"
                )
                badge = markdown.badge(status.status, status.label)
                st.markdown(f"{badge} {ready}; the milestone is due {day_month(milestone.due_on)}.")
            gaps = lists.gaps(engagement)
            nothing = html.paragraph(
                "Nothing: every system is fully described, and pain points are recorded."
            )
            html.show(html.bullet_list(itertools.starmap(gap_line, gaps)) or nothing)
            if may_edit:
                mark_reviewed(slug, lists.unreviewed(engagement), on)
    shown = lists.systems(engagement)
    columns = {
        "name": text("Name", width="medium"),
        "kind": text("Kind"),
        "owner": text("Owner"),
        "criticality": text("Criticality", help=f"One of {', '.join(CRITICALITIES)}."),
        "technology": text("Technology"),
        "lifecycle": text("Lifecycle", help=f"One of {', '.join(LIFECYCLES)}."),
        "standalone": st.column_config.CheckboxColumn(
            "Standalone", help="It has no dependencies, and needs none."
        ),
        "reviewed_on": text(
            "Reviewed on",
            help="The date, such as 2026-11-20, on which its owner said that this row is right.",
        ),
        "note": text("Note"),
        "code": text(
            "Code", help="Where its code lies, as repository:path; several with semicolons between."
        ),
        "missing": text("Missing", disabled=True),
    }

    def save_systems(who: Any, edits: grids.Edits) -> str:
        system_use_cases.save(who, slug, **edits.as_lists(reviewed_on="date of the review"))
        return edits.text("system")

    if may_edit:
        grids.grid(
            "systems",
            shown,
            columns,
            save=save_systems,
            button="Save systems",
            alt="The systems, one a row.",
            kind="systems",
        )
    elif systems:
        read_only(shown, columns, "The systems, one a row.")

elif not systems:
    frame.empty(
        "No system is in the inventory yet",
        "Dependencies, their pictures and pain points are about systems: add those first.",
    )

elif view == "Dependencies":
    if not engagement.dependencies:
        frame.empty(
            "No dependency is recorded yet",
            "What depends on what decides what can be changed first. Paste the list from a spreadsheet below. "
            "For example: from Portal to Loan core, call.",
        )
    names = list(called)
    shown = lists.dependencies(engagement)
    columns = {
        "from": choice("From", options=names, width="medium", help="The system that depends."),
        "to": choice("To", options=names, width="medium", help="The system that it depends on."),
        "kind": choice("Kind", options=DEPENDENCY_KINDS),
        "note": text("Note", width="large"),
    }
    alt = "The dependencies, one a row: from, to, kind and note."

    def save_dependencies(who: Any, edits: grids.Edits) -> str:
        dependencies.save(who, slug, **edits.as_lists())
        return edits.text("dependency", "dependencies")

    if may_edit:
        grids.grid(
            "dependencies",
            shown,
            columns,
            save=save_dependencies,
            button="Save dependencies",
            alt=alt,
            kind="dependencies",
        )
    elif engagement.dependencies:
        read_only(shown, columns, alt)
    show_seen_calls(engagement, newest_traces(engagement, on))

elif view == "Pain points":
    if not engagement.pain_points:
        frame.empty(
            "No pain point is recorded yet",
            "What hurts, where and how often says which workflow is worth building first. Add them below. For example: "
            "Loan core, the status is a day old, severity 3 of 5, daily.",
        )
    shown = lists.pain_points(engagement)
    columns = {
        "system": choice("System", options=list(called), width="medium"),
        "title": text("Pain point", width="large"),
        "severity": st.column_config.NumberColumn(
            "Severity",
            min_value=LOWEST_SEVERITY,
            max_value=HIGHEST_SEVERITY,
            step=1,
            help="1 is mild, 5 is worst.",
        ),
        "frequency": choice("Frequency", options=FREQUENCIES),
        "note": text("Note", width="medium"),
    }
    alt = "The pain points, one a row: system, title, severity, frequency and note."

    def save_pain_points(who: Any, edits: grids.Edits) -> str:
        pain_points.save(who, slug, **edits.as_lists())
        return edits.text("pain point")

    if may_edit:
        grids.grid(
            "pain points",
            shown,
            columns,
            save=save_pain_points,
            button="Save pain points",
            alt=alt,
            kind="pain_points",
        )
    elif engagement.pain_points:
        read_only(shown, columns, alt)

elif view == "Cost of change":
    show_cost_of_change(engagement, on)

elif not engagement.dependencies:
    frame.empty(
        "No dependency is recorded yet",
        f"The {view.lower()} shows what depends on what, and which systems hang together in loops. "
        "Record the dependencies first.",
    )

else:
    loops, cuts, most = coupling.loops(), coupling.cuts(), coupling.most_depended_on()
    in_pairs = lists.pairs(engagement)
    if len(systems) > MAX_SYSTEMS_BESIDE:
        above, below = st.container(), st.container(border=True)
        left, right = above.columns(2)
        for_loops, for_most = (
            left.container(border=True, height="stretch"),
            right.container(border=True, height="stretch"),
        )
        for_picture = below
    else:
        wide, narrow = st.columns([5, 2])
        for_loops = for_most = narrow.container(border=True)
        for_picture = wide.container(border=True)
    with for_picture:
        if view == "Matrix":
            st.header("Dependency matrix")
            st.caption(
                "Rows depend on columns. A number says in how many ways. Ordered so that dependencies fall below the "
                "diagonal; an amber frame marks those within a loop."
            )
            draw(
                "matrix",
                engagement,
                lambda pairs, systems: matrix(pairs, list(systems["name"])),
                rows=lambda: [in_pairs, pd.DataFrame({"name": list(called)})],
                scrolls_below=None,
                title="Dependency matrix",
                note=f"Rows depend on columns. {engagement.name}, as of {day_month(on)} {on.year}.",
            )
        else:
            st.header("Dependency graph")
            st.caption("Each system stands above what it depends on.")
            html.show(legend(LEGEND))
            draw(
                "graph",
                engagement,
                graph,
                rows=lambda: [lists.boxes(engagement), lists.dependencies(engagement)],
                scrolls_below=None,
                title="Dependency graph",
                note=f"Each system is above what it depends on. {engagement.name}, as of {day_month(on)} {on.year}.",
            )
    with for_loops:
        st.header("Loops to cut first")
        if not loops:
            st.write("None: each system can be changed after those that it depends on.")
        for loop in loops[:MAX_SHOWN]:
            cut = [f"{a} depends on {b}" for a, b in cuts if a in loop and b in loop]
            st.markdown(f"- {escaped(join_list(loop, most=len(loop)))}")
            st.caption(f"Cut where {escaped(join_list(cut, most=len(cut)))}.")
        if len(loops) > MAX_SHOWN:
            st.caption(f"And {count(len(loops) - MAX_SHOWN, 'larger loop')}.")
    with for_most:
        st.header("Most depended on")
        with st.container(horizontal=True, gap="small"):
            for name, number in most[:MAX_SHOWN]:
                button_to(called[name], "most", f": {count(number, 'system')}")
    with st.expander("The same as a table"):
        text_table(
            lists.pair_texts(in_pairs, coupling),
            alt="Each pair of systems, how the first depends on the second, and whether that is within a loop.",
        )
