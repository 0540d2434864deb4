"""Interviews: who was asked, what they struggle with, and whether more interviews would teach more."""

import streamlit as st

from analysis.coupling import name_key
from models.milestones import milestone_statuses
from models.people import Actor
from models.permissions import Action
from models.wording import day_month
from reports.charts.heat_map import heat_map
from reports.charts.saturation import LEGEND
from reports.charts.saturation import saturation as saturation_chart
from reports.charts.theme import legend
from reports.frames import interviews as rows
from services.interviews import frictions
from ui import charts, feedback, frame, grids, html, markdown, navigation
from ui.current_user import actor
from ui.interviews import friction_grid, interview_lists, on_paper, same_person
from ui.interviews.interview_dialog import plan_interview, record_interview
from ui.interviews.interview_view import show_interview
from ui.memoize import memoize

# So many are shown without scrolling.
HELD_SHOWN = 15
ANY_THEME, ANY_SYSTEM = "All themes", "All systems"

engagement = frame.engagement()
summary, on = frame.head("Interviews", engagement)
slug = engagement.slug
may_record = frame.may(engagement, Action.RECORD_INTERVIEWS)
may_read = frame.may(engagement, Action.READ_INTERVIEWS)


if may_read and "interview" in st.query_params:
    show_interview(engagement, on, st.query_params["interview"], may_record=may_record)
    st.stop()

milestone = next(
    (row for row in milestone_statuses(summary, on) if row.milestone.criterion == "users_interviewed"), None
)
interviewed = sum(when <= on for when in summary.end_users_on)
held, planned = rows.held(engagement), rows.planned(engagement)
themes = rows.themes(engagement.frictions)
learned, taught = memoize("learning", engagement, lambda: rows.learning(held))

with st.container(border=True):
    html.show(interview_lists.progress(milestone, interviewed, len(held), len(planned), themes))
    if may_record and engagement.interviews:
        with st.container(horizontal=True):
            if st.button("Record an interview", type="primary"):
                record_interview(engagement, on)
            if st.button("Plan an interview"):
                plan_interview(engagement, on)

asked = navigation.take_act("planned")
if may_record and asked.get("do") == "record":
    wanted = next((row for row in planned if str(row.id) == asked.get("planned")), None)
    record_interview(engagement, on, wanted)

if not may_read:
    st.write("What interviewees said stays with the team, so a sponsor sees the counts only.")
    st.stop()

if not engagement.interviews:
    frame.empty(
        "No interview is planned or recorded yet.",
        "Without them, features are built on assumptions instead of on what people were seen to struggle with. "
        "Ask people who work with the systems every day. For example: an underwriter waits for the credit report several "
        "times a day, severity 4 of 5.",
    )
    if may_record:
        with st.container(horizontal=True):
            if st.button("Record the first interview", type="primary"):
                record_interview(engagement, on)
            if st.button("Plan the first interview"):
                plan_interview(engagement, on)
        html.show(html.link("imports", slug, "Or import interviews from a file"), width="content")
    st.stop()

html.show(
    memoize(
        "planned interviews",
        engagement,
        lambda: interview_lists.next_interviews(slug, planned, on, may_record=may_record),
        on, may_record, str(navigation.as_of()),
    )
)  # fmt: skip

if themes:
    st.header("Where it hurts")
    chart, reader = st.columns([2, 1])
    with chart.container(border=True):
        first = themes[0]
        st.markdown(f"**{markdown.escaped(first.name)}** comes up most: {first.text}.")
        charts.draw(
            "theme by system",
            engagement,
            heat_map,
            rows=lambda: [rows.themes_by_system(engagement.frictions)],
            scrolls_below=None,
            title="Frictions by theme and system",
            note=f"{engagement.name}, as of {day_month(on)} {on.year}.",
        )
        st.caption("Frictions by theme and system. The number counts them.")
        html.show(memoize("table of themes", engagement, lambda: interview_lists.table_of_themes(themes)))
    with reader.container(border=True):
        theme = st.selectbox("Theme", [ANY_THEME, *(theme_row.name for theme_row in themes)], key="theme")
        of_theme = [row for row in engagement.frictions if theme in (ANY_THEME, row.theme)]
        systems = sorted({rows.system_name(row) for row in of_theme}, key=name_key)
        system = st.selectbox("System", [ANY_SYSTEM, *systems])
        shown = [row for row in of_theme if system in (ANY_SYSTEM, rows.system_name(row))]
        html.show(interview_lists.worst_frictions(slug, shown))
        if may_record and theme != ANY_THEME:

            def rename() -> None:
                name = st.session_state["new name of a theme"]
                if feedback.attempt(
                    lambda: frictions.rename_theme(actor(), slug, theme, name),
                    f"Renamed the theme to {name}",
                ):
                    # The old name can't be chosen any more.
                    del st.session_state["theme"]

            with st.popover("Rename the theme", type="tertiary"), st.form("rename", border=False):
                st.text_input(
                    "New name", theme, key="new name of a theme", max_chars=frictions.MAX_THEME,
                    help="With the name of another theme, the two become one.",
                )  # fmt: skip
                st.form_submit_button("Rename the theme", on_click=rename)

