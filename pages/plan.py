"""Plan: the cycle's milestones, how each stands and why, and what people say beside the evidence."""

from datetime import timedelta

import streamlit as st

from models.milestones import MilestoneState, standings
from models.permissions import Action
from models.plan import CYCLE_DAYS, Milestone
from models.status import Status
from models.wording import count, day_month
from reports.charts.plan import Phase as Band
from reports.charts.plan import plan as plan_chart
from reports.charts.theme import PLAN_BAR, legend
from reports.plan import milestone_table, plan_frame
from services import plan as planning
from ui import charts, frame, navigation
from ui.drawer import attempt, drawer, form

engagement = frame.engagement()
summary, on = frame.head("Plan", engagement)
cycle = engagement.cycle()
plan = standings(summary, on)
by_id = {milestone.id: milestone for milestone in cycle.milestones}
may_plan = frame.may(engagement, Action.PLAN)
done = sum(row.state is MilestoneState.DONE for row in plan)


def state_a_claim(milestone: Milestone) -> None:
    def fields(key) -> None:
        st.selectbox("The milestone is", planning.CLAIMS, key=key("says"))
        st.text_area(
            "Because", key=key("reason"), placeholder="What you know that the evidence doesn't show yet"
        )
        last = on + timedelta(days=planning.LONGEST_CLAIM_DAYS)
        st.date_input("Until", on + timedelta(days=7), key=key("expires_on"), min_value=on, max_value=last)

    def body() -> None:
        st.write(
            f"Your claim on **{frame.escaped(milestone.name)}** is shown beside the computed state. It never replaces "
            "it, and it expires."
        )
        form(
            "claim",
            fields,
            lambda who, given: planning.state_claim(who, engagement.slug, milestone.id, **given),
            button="State the claim",
            said=f"Stated a claim on {milestone.name}",
        )

    drawer("State a claim", body)


def waive_a_milestone(milestone: Milestone) -> None:
    def fields(key) -> None:
        st.text_area("Reason", key=key("reason"))
        st.text_input("Approved by", key=key("approver"), placeholder=engagement.sponsor)
        st.date_input("Until", on + timedelta(days=30), key=key("expires_on"), min_value=on)

    def body() -> None:
        st.write(
            f"Until the date, **{frame.escaped(milestone.name)}** needn't be met and doesn't count as late."
        )
        form(
            "waiver",
            fields,
            lambda who, given: planning.waive(who, engagement.slug, milestone.id, **given),
            button="Waive the milestone",
            said=f"Waived {milestone.name}",
        )

    drawer("Waive a milestone", body)


def link_evidence(milestone: Milestone) -> None:
    def fields(key) -> None:
        st.text_input("What it shows", key=key("title"))
        st.text_input("Link", key=key("link"), placeholder="https://")
        st.date_input("Dated", on, key=key("dated"), max_value=on)

    def body() -> None:
        form(
            "evidence",
            fields,
            lambda who, given: planning.link_evidence(who, engagement.slug, milestone.id, **given),
            button="Link the evidence",
            said=f"Linked evidence to {milestone.name}",
        )

    drawer("Link evidence", body)


def change_milestone(milestone: Milestone) -> None:
    def fields(key) -> None:
        st.text_input("Name", milestone.name, key=key("name"))
        st.number_input("How much it needs", 1, 1000, milestone.needed, key=key("needed"))
        st.number_input("Starts on day", 1, CYCLE_DAYS, milestone.start_day, key=key("start_day"))
        st.number_input("Due on day", 1, CYCLE_DAYS, milestone.due_day, key=key("due_day"))

    def body() -> None:
        form(
            "milestone",
            fields,
            lambda who, given: planning.change_milestone(
                who, engagement.slug, milestone.id, seen=milestone.version, **given
            ),
            button="Change the milestone",
            said=f"Changed {milestone.name}",
        )

    drawer("Change a milestone", body)


def add_a_milestone() -> None:
    phases = {phase.id: phase for phase in cycle.phases}

    def fields(key) -> None:
        st.text_input("Name", key=key("name"))
        st.selectbox("Phase", list(phases), format_func=lambda phase: phases[phase].name, key=key("phase_id"))
        st.number_input("Starts on day", 1, CYCLE_DAYS, 1, key=key("start_day"))
        st.number_input("Due on day", 1, CYCLE_DAYS, 30, key=key("due_day"))

    def body() -> None:
        st.write("A milestone of your own is done once somebody links dated evidence to it.")
        form(
            "own milestone",
            fields,
            lambda who, given: planning.add_milestone(who, engagement.slug, **given),
            button="Add the milestone",
            said="Added the milestone",
        )

    drawer("Add a milestone", body)


with st.container(border=True):
    st.header("Where we are in the 90 days")
    st.markdown(
        legend([Status.ON_TRACK, Status.AT_RISK, Status.OFF_TRACK, Status.DONE, Status.PLANNED, PLAN_BAR])
    )
    bands = [
        Band(phase.name, phase.from_day, phase.to_day)
        for phase in sorted(cycle.phases, key=lambda phase: phase.number)
    ]
    charts.draw("plan", engagement, lambda: plan_chart(plan_frame(plan, on), cycle.day_1, on, bands), on)
    st.caption(
        f"{done} of {count(len(plan), 'milestone')} done. Grey is the plan, colour is what is now expected."
    )

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
                    with st.popover("More", type="tertiary"):
                        if milestone.criterion == "evidence_linked":
                            st.button(
                                "Link evidence",
                                key=f"link {milestone.id}",
                                on_click=link_evidence,
                                args=(milestone,),
                            )
                        st.button(
                            "State a claim",
                            key=f"claim {milestone.id}",
                            on_click=state_a_claim,
                            args=(milestone,),
                        )
                        if row.claim is not None:
                            st.button(
                                "Withdraw the claim",
                                key=f"withdraw {milestone.id}",
                                on_click=lambda claim=row.claim: attempt(
                                    "withdraw",
                                    lambda who: planning.withdraw_claim(who, engagement.slug, claim.id),
                                    "Withdrew the claim",
                                ),
                            )
                        st.button(
                            "Waive it",
                            key=f"waive {milestone.id}",
                            on_click=waive_a_milestone,
                            args=(milestone,),
                        )
                        if row.waiver is not None:
                            st.button(
                                "Revoke the waiver",
                                key=f"revoke {milestone.id}",
                                on_click=lambda waiver=row.waiver: attempt(
                                    "revoke",
                                    lambda who: planning.revoke_waiver(who, engagement.slug, waiver.id),
                                    "Revoked the waiver",
                                ),
                            )
                        st.button(
                            "Change it",
                            key=f"change {milestone.id}",
                            on_click=change_milestone,
                            args=(milestone,),
                        )
if may_plan:
    st.button("Add a milestone", on_click=add_a_milestone)

with st.expander("The same as a table"):
    st.table(milestone_table(plan).map(frame.escaped), hide_index=True)

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
