"""Plan: the cycle's milestones, the status of each and why, and what people claim about them."""

import streamlit as st
from markupsafe import Markup

from models.milestones import MilestoneState, MilestoneStatus, milestone_statuses
from models.permissions import Action
from models.plan import CYCLE_DAYS, Milestone
from models.reopening import closed_last, what_was_built_on
from models.wording import count, day_month
from services.plan import cycles, reopening
from store.notes import note_counts
from ui import frame, html
from ui.current_user import actor
from ui.drawer import attempting, drawer, open_from_address
from ui.plan import milestone_dialogs
from ui.plan.plan_chart import plan_card

PHASE = Markup('<div class="hw"><h3>{title}</h3><p>{nothing}</p></div>')

engagement = frame.engagement()
summary, on = frame.head("Plan", engagement)
cycle = engagement.cycle()
plan = milestone_statuses(summary, on)
by_id = {milestone.id: milestone for milestone in cycle.milestones}
may_plan = frame.may(engagement, Action.PLAN)
noted = note_counts(actor(), engagement.slug, "milestone")
done = sum(row.state is MilestoneState.DONE for row in plan)

caption = f"{done} of {count(len(plan), 'milestone')} done. Grey is the plan, colour is what is now expected."
html.show(plan_card(engagement, plan, on, html.caption(caption)))


def milestone_card(milestone: Milestone, row: MilestoneStatus) -> Markup:
    """Return a milestone's status and why, what somebody claims about it, and the evidence linked to it."""
    claim = row.claim
    linked = [
        html.join([html.external_link(evidence.title, evidence.link), f", {day_month(evidence.dated)}"])
        for evidence in milestone.evidence
    ]
    return html.render(
        "milestone.html",
        name=milestone.name,
        state=html.badge(row.status, row.label),
        reason=row.reason,
        claim=claim,
        claim_until=claim and day_month(claim.until),
        linked=html.plain_list(linked),
        evidence=""
        if row.finding.page == "plan"
        else html.link(row.finding.page, engagement.slug, "See the evidence"),
    )


html.show(html.section("Milestones and their status"))
for phase in sorted(cycle.phases, key=lambda phase: phase.number):
    of_phase = [row for row in plan if row.milestone.phase == phase.number]
    title = f"Days {phase.from_day} to {phase.to_day}: {phase.name}"
    html.show(PHASE.format(title=title, nothing="" if of_phase else "Nothing is due in these days."))
    for row in of_phase:
        milestone = by_id[row.milestone.id]
        with st.container(border=True):
            text, actions = st.columns([7, 1], vertical_alignment="center")
            with text:
                html.show(milestone_card(milestone, row))
            with actions:
                if may_plan:
                    milestone_dialogs.actions_menu(engagement, milestone, row, on)
                milestone_dialogs.notes_button(milestone, noted.get(milestone.id, 0))
milestones = [milestone for each in engagement.cycles for milestone in each.milestones]
open_from_address({"milestone": (milestones, lambda row: milestone_dialogs.open_notes(engagement, row))})
if may_plan:
    st.button("Add a milestone", on_click=milestone_dialogs.add_milestone, args=(engagement,))

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
            f"{'moves' if left == 1 else 'move'} into cycle {cycle.number + 1}. "
            f"It can be opened again while nothing was built on cycle {cycle.number + 1}."
        )
        st.button(
            f"Close cycle {cycle.number}",
            type="primary",
            key="close for good",
            on_click=attempting(
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
                on_click=attempting(
                    "next cycle",
                    lambda who: cycles.plan_next_cycle(who, engagement.slug),
                    f"Planned cycle {cycle.number + 1}",
                ),
            )
        st.button(f"Close cycle {cycle.number}", on_click=close_the_cycle)

last_closed = closed_last(engagement)
if may_plan and last_closed is not None:
    built = what_was_built_on(engagement, last_closed)
    if built:
        st.caption(
            f"Cycle {last_closed.number} can't be opened again: {built} in cycle {last_closed.number + 1}."
        )
    else:
        st.button(
            f"Open cycle {last_closed.number} again",
            help="Takes back what closing it made: the milestones that it carried on, and the next cycle unless that "
            "was planned before.",
            on_click=attempting(
                "open again",
                lambda who: reopening.reopen_cycle(who, engagement.slug),
                f"Opened cycle {last_closed.number} again",
            ),
        )