if held:
    st.header("What each interview still teaches")
    with st.container(border=True):
        st.markdown(f"**{taught.sentence}**")
        html.show(legend(LEGEND))
        charts.draw(
            "saturation",
            engagement,
            lambda frame: saturation_chart(frame, taught.stopped_after),
            taught.stopped_after,
            rows=lambda: [learned],
            scrolls_below=480,
            title="What each interview still teaches",
            note=f"{taught.sentence} {engagement.name}, as of {day_month(on)} {on.year}.",
        )
        st.caption("Themes known after each interview, and how many of them it was the first to bring.")

    st.header("Interviews held")
    newest_first = list(reversed(held))
    by_label = {rows.dated_name(row): row for row in newest_first}

    def open_chosen() -> None:
        label = st.session_state["open interview"]
        if label:
            st.query_params["interview"] = str(by_label[label].id)

    def open_clicked() -> None:
        clicked = newest_first[st.session_state["clicked interview"]["row"]]
        st.query_params["interview"] = str(clicked.id)

    st.selectbox(
        "Open an interview", list(by_label), index=None, key="open interview", on_change=open_chosen,
        placeholder="Choose by name and date", width=360,
    )  # fmt: skip
    config = st.column_config
    st.dataframe(
        memoize("list of interviews held", engagement, lambda: rows.held_list(held, taught)),
        hide_index=True,
        height="content" if len(held) <= HELD_SHOWN else "auto",
        column_config={
            "interviewee": config.ButtonColumn(
                "Interviewee",
                type="tertiary",
                alignment="left",
                on_click=open_clicked,
                key="clicked interview",
            ),
            "held_on": config.DateColumn("Held on", format="D MMM YYYY"),
            "role": "Role",
            "team": "Team",
            "end_user": config.CheckboxColumn("End user"),
            "interviewer": "Interviewer",
            "frictions": config.NumberColumn("Frictions"),
            "new": config.NumberColumn(
                "New themes", help="Themes that this interview was the first to bring"
            ),
        },
        alt="Interviews held, newest first: " + "; ".join(by_label),
    )
    html.show(memoize("held on paper", engagement, lambda: on_paper.table_of_held(held, taught)))

    st.header("Frictions")

    def save(who: Actor, edits: grids.Edits) -> str:
        return (
            f"Saved frictions: {frictions.save(who, slug, friction_grid.friction_edits(engagement, edits))}"
        )

    in_use = [markdown.escaped(theme) for theme in friction_grid.themes_in_use(engagement)]
    if in_use:
        st.caption(
            f"Themes in use: {', '.join(in_use)}. The same theme in other capitals or spacing stays the same."
        )
    friction_table = memoize("friction rows", engagement, lambda: rows.friction_rows(engagement.frictions))
    if may_record:
        grids.grid(
            "frictions",
            friction_table,
            friction_grid.columns(engagement),
            save=save,
            button="Save frictions",
            alt="Grid of frictions: interview, theme, what was observed, severity, how often and where",
            kind="frictions",
        )
    else:
        columns = friction_grid.columns(engagement)
        st.dataframe(
            friction_table,
            hide_index=True,
            column_order=list(columns),
            column_config=columns,
            alt="Frictions",
        )
    html.show(
        memoize("frictions on paper", engagement, lambda: on_paper.table_of_frictions(engagement.frictions))
    )

if may_record and not engagement.hide_interviewees:
    same_person.show(engagement)
