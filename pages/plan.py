"""Plan: the cycle's milestones, how each stands and why, and what people say beside the evidence."""

from datetime import timedelta

import streamlit as st

from models.milestones import MilestoneState, standings
from models.permissions import Action
from models.plan import CYCLE_DAYS
from models.status import Status
from models.wording import count, day_month
from reports.charts.plan import Phase as Band
from reports.charts.plan import plan as plan_chart
from reports.charts.theme import PLAN_BAR, legend
from reports.plan import milestone_table, plan_frame
from services import plan as planning
from ui import charts, feedback, frame, navigation
from ui.who import actor

engagement = frame.engagement()
summary, on = frame.head("Plan", engagement)
cycle = engagement.cycle()
plan = standings(summary, on)
by_id = {milestone.id: milestone for milestone in cycle.milestones}
may_plan = frame.may(engagement, Action.PLAN)
done = sum(row.state is MilestoneState.DONE for row in plan)


def attempt(form: str, use_case, said: str) -> None:
    """Carry out a use case of this page's forms, once for each time that the form is drawn."""
    if feedback.attempt(lambda: use_case(actor(once=feedback.submission(form))), said):
        feedback.renew(form)


@st.dialog("State a claim", position="right")
def state_a_claim(milestone) -> None:
    st.write(
        f"Your claim on **{frame.escaped(milestone.name)}** is shown beside the computed state. It never replaces it, "
        "and it expires."
    )

    def save() -> None:
        given = st.session_state
        attempt(
            "claim",
            lambda who: planning.state_claim(
                who, engagement.slug, milestone.id,
                says=given["claim says"], reason=given["claim reason"], expires_on=given["claim until"],
            ),
            f"Stated a claim on {milestone.name}",
        )  # fmt: skip

    with st.form("claim", border=False):
        st.selectbox("The milestone is", planning.CLAIMS, key="claim says")
        st.text_area(
            "Because", key="claim reason", placeholder="What you know that the evidence doesn't show yet"
        )
        last = on + timedelta(days=planning.LONGEST_CLAIM_DAYS)
        st.date_input("Until", on + timedelta(days=7), key="claim until", min_value=on, max_value=last)
        if st.form_submit_button("State the claim", type="primary", on_click=save):
            st.rerun()


@st.dialog("Waive a milestone", position="right")
def waive_a_milestone(milestone) -> None:
    st.write(f"Until the date, **{frame.escaped(milestone.name)}** needn't be met and doesn't count as late.")

    def save() -> None:
        given = st.session_state
        attempt(
            "waiver",
            lambda who: planning.waive(
                who, engagement.slug, milestone.id, reason=given["waiver reason"],
                approver=given["waiver approver"], expires_on=given["waiver until"],
            ),
            f"Waived {milestone.name}",
        )  # fmt: skip

    with st.form("waiver", border=False):
        st.text_area("Reason", key="waiver reason")
        st.text_input("Approved by", key="waiver approver", placeholder=engagement.sponsor)
        st.date_input("Until", on + timedelta(days=30), key="waiver until", min_value=on)
        if st.form_submit_button("Waive the milestone", type="primary", on_click=save):
            st.rerun()


@st.dialog("Link evidence", position="right")
def link_evidence(milestone) -> None:
    def save() -> None:
        given = st.session_state
        attempt(
            "evidence",
            lambda who: planning.link_evidence(
                who, engagement.slug, milestone.id, title=given["evidence title"],
                link=given["evidence link"], dated=given["evidence dated"],
            ),
            f"Linked evidence to {milestone.name}",
        )  # fmt: skip

    with st.form("evidence", border=False):
        st.text_input("What it shows", key="evidence title")
        st.text_input("Link", key="evidence link", placeholder="https://")
        st.date_input("Dated", on, key="evidence dated", max_value=on)
        if st.form_submit_button("Link the evidence", type="primary", on_click=save):
            st.rerun()


@st.dialog("Change a milestone", position="right")
def change_milestone(milestone) -> None:
    def save() -> None:
        given = st.session_state
        attempt(
            "milestone",
            lambda who: planning.change_milestone(
                who, engagement.slug, milestone.id, name=given["milestone name"], needed=given["milestone needed"],
                start_day=given["milestone start"], due_day=given["milestone due"], seen=milestone.version,
            ),
            f"Changed {given['milestone name']}",
        )  # fmt: skip

    with st.form("milestone", border=False):
        st.text_input("Name", milestone.name, key="milestone name")
        st.number_input("How much it needs", 1, 1000, milestone.needed, key="milestone needed")
        st.number_input("Starts on day", 1, CYCLE_DAYS, milestone.start_day, key="milestone start")
        st.number_input("Due on day", 1, CYCLE_DAYS, milestone.due_day, key="milestone due")
        if st.form_submit_button("Change the milestone", type="primary", on_click=save):
            st.rerun()


@st.dialog("Add a milestone", position="right")
def add_a_milestone() -> None:
    st.write("A milestone of your own is done once somebody links dated evidence to it.")
    phases = {phase.id: phase for phase in cycle.phases}

    def save() -> None:
        given = st.session_state
        attempt(
            "own milestone",
            lambda who: planning.add_milestone(
                who, engagement.slug, phase_id=given["own phase"], name=given["own name"],
                start_day=given["own start"], due_day=given["own due"],
            ),
            f"Added {given['own name']}",
        )  # fmt: skip

    with st.form("own milestone", border=False):
        st.text_input("Name", key="own name")
        st.selectbox("Phase", list(phases), format_func=lambda key: phases[key].name, key="own phase")
        st.number_input("Starts on day", 1, CYCLE_DAYS, 1, key="own start")
        st.number_input("Due on day", 1, CYCLE_DAYS, 30, key="own due")
        if st.form_submit_button("Add the milestone", type="primary", on_click=save):
            st.rerun()


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
    for row in (row for row in plan if row.milestone.phase == phase.number):
        milestone = by_id[row.milestone.id]
        with st.container(border=True):
            words, actions = st.columns([5, 1], vertical_alignment="center")
            state = frame.badge_text(row.state.status, row.state.value.capitalize())
            words.markdown(f"**{frame.escaped(milestone.name)}** {state}")
            words.markdown(frame.escaped(row.reason))
            if row.claim is not None:
                words.markdown(
                    f":material/record_voice_over: {frame.escaped(row.claim.by)} claims: "
                    f"**{frame.escaped(row.claim.says)}**, {frame.escaped(row.claim.reason)} "
                    f"(until {day_month(row.claim.until)})"
                )
            for piece in milestone.evidence:
                words.markdown(f"[{frame.escaped(piece.title)}]({piece.link}), {day_month(piece.dated)}")
            with actions:
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
    st.table(milestone_table(plan), hide_index=True)

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


@st.dialog(f"Close cycle {cycle.number}")
def close_the_cycle() -> None:
    left = len(plan) - done
    st.write(
        f"Cycle {cycle.number} is closed as of today, and {count(left, 'unfinished milestone')} "
        f"{'moves' if left == 1 else 'move'} into cycle {cycle.number + 1}. A closed cycle can't be opened again."
    )

    def close() -> None:
        attempt(
            "close", lambda who: planning.close_cycle(who, engagement.slug), f"Closed cycle {cycle.number}"
        )

    if st.button(f"Close cycle {cycle.number}", type="primary", on_click=close):
        st.rerun()


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
