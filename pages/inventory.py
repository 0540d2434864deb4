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
from ui.inventory.contracts_view import show_contracts
from ui.inventory.cost_view import show_cost_of_change
from ui.inventory.review_marks import mark_reviewed
from ui.inventory.seen_calls import show_seen_calls
from ui.inventory.system_dialog import edit_system
from ui.markdown import escaped

VIEWS = ["Systems", "Dependencies", "Matrix", "Graph", "Pain points", "Cost of change"]
# Systems or loops that a short list names.
MAX_SHOWN = 6
# With more systems the picture takes the page's width.
MAX_SYSTEMS_BESIDE = 16
# Pixels below which a table scrolls within its card.
MIN_TABLE_WIDTH = 640

engagement = frame.engagement()
slug = engagement.slug
systems, coupling = lists.in_order(engagement), lists.coupling(engagement)
called = {row.name: row for row in systems}
may_edit = frame.may(engagement, Action.EDIT_INVENTORY)
text, choice = st.column_config.TextColumn, st.column_config.SelectboxColumn


def open_system(system_id: int) -> None:
    st.query_params["system"] = str(system_id)


def button_to(row: System, where: str, more: str = "") -> None:
    """Draw a button that opens a system; `where` names the part of the page that it is in."""
    label, key = escaped(row.name) + more, f"open {where} {row.id}"
    st.button(label, key=key, type="tertiary", on_click=open_system, args=(row.id,))


def table(rows: list[dict[str, Any]], alt: str) -> None:
    """Draw a table; what people typed is shown as they typed it."""
    shown = pd.DataFrame(rows).map(lambda cell: "" if pd.isna(cell) else str(cell))
    html.show(html.table(shown.to_dict("list"), alt, MIN_TABLE_WIDTH))


def gap_line(sentence: str, lacking: list[System]) -> Markup:
    """Return what is missing, with a link to each system that it is about."""
    links = [html.title_link("inventory", slug, row.name, system=str(row.id)) for row in lacking[:MAX_SHOWN]]
    more = f" and {len(lacking) - MAX_SHOWN} more" if len(lacking) > MAX_SHOWN else ""
    return html.join([html.bold(sentence), ": " if links else "", html.join(links, ", "), more])


def read_only(shown: pd.DataFrame, columns: dict[str, Any], alt: str) -> None:
    """Draw the list of a grid for those who may not edit it."""
    st.dataframe(
        shown, hide_index=True, column_order=list(columns), column_config=columns, placeholder="", alt=alt
    )


# --- One system --------------------------------------------------------------------------------------------------

if "system" in st.query_params:
    system = next((row for row in systems if str(row.id) == st.query_params["system"]), None)
    if system is None:
        st.title("Not found, or not shared with you")
        st.write(
            "There is no such system in this engagement. It may have been removed since the link was made."
        )
        html.show(html.link("inventory", slug, "Open the inventory"), width="content")
        st.stop()

    frame.head(system.name, engagement, f"A system of {engagement.name} for {engagement.client}.")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("All systems", icon=":material/arrow_back:", on_click=st.query_params.pop, args=("system",))
        if may_edit:
            st.button("Edit system", icon=":material/edit:", on_click=edit_system, args=(slug, system))

    with st.container(border=True):
        facts = [
            f"{word}: {value}"
            for word, value in [
                ("Owner", system.owner),
                ("Kind", system.kind),
                ("Criticality", system.criticality),
                ("Technology", system.technology),
                ("Lifecycle", system.lifecycle),
                ("Reviewed", system.reviewed_on and day_month(system.reviewed_on)),
            ]
            if value
        ]
        st.markdown(escaped(" · ".join(facts)) or "Nothing but its name is known of it.")
        if system.note:
            st.markdown(escaped(system.note))
        missing = system.missing()
        if missing:
            st.markdown(f":orange-badge[:material/warning: Missing] {escaped(join_list(missing, most=4))}")
            if may_edit and system in lists.unreviewed(engagement):
                mark_reviewed(slug, [system], frame.today(engagement))
        else:
            st.markdown(":blue-badge[:material/task_alt: Fully described]")

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

    moves = lists.replacements_of(engagement, system)
    if moves:
        st.header("Replacements")
        with st.container(horizontal=True):
            for label, row in moves:
                html.show(html.link("replacements", slug, label, replacement=str(row.id)), width="content")

    if reached:
        st.header("What a change of it can reach")
        near = [system.name, *reached]
        nearby, joined = lists.boxes(engagement), lists.dependencies(engagement)
        nearby = nearby[nearby["name"].isin(near)]
        joined = joined[joined["from"].isin(near) & joined["to"].isin(near)]
        with st.container(border=True):
            caption = (
                f"A change of it can reach {count(len(reached), 'system')}, each above what it depends on."
            )
            st.caption(caption)
            draw(
                "reach",
                engagement,
                lambda: graph(nearby, joined),
                system.id,
                scrolls_below=None,
                width="content",
                title=f"What a change of {system.name} can reach",
                note=engagement.name,
            )

    show_contracts(engagement, system, frame.today(engagement), may_edit)
    st.header("Pain points")
    frictions = lists.frictions_of(system) if frame.may(engagement, Action.READ_INTERVIEWS) else []
    if system.pain_points:
        table(lists.hurts(system, frictions), alt=f"Pain points of {system.name}, the worst first.")
    else:
        st.write("None are recorded.")
    if frictions:
        st.header("What interviewees said")
        table(lists.friction_texts(frictions), alt=f"What interviewees said of {system.name}.")
    flows = [use.workflow for use in system.in_workflows]
    links = html.plain_list(
        html.record_link("workflow", slug, flow, f"{flow.name} ({flow.state})") for flow in flows
    )
    html.show(html.section("Workflows", links or html.paragraph("No workflow runs over it.")))
    st.stop()


# --- The lists and pictures of all ---------------------------------------------------------------------------------

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
            {row.id: row.name for row in systems}.get,
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
            "Paste the list from a spreadsheet below, or import a file.",
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
            "What depends on what decides what can be changed first. Paste the list from a spreadsheet below.",
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
            "What hurts, where and how often says which workflow is worth building first. Add them below.",
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
                lambda: matrix(in_pairs, list(called)),
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
                lambda: graph(lists.boxes(engagement), lists.dependencies(engagement)),
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
        table(
            lists.pair_texts(in_pairs, coupling),
            alt="Each pair of systems, how the first depends on the second, and whether that is within a loop.",
        )
