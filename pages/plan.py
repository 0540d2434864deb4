"""Plan: the cycle's milestones, how each stands and why, and what people say beside the evidence."""

import streamlit as st
from markupsafe import Markup

from models.milestones import MilestoneState, MilestoneStatus, milestone_statuses
from models.permissions import Action
from models.plan import CYCLE_DAYS, Milestone
from models.wording import count, day_month
from services.plan import cycles
from ui import frame, html
from ui.drawer import attempt, drawer
from ui.plan import milestone_drawer
from ui.plan.plan_chart import where_we_are

PHASE = Markup('<div class="hw"><h3>{title}</h3><p>{nothing}</p></div>')

engagement = frame.engagement()
summary, on = frame.head("Plan", engagement)
cycle = engagement.cycle()
plan = milestone_statuses(summary, on)
by_id = {milestone.id: milestone for milestone in cycle.milestones}
may_plan = frame.may(engagement, Action.PLAN)
done = sum(row.state is MilestoneState.DONE for row in plan)

said = f"{done} of {count(len(plan), 'milestone')} done. Grey is the plan, colour is what is now expected."
html.show(where_we_are(engagement, plan, on, html.faint(said)))


def described(milestone: Milestone, row: MilestoneStatus) -> Markup:
    """Return a milestone's status and its reason, what somebody claims beside that, and the evidence linked to it."""
    claim = row.claim
    linked = [
        html.joined([html.outside(evidence.title, evidence.link), f", {day_month(evidence.dated)}"])
        for evidence in milestone.evidence
    ]
    return html.render(
        "milestone.html",
        name=milestone.name,
        state=html.badge(row.state.status, row.state.value.capitalize()),
        reason=row.reason,
        claim=claim,
        claim_until=claim and day_month(claim.until),
        linked=html.lines(linked),
        evidence=""
        if row.finding.page == "plan"
        else html.link(row.finding.page, engagement.slug, "See the evidence"),
    )


html.show(html.part("Milestones, and why"))
for phase in sorted(cycle.phases, key=lambda phase: phase.number):
    of_phase = [row for row in plan if row.milestone.phase == phase.number]
    title = f"Days {phase.from_day} to {phase.to_day}: {phase.name}"
    html.show(PHASE.format(title=title, nothing="" if of_phase else "Nothing is due in these days."))
    for row in of_phase:
        milestone = by_id[row.milestone.id]
        with st.container(border=True):
            words, actions = st.columns([7, 1], vertical_alignment="center")
            with words:
                html.show(described(milestone, row))
            with actions:
                if may_plan:
                    milestone_drawer.more(engagement, milestone, row, on)
if may_plan:
    st.button("Add a milestone", on_click=milestone_drawer.add, args=(engagement,))

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
                lambda who: cycles.close_cycle(who, engagement.slug),
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
                    lambda who: cycles.plan_next_cycle(who, engagement.slug),
                    f"Planned cycle {cycle.number + 1}",
                ),
            )
        st.button(f"Close cycle {cycle.number}", on_click=close_the_cycle)
