"""Overview: where the engagement stands, why, and what to do next."""

from datetime import UTC, datetime, time, timedelta

import streamlit as st
from markupsafe import Markup

from models.golden_thread import gaps
from models.health import Check, health_of
from models.milestones import MilestoneState, standings
from models.outcomes import Outcome, outcomes
from models.permissions import Action
from models.pitfalls import pitfalls
from models.units import say_factor, unit
from models.wording import count, day_month, days, days_ago, past, upper_first
from reports.frames.history import acts_since
from ui import frame, html, navigation
from ui.plan_chart import where_we_are
from ui.who import actor

GAPS_SHOWN, ACTS_SHOWN, OUTCOMES_SHOWN = 6, 8, 6
CHANGED_WITHIN_DAYS = 7
# Pixels: below this, a card stands under the one before it.
LEAST_CARD = 170
CHECK = Markup(
    '<section class="hw-card"><strong>{name}</strong><span>{badge}</span><p>{reason}</p>{link}</section>'
)
TILE = Markup(
    '<section><p class="hw-faint">{name}</p><p class="hw-figure">{current}</p><p>{badge}</p>'
    '<p class="hw-said">{told}</p></section>'
)

engagement = frame.engagement()
people = f"Sponsor {engagement.sponsor or 'not named'}. Lead {engagement.lead}."
summary, on = frame.head(engagement.name, engagement, f"{engagement.client}. {people}")
slug = engagement.slug
plan, metrics = standings(summary, on), outcomes(summary, on)
health = health_of(summary, plan, metrics, on)
cycle = engagement.cycle()


def checked(check: Check) -> Markup:
    """A check of health: how it stands, why, and the way to its evidence."""
    return CHECK.format(
        name=check.name,
        badge=html.badge(check.status),
        reason=check.reason + ("" if check.due else " (not due yet)"),
        link=html.link(check.page, slug, "See the evidence"),
    )


def tile(outcome: Outcome) -> Markup:
    """A metric where it is now, how that stands against its baseline, and what is wrong with it."""
    metric, measure = outcome.metric, unit(outcome.metric.unit)
    factor = f"{say_factor(outcome.factor)} better, " if (outcome.factor or 0) > 1 else ""
    told = ["no baseline" if metric.baseline is None else f"{factor}baseline {measure.say(metric.baseline)}"]
    if metric.seal != "signed":
        said = "Changed after signing" if metric.seal == "broken" else "Not signed"
        told.append(html.coloured("orange", html.icon("lock_open"), " ", said))
    if metric.is_stale(on):
        told.append(
            html.coloured("orange", "Out of date:") + f" last measured {days_ago(metric.last_on, on)}"
        )
    return TILE.format(
        name=metric.name,
        current="–" if metric.current is None else measure.say(metric.current),
        badge=html.badge(outcome.status),
        told=html.joined(told, "<br>"),
    )


where_we_are(engagement, plan, on, html.link("plan", slug, "See the plan, and why each milestone stands so"))

st.header("Health, and why")
html.show(html.grid(map(checked, health.checks), LEAST_CARD))
st.caption("Overall health is the worst of the checks that are due. Nobody can set it by hand.")

left, right = st.columns([3, 2])
with left.container(border=True):
    st.header("Outcomes against baseline")
    if not metrics:
        st.write("No metric is defined yet, so nobody can say what this work changes.")
        navigation.link("metrics", slug, label="Define the first metric")
    else:
        html.show(html.grid(map(tile, metrics[:OUTCOMES_SHOWN]), LEAST_CARD))
        navigation.link("metrics", slug, label=f"See {count(len(metrics), 'metric')}")

with right.container(border=True):
    st.header("Needs a decision")
    waiting = sorted(
        (decision for decision in engagement.decisions if decision.is_open),
        key=lambda decision: (decision.needed_by is None, decision.needed_by, decision.id),
    )
    lead, needed = frame.escaped(engagement.lead), []
    for decision in waiting:
        by = "no date" if decision.needed_by is None else f"by {day_month(decision.needed_by)}"
        overdue = decision.needed_by is not None and decision.needed_by < on
        owner = frame.escaped(decision.owner)
        needed.append(f"**{frame.escaped(decision.title)}**  \n{owner}, {by}{', overdue' * overdue}")
    for row in plan:
        if row.state is MilestoneState.LATE:
            late = frame.escaped(row.milestone.name)
            needed.append(f"**{late} is late**  \nMeet it, move it or waive it: {lead}")
    if summary.next_cycle_on is None and summary.day(on) > 75 and summary.closed_on is None:
        needed.append(f"**Plan the next cycle**  \n{lead}, before {day_month(cycle.date_of(90))}")
    st.markdown("\n\n".join(needed) or "Nothing waits for a decision.")
    navigation.link("decisions", slug, label="See all decisions")

left, right = st.columns(2)
with left.container(border=True):
    st.header("Pitfalls")
    st.markdown(
        "\n\n".join(
            f"{frame.badge_text(pitfall.status)} {pitfall.name}  \n{frame.escaped(pitfall.reason)}"
            for pitfall in pitfalls(summary, on)
        )
    )
    navigation.link("pitfalls", slug, label="See signals and answer this week's checks")

with right.container(border=True):
    st.header("Gaps in the golden thread")
    st.caption("From what users struggle with to what is measured: where the thread is cut.")
    cut = gaps(engagement)
    if not frame.may(engagement, Action.READ_INTERVIEWS):
        cut = [gap for gap in cut if gap.page != "interviews"]
    st.markdown(
        "\n".join(f"- {frame.escaped(upper_first(gap.said))}" for gap in cut[:GAPS_SHOWN])
        or "The thread is whole, or nothing is recorded yet that could be cut."
    )
    if len(cut) > GAPS_SHOWN:
        st.caption(f"And {len(cut) - GAPS_SHOWN} more.")

st.header(f"What changed in the last {days(CHANGED_WITHIN_DAYS)}")
since = datetime.combine(on - timedelta(days=CHANGED_WITHIN_DAYS), time(), UTC)
acts = acts_since(actor(), slug, since, up_to=frame.revision())
told = []
for act in acts[:ACTS_SHOWN]:
    often = f"{act.times} times" if act.times > 1 else act.touched
    when = day_month(engagement.date_of(act.at))
    told.append(f"- {when}: {frame.escaped(act.actor)} {past(act.use_case)} ({often})")
st.markdown("\n".join(told) or "Nothing was recorded.")
if len(acts) > ACTS_SHOWN:
    st.caption(f"And {count(len(acts) - ACTS_SHOWN, 'more change')}.")
