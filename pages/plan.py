"""Plan: the cycle's milestones, how each stands and why, and what people say beside the evidence."""

import streamlit as st

from models.milestones import MilestoneState, standings
from models.permissions import Action
from models.plan import CYCLE_DAYS
from models.wording import count, day_month
from reports.plan import milestone_table
from services import plan as planning
from ui import frame, html, milestone_drawer, navigation
from ui.drawer import attempt, drawer
from ui.plan_chart import where_we_are

engagement = frame.engagement()
summary, on = frame.head("Plan", engagement)
cycle = engagement.cycle()
plan = standings(summary, on)
by_id = {milestone.id: milestone for milestone in cycle.milestones}
may_plan = frame.may(engagement, Action.PLAN)
done = sum(row.state is MilestoneState.DONE for row in plan)

said = f"{done} of {count(len(plan), 'milestone')} done. Grey is the plan, colour is what is now expected."
html.show(where_we_are(engagement, plan, on, html.faint(said)))

st.header("Milestones, and why")
for phase in sorted(cycle.phases, key=lambda phase: phase.number):
    st.subheader(f"Days {phase.from_day} to {phase.to_day}: {frame.escaped(phase.name)}")
    of_phase = [row for row in plan if row.milestone.phase == phase.number]
    if not of_phase:
        st.write("Nothing is due in these days.")
    for row in of_phase:
        milestone = by_id[row.milestone.id]
        with st.container(border=True):
            words, actions = st.columns([5, 1], vertical_alignment="center")
            state = frame.badge_text(row.state.status, row.state.value.capitalize())
            words.markdown(f"**{frame.escaped(milestone.name)}** {state}")
            words.markdown(frame.escaped(row.reason))
            if row.claim is not None:
                words.markdown(
                    f":material/record_voice_over: {frame.escaped(row.claim.by)} claims: "
                    f"**{frame.escaped(row.claim.says)}**: {frame.escaped(row.claim.reason)} "
                    f"(until {day_month(row.claim.until)})"
                )
            for piece in milestone.evidence:
                words.markdown(f"{frame.linked(piece.title, piece.link)}, {day_month(piece.dated)}")
            with actions:
                if row.finding.page != "plan":
                    navigation.link(row.finding.page, engagement.slug, label="See the evidence")
                if may_plan:
                    milestone_drawer.more(engagement, milestone, row, on)
if may_plan:
    st.button("Add a milestone", on_click=milestone_drawer.add, args=(engagement,))

html.show(html.folded("The same as a table", html.table(milestone_table(plan).to_dict("list"), "Milestones")))

st.header("Cycles")
st.write("There is no end date: closing a cycle carries what is unfinished into the next one.")
for each in engagement.cycles:
    state = (
        f"closed {day_month(each.closed_on)}" if each.closed_on
        else "current" if each.id == cycle.id else "planned"
    )  # fmt: skip
    st.markdown(
        f"- Cycle {each.number}: {day_month(each.day_1)} to {day_month(each.date_of(CYCLE_DAYS))} "
        f"{each.date_of(CYCLE_DAYS).year}, {state}"
    )


def close_the_cycle() -> None:
    left = len(plan) - done

    def body() -> None:
        st.write(
            f"Cycle {cycle.number} is closed as of today, and {count(left, 'unfinished milestone')} "
            f"{'moves' if left == 1 else 'move'} into cycle {cycle.number + 1}. A closed cycle can't be opened again."
        )
        st.button(
            f"Close cycle {cycle.number}",
            type="primary",
            key="close for good",
            on_click=attempt,
            args=(
                "close",
                lambda who: planning.close_cycle(who, engagement.slug),
                f"Closed cycle {cycle.number}",
            ),
        )

    drawer(f"Close cycle {cycle.number}", body)


if may_plan and cycle.closed_on is None:
    with st.container(horizontal=True):
        if summary.next_cycle_on is None:
            st.button(
                f"Plan cycle {cycle.number + 1}",
                on_click=lambda: attempt(
                    "next cycle",
                    lambda who: planning.plan_next_cycle(who, engagement.slug),
                    f"Planned cycle {cycle.number + 1}",
                ),
            )
        st.button(f"Close cycle {cycle.number}", on_click=close_the_cycle)
