"""Interviews: who was asked, what they struggle with, and whether more interviews would teach more."""

import streamlit as st

from analysis.coupling import name_key
from models.interviews import Friction, Interview
from models.milestones import milestone_statuses
from models.people import Actor
from models.permissions import Action
from models.status import Status
from models.wording import count, day_month, days, lower_first, upper_first
from reports.charts.heat_map import heat_map
from reports.charts.saturation import LEGEND
from reports.charts.saturation import saturation as saturation_chart
from reports.charts.theme import legend
from reports.frames import interviews as rows
from services.interviews import frictions
from services.interviews import interviews as interviewing
from ui import charts, feedback, frame, grids, html, markdown
from ui.current_user import actor
from ui.interviews import friction_grid, on_paper, same_person
from ui.interviews.interview_dialog import plan_interview, record_interview
from ui.notes import show_notes

# More of them are read in the grid at the end.
PLANNED_SHOWN, FRICTIONS_SHOWN = 4, 4
# So many are shown without scrolling.
HELD_SHOWN = 15
# In fewer pixels, a table of frictions scrolls sideways.
TABLE_WIDTH = 640
ANY_THEME, ANY_SYSTEM = "All themes", "All systems"

engagement = frame.engagement()
summary, on = frame.head("Interviews", engagement)
slug = engagement.slug
may_record = frame.may(engagement, Action.RECORD_INTERVIEWS)
may_read = frame.may(engagement, Action.READ_INTERVIEWS)


def where_and_how(friction: Friction) -> str:
    """Return "Severity 4 of 5, daily. Billing", escaped for Markdown."""
    places = [place.name for place in (friction.system, friction.workflow) if place is not None]
    return markdown.escaped(". ".join([f"Severity {friction.severity} of 5, {friction.frequency}", *places]))


def when_text(interview: Interview) -> str:
    if interview.held_on is not None:
        return f"Held on {day_month(interview.held_on)} {interview.held_on.year}"
    today = interview.planned_on == on
    return "Planned for " + (
        "today" if today else f"{day_month(interview.planned_on)} {interview.planned_on.year}"
    )


def open_interview(interview_id: int) -> None:
    st.query_params["interview"] = str(interview_id)


def close_interview() -> None:
    del st.query_params["interview"]


# One interview, by its address.
if may_read and "interview" in st.query_params:
    asked_for = st.query_params["interview"]
    interview = next((row for row in engagement.interviews if str(row.id) == asked_for), None)
    st.button("All interviews", icon=":material/arrow_back:", type="tertiary", on_click=close_interview)
    if interview is None:
        st.header("No such interview")
        st.write("It was removed, or the address is wrong.")
        st.stop()

    def remove(interview: Interview) -> None:
        number = len(interview.frictions)
        if feedback.attempt(
            lambda: interviewing.remove_interview(
                actor(), slug, interview.id, with_frictions=number, seen=interview.version
            ),
            "Removed the interview",
        ):
            close_interview()

    with st.container(border=True):
        title, state = st.columns([4, 1], vertical_alignment="center")
        title.header(markdown.escaped(interview.shown_name))
        with state.container(horizontal=True, horizontal_alignment="right"):
            st.badge("End user" if interview.end_user else "Not an end user", color="gray")
        place = ", ".join(filter(None, [interview.role, interview.team]))
        asker = interview.interviewer and f"Interviewer {interview.interviewer}"
        st.caption(markdown.escaped(". ".join(filter(None, [place, when_text(interview), asker])) + "."))
        if interview.summary:
            st.markdown(markdown.escaped(interview.shown_summary))
        elif interview.held_on is not None:
            st.write("No summary was written down.")
        if may_record:
            with st.container(horizontal=True):
                if interview.held_on is None:
                    if st.button("Record the interview", type="primary"):
                        record_interview(engagement, on, interview)
                    if st.button("Change the plan"):
                        plan_interview(engagement, on, interview)
                elif st.button("Change the interview", type="primary"):
                    record_interview(engagement, on, interview)
                with st.popover("Remove", type="tertiary"):
                    frictions_text = count(len(interview.frictions), "friction")
                    goes = (
                        f"The interview and its {frictions_text} are"
                        if interview.frictions
                        else "The interview is"
                    )
                    st.write(f"{goes} removed from every count. The journal keeps what they said.")
                    st.button(
                        f"Remove the interview and {frictions_text}"
                        if interview.frictions
                        else "Remove the interview",
                        on_click=remove,
                        args=(interview,),
                    )

    if interview.held_on is not None:
        st.header(count(len(interview.frictions), "friction") if interview.frictions else "No frictions")
    if interview.frictions:
        worst_first = sorted(interview.frictions, key=lambda friction: (-friction.severity, friction.id))
        table = rows.friction_rows(worst_first)
        html.show(
            html.table(
                {
                    "What was observed": table["observed"],
                    "Theme": table["theme"],
                    "Severity": table["severity"].map("{} of 5".format),
                    "How often": table["frequency"],
                    "System": table["system"].fillna(""),
                    "Workflow": table["workflow"].fillna(""),
                },
                "Frictions of the interview, worst first",
                TABLE_WIDTH,
            )
        )
    show_notes(engagement, "interview", interview.id)
    st.stop()

