"""Overview: where the engagement stands, why, and what to do next."""

from datetime import UTC, datetime, time, timedelta

from markupsafe import Markup

from models.golden_thread import gaps
from models.health import Check, health_from
from models.milestones import milestone_statuses
from models.outcomes import Outcome, outcomes
from models.permissions import Action
from models.pitfalls import Pitfall, pitfalls
from models.units import format_factor, unit
from models.wording import count, day_month, days, days_ago, past_tense, upper_first
from reports.frames.activity import Act, acts_since
from reports.frames.decisions import Need, needs
from ui import frame, html, navigation
from ui.current_user import actor
from ui.memoize import memoize
from ui.plan.plan_chart import where_we_are

GAPS_SHOWN, ACTS_SHOWN, OUTCOMES_SHOWN = 6, 8, 6
CHANGED_WITHIN_DAYS = 7
# Pixels: below this, a card stands under the one before it.
LEAST_CARD = 170
LINE = Markup("<div>{title}<p>{said}</p></div>")

engagement = frame.engagement()
people = f"Sponsor {engagement.sponsor or 'not named'}. Lead {engagement.lead}."
summary, on = frame.head(engagement.name, engagement, f"{engagement.client}. {people}")
slug = engagement.slug
reads_interviews = frame.may(engagement, Action.READ_INTERVIEWS)


def checked(check: Check) -> Markup:
    """A check of health: how it stands, why, and the way to its evidence."""
    return html.render(
        "health_check.html",
        name=check.name,
        badge=html.badge(check.status),
        reason=check.reason + ("" if check.due else " (not due yet)"),
        link=html.link(check.page, slug, "See the evidence"),
    )


def tile(outcome: Outcome) -> Markup:
    """A metric where it is now, how that stands against its baseline, and what is wrong with it."""
    metric, measure = outcome.metric, unit(outcome.metric.unit)
    factor = f"{format_factor(outcome.factor)} better, " if (outcome.factor or 0) > 1 else ""
    told = [
        "no baseline" if metric.baseline is None else f"{factor}baseline {measure.format(metric.baseline)}"
    ]
    if metric.seal != "signed":
        said = "Changed after signing" if metric.seal == "broken" else "Not signed"
        told.append(html.coloured("orange", html.icon("lock_open"), " ", said))
    if metric.is_stale(on):
        told.append(
            html.coloured("orange", "Out of date:") + f" last measured {days_ago(metric.last_on, on)}"
        )
    return html.render(
        "outcome_tile.html",
        name=metric.name,
        current="–" if metric.current is None else measure.format(metric.current),
        badge=html.badge(outcome.status),
        comment=html.joined(told, "<br>"),
    )


def line(need: Need) -> Markup:
    """What needs a decision, from whom and by when."""
    record = dict([need.record]) if need.record else {}
    return LINE.format(title=html.opener_of(need.page, slug, need.what, **record), said=need.text)


def warning(pitfall: Pitfall) -> Markup:
    """How a pitfall stands, and why."""
    title = html.joined([html.badge(pitfall.status), f" {pitfall.name}"])
    return LINE.format(title=title, said=pitfall.reason)


def changed(act: Act) -> str:
    """Who did what, when and how often."""
    often = f"{act.times} times" if act.times > 1 else act.touched
    return f"{day_month(engagement.date_of(act.at))}: {act.actor} {past_tense(act.use_case)} ({often})"


def outcome_card(found: list[Outcome]) -> Markup:
    title = "Outcomes against baseline"
    if not found:
        nothing = html.paragraph("No metric is defined yet, so nobody can say what this work changes.")
        return html.card(title, nothing, html.link("metrics", slug, "Define the first metric"))
    tiles = html.grid(map(tile, found[:OUTCOMES_SHOWN]), LEAST_CARD)
    return html.card(title, tiles, html.link("metrics", slug, f"See {count(len(found), 'metric')}"))


def gap_card() -> Markup:
    cut = [gap for gap in gaps(engagement) if reads_interviews or gap.page != "interviews"]
    whole = html.paragraph("The thread is whole, or nothing is recorded yet that could be cut.")
    return html.card(
        "Gaps in the golden thread",
        html.faint("From what users struggle with to what is measured: where the thread is cut."),
        html.points(upper_first(gap.text) for gap in cut[:GAPS_SHOWN]) or whole,
        html.more(len(cut) - GAPS_SHOWN),
    )


def change_part() -> Markup:
    since = datetime.combine(on - timedelta(days=CHANGED_WITHIN_DAYS), time(), UTC)
    acts = acts_since(actor(), slug, since, up_to=frame.revision())
    return html.part(
        f"What changed in the last {days(CHANGED_WITHIN_DAYS)}",
        html.points(map(changed, acts[:ACTS_SHOWN])) or html.paragraph("Nothing was recorded."),
        html.more(len(acts) - ACTS_SHOWN, "change"),
    )


def read() -> Markup:
    """The whole page below its head: nothing on it is pressed."""
    plan, found = milestone_statuses(summary, on), outcomes(summary, on)
    health = health_from(summary, plan, found, on)
    waiting = [line(need) for need in needs(engagement, summary, plan, on)]
    return html.stack(
        [
            where_we_are(
                engagement,
                plan,
                on,
                html.link("plan", slug, "See the plan, and why each milestone stands so"),
            ),
            html.part(
                "Health, and why",
                html.grid(map(checked, health.checks), LEAST_CARD),
                html.faint(
                    "Overall health is the worst of the checks that are due. Nobody can set it by hand."
                ),
            ),
            html.beside(
                outcome_card(found),
                html.card(
                    "Needs a decision",
                    *(waiting or [html.paragraph("Nothing waits for a decision.")]),
                    html.link("decisions", slug, "See all decisions"),
                ),
            ),
            html.beside(
                html.card(
                    "Pitfalls",
                    *map(warning, pitfalls(summary, on)),
                    html.link("pitfalls", slug, "See signals and answer this week's checks"),
                ),
                gap_card(),
            ),
            change_part(),
        ]
    )


html.show(memoize("overview", engagement, read, on, reads_interviews, str(navigation.as_of())))
