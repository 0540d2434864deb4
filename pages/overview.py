"""Overview: where the engagement stands, why, and what to do next."""

from datetime import UTC, datetime, time, timedelta

import streamlit as st

from models.golden_thread import gaps
from models.health import health_of
from models.milestones import MilestoneState, standings
from models.outcomes import outcomes
from models.permissions import Action
from models.pitfalls import pitfalls
from models.status import Status
from models.units import say_factor, unit
from models.wording import count, day_month, days, days_ago, past, upper_first
from reports.charts.plan import Phase as Band
from reports.charts.plan import plan as plan_chart
from reports.charts.theme import PLAN_BAR, legend
from reports.frames.history import acts_since
from reports.plan import plan_frame
from ui import charts, frame, navigation
from ui.who import actor

GAPS_SHOWN, ACTS_SHOWN, OUTCOMES_SHOWN = 6, 8, 6
CHANGED_WITHIN_DAYS = 7

engagement = frame.engagement()
people = f"Sponsor {engagement.sponsor or 'not named'}. Lead {engagement.lead}."
summary, on = frame.head(engagement.name, engagement, f"{engagement.client}. {people}")
slug = engagement.slug
plan, metrics = standings(summary, on), outcomes(summary, on)
health = health_of(summary, plan, metrics, on)
cycle = engagement.cycle()

with st.container(border=True):
    st.header("Where we are in the 90 days")
    st.markdown(
        legend([Status.ON_TRACK, Status.AT_RISK, Status.OFF_TRACK, Status.DONE, Status.PLANNED, PLAN_BAR])
    )
    phases = sorted(cycle.phases, key=lambda phase: phase.number)
    bands = [Band(phase.name, phase.from_day, phase.to_day) for phase in phases]
    charts.draw("plan", engagement, lambda: plan_chart(plan_frame(plan, on), cycle.day_1, on, bands), on)
    navigation.link("plan", slug, label="See the plan, and why each milestone stands so")

st.header("Health, and why")
with st.grid(5, min_column_width=170):
    for check in health.checks:
        with st.container(border=True, height="stretch"):
            st.markdown(f"**{check.name}**")
            frame.badge(check.status)
            st.markdown(frame.escaped(check.reason) + ("" if check.due else " (not due yet)"))
            navigation.link(check.page, slug, label="See the evidence")
st.caption("Overall health is the worst of the checks that are due. Nobody can set it by hand.")

left, right = st.columns([3, 2])
with left.container(border=True):
    st.header("Outcomes against baseline")
    if not metrics:
        st.write("No metric is defined yet, so nobody can say what this work changes.")
        navigation.link("metrics", slug, label="Define the first metric")
    else:
        with st.grid(3, min_column_width=170):
            for outcome in metrics[:OUTCOMES_SHOWN]:
                metric, measure = outcome.metric, unit(outcome.metric.unit)
                with st.container(gap="xsmall"):
                    known = metric.current is not None
                    st.metric(frame.escaped(metric.name), measure.say(metric.current) if known else "–")
                    frame.badge(outcome.status)
                    factor = f"{say_factor(outcome.factor)} better, " if (outcome.factor or 0) > 1 else ""
                    from_where = f"{factor}baseline {measure.say(metric.baseline)}"
                    st.caption(frame.escaped(from_where if metric.baseline is not None else "no baseline"))
                    if metric.seal != "signed":
                        said = "Changed after signing" if metric.seal == "broken" else "Not signed"
                        st.caption(f":orange[:material/lock_open: {said}]")
                    if metric.is_stale(on):
                        st.caption(f":orange[Out of date:] last measured {days_ago(metric.last_on, on)}")
        navigation.link("metrics", slug, label=f"See {count(len(metrics), 'metric')}")

with right.container(border=True):
    st.header("Needs a decision")
    waiting = sorted(
        (decision for decision in engagement.decisions if decision.is_open),
        key=lambda decision: (decision.needed_by is None, decision.needed_by, decision.id),
    )
    for decision in waiting:
        by = "no date" if decision.needed_by is None else f"by {day_month(decision.needed_by)}"
        overdue = decision.needed_by is not None and decision.needed_by < on
        st.markdown(
            f"**{frame.escaped(decision.title)}**  \n{frame.escaped(decision.owner)}, {by}{', overdue' * overdue}"
        )
    for row in plan:
        if row.state is MilestoneState.LATE:
            st.markdown(
                f"**{frame.escaped(row.milestone.name)} is late**  \nMeet it, move it or waive it: "
                f"{frame.escaped(engagement.lead)}"
            )
    if summary.next_cycle_on is None and summary.day(on) > 75 and summary.closed_on is None:
        st.markdown(
            f"**Plan the next cycle**  \n{frame.escaped(engagement.lead)}, before {day_month(cycle.date_of(90))}"
        )
    if not waiting and not any(row.state is MilestoneState.LATE for row in plan):
        st.write("Nothing waits for a decision.")
    navigation.link("decisions", slug, label="See all decisions")

left, right = st.columns(2)
with left.container(border=True):
    st.header("Pitfalls")
    for pitfall in pitfalls(summary, on):
        st.markdown(f"{frame.badge_text(pitfall.status)} {pitfall.name}  \n{frame.escaped(pitfall.reason)}")
    navigation.link("pitfalls", slug, label="See signals and answer this week's checks")

with right.container(border=True):
    st.header("Gaps in the golden thread")
    st.caption("From what users struggle with to what is measured: where the thread is cut.")
    cut = gaps(engagement)
    if not frame.may(engagement, Action.READ_INTERVIEWS):
        cut = [gap for gap in cut if gap.page != "interviews"]
    if not cut:
        st.write("The thread is whole, or nothing is recorded yet that could be cut.")
    for gap in cut[:GAPS_SHOWN]:
        st.markdown(f"- {frame.escaped(upper_first(gap.said))}")
    if len(cut) > GAPS_SHOWN:
        st.caption(f"And {len(cut) - GAPS_SHOWN} more.")

st.header(f"What changed in the last {days(CHANGED_WITHIN_DAYS)}")
since = datetime.combine(on - timedelta(days=CHANGED_WITHIN_DAYS), time(), UTC)
acts = acts_since(actor(), slug, since, up_to=frame.revision())
if not acts:
    st.write("Nothing was recorded.")
for act in acts[:ACTS_SHOWN]:
    when, often = (
        day_month(engagement.date_of(act.at)),
        f"{act.times} times" if act.times > 1 else act.touched,
    )
    st.markdown(f"- {when}: {frame.escaped(act.actor)} {past(act.use_case)} ({often})")
if len(acts) > ACTS_SHOWN:
    st.caption(f"And {count(len(acts) - ACTS_SHOWN, 'more change')}.")