milestone = next(
    (row for row in milestone_statuses(summary, on) if row.milestone.criterion == "users_interviewed"), None
)
interviewed = sum(when <= on for when in summary.end_users_on)
held, planned = rows.held(engagement), rows.planned(engagement)
themes = rows.themes(engagement.frictions)
learned, taught = rows.learning(held)

with st.container(border=True):
    if milestone is None:
        st.header(f"{count(interviewed, 'end user')} interviewed")
    else:
        finding = milestone.finding
        title, state = st.columns([4, 1], vertical_alignment="center")
        title.header(finding.text)
        with state.container(horizontal=True, horizontal_alignment="right"):
            html.show(html.badge(milestone.status, milestone.label), width="content")
        st.progress(min(finding.have / finding.needed, 1.0))
        pace = (
            milestone.reason.removeprefix(finding.text)
            .lstrip(";, ")
            .removesuffix(f": {lower_first(finding.text)}")
        )
        st.markdown(f"{markdown.escaped(upper_first(pace))}.")
    st.caption(
        f"{count(len(held), 'interview')} held, {len(planned)} planned. "
        f"{count(summary.frictions, 'friction')} in {count(len(themes), 'theme')}."
    )
    if may_record and engagement.interviews:
        with st.container(horizontal=True):
            if st.button("Record an interview", type="primary"):
                record_interview(engagement, on)
            if st.button("Plan an interview"):
                plan_interview(engagement, on)

if may_record and st.query_params.get("do") == "record":
    # A link led here to record one: once.
    del st.query_params["do"]
    record_interview(engagement, on)

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

if planned:
    st.header("Next interviews")
    with st.container(border=True):
        for interview in planned[:PLANNED_SHOWN]:
            text, action = st.columns([5, 1], vertical_alignment="center")
            with text:
                with st.container(horizontal=True, vertical_alignment="center"):
                    st.button(
                        f"**{markdown.escaped(interview.shown_name)}**", type="tertiary", on_click=open_interview,
                        args=(interview.id,), key=f"planned {interview.id}",
                    )  # fmt: skip
                    late = (on - interview.planned_on).days
                    if late > 0:
                        html.show(
                            html.badge(Status.AT_RISK, f"{days(late)} ago, not recorded"), width="content"
                        )
                place = ", ".join(filter(None, [interview.role, interview.team]))
                st.caption(markdown.escaped(". ".join(filter(None, [when_text(interview), place])) + "."))
            if may_record and action.button("Record interview", key=f"record {interview.id}"):
                record_interview(engagement, on, interview)
        if len(planned) > PLANNED_SHOWN:
            st.caption(f"And {len(planned) - PLANNED_SHOWN} later.")

if themes:
    st.header("Where it hurts")
    chart, reader = st.columns([2, 1])
    with chart.container(border=True):
        first = themes[0]
        st.markdown(f"**{markdown.escaped(first.name)}** comes up most: {first.text}.")
        charts.draw(
            "theme by system",
            engagement,
            lambda: heat_map(rows.themes_by_system(engagement.frictions)),
            scrolls_below=None,
            title="Frictions by theme and system",
            note=f"{engagement.name}, as of {day_month(on)} {on.year}.",
        )
        st.caption("Frictions by theme and system. The number counts them.")
        html.show(
            html.table(
                {
                    "Theme": [theme_row.name for theme_row in themes],
                    "People": [theme_row.people for theme_row in themes],
                    "Frictions": [theme_row.frictions for theme_row in themes],
                    "Mean severity": [f"{theme_row.severity:.1f} of 5" for theme_row in themes],
                },
                "Themes, the one that comes up most first",
            )
        )
    with reader.container(border=True):
        theme = st.selectbox("Theme", [ANY_THEME, *(theme_row.name for theme_row in themes)], key="theme")
        of_theme = [row for row in engagement.frictions if theme in (ANY_THEME, row.theme)]
        systems = sorted({rows.system_name(row) for row in of_theme}, key=name_key)
        system = st.selectbox("System", [ANY_SYSTEM, *systems])
        shown = [row for row in of_theme if system in (ANY_SYSTEM, rows.system_name(row))]
        shown.sort(key=lambda row: (-row.severity, row.id))
        for friction in shown[:FRICTIONS_SHOWN]:
            with st.container(gap=None):
                st.markdown(f"**{markdown.escaped(friction.shown_observed)}**  \n{where_and_how(friction)}")
                st.button(
                    markdown.escaped(rows.dated_name(friction.interview)), type="tertiary", on_click=open_interview,
                    args=(friction.interview_id,), key=f"interview of {friction.id}",
                )  # fmt: skip
        if len(shown) > FRICTIONS_SHOWN:
            st.caption(f"The worst {FRICTIONS_SHOWN} of {len(shown)}. All of them are in the grid below.")
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
            lambda: saturation_chart(learned, taught.stopped_after),
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
            open_interview(by_label[label].id)

    def open_clicked() -> None:
        open_interview(newest_first[st.session_state["clicked interview"]["row"]].id)

    st.selectbox(
        "Open an interview", list(by_label), index=None, key="open interview", on_change=open_chosen,
        placeholder="Choose by name and date", width=360,
    )  # fmt: skip
    config = st.column_config
    st.dataframe(
        rows.held_list(held, taught),
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
    on_paper.show_held(held, taught)

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
    friction_table = rows.friction_rows(engagement.frictions)
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
    on_paper.show_frictions(engagement.frictions)

if may_record and not engagement.hide_interviewees:
    same_person.show(engagement)
