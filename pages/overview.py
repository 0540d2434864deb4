"""Overview: the status of the engagement, why, and what to do next."""

from datetime import UTC, datetime, time, timedelta

from markupsafe import Markup

from models.errors import Invalid, NotFound
from models.golden_thread import gaps
from models.health import Check, Health, health_from
from models.milestones import milestone_statuses
from models.outcomes import outcomes
from models.permissions import Action
from models.pitfalls import Pitfall, pitfalls
from models.review_text import without_status_label
from models.status import Status
from models.wording import day_month, days, lower_first, past_tense, upper_first
from reports.charts.theme import LOOKS
from reports.frames.activity import Act, acts_since
from reports.frames.next_steps import next_steps, nothing_to_do
from reports.metrics.verdicts import metric_verdicts, unnamed_changes
from reports.replacements.gates import gates
from reports.review.draft import Draft, draft
from ui import frame, html, navigation
from ui.current_user import reader
from ui.memoize import memoize
from ui.overview.next_steps import next_steps_card
from ui.overview.outcome_card import outcome_card
from ui.plan.plan_chart import plan_card

GAPS_SHOWN, ACTS_SHOWN = 6, 8
CHANGED_WITHIN_DAYS = 7
# Pixels: below this, a card stands under the one before it.
MIN_CARD_WIDTH = 165
HEADLINE = Markup('<p class="hw hw-headline">{}</p>')
LINE = Markup("<div>{title}<p>{text}</p></div>")

engagement = frame.engagement()
people = f"Sponsor {engagement.sponsor or 'not named'}. Lead {engagement.lead}."
summary, on = frame.head(engagement.name, engagement, f"{engagement.client}. {people}")
slug = engagement.slug
reads_interviews = frame.may(engagement, Action.READ_INTERVIEWS)


def check_card(check: Check) -> Markup:
    """Return a check of health: its name, which is the link to its evidence, its status, and why."""
    return html.render(
        "health_check.html",
        name=check.name,
        href=navigation.address(check.page, slug),
        badge=html.badge(check.status),
        colour=LOOKS[check.status].colour,
        reason=check.reason,
    )


def warning(pitfall: Pitfall) -> Markup:
    """Return whether the evidence points to a pitfall, and why it does."""
    # "No sign of skipping instrumentation", but "No evidence yet Skipping instrumentation".
    name = pitfall.name if pitfall.status is Status.NOT_KNOWN else lower_first(pitfall.name)
    title = html.join([html.badge(pitfall.status, pitfall.label), " ", name])
    if pitfall.status is Status.ON_TRACK:
        return Markup("<div>{}</div>").format(title)
    return LINE.format(title=title, text=pitfall.reason)


def changed(act: Act) -> str:
    """Return who did what, when and how often."""
    details = f"{act.times} times" if act.times > 1 else act.touched
    text = f"{day_month(engagement.date_of(act.at))}: {act.actor} {past_tense(act.use_case)}"
    return f"{text} ({details})" if details else text


def gap_card() -> Markup:
    missing = [gap for gap in gaps(engagement) if reads_interviews or gap.page != "interviews"]
    none = html.paragraph("No gaps found yet.")
    return html.card(
        "Gaps in the golden thread",
        html.caption("From what users struggle with to what is measured: where a link is missing."),
        html.bullet_list(upper_first(gap.text) for gap in missing[:GAPS_SHOWN]) or none,
        html.more(len(missing) - GAPS_SHOWN),
    )


def change_part() -> Markup:
    since = datetime.combine(on - timedelta(days=CHANGED_WITHIN_DAYS), time(), UTC)
    acts = acts_since(reader(), slug, since, up_to=frame.revision())
    title = f"What changed in the last {days(CHANGED_WITHIN_DAYS)}: {len(acts)}"
    listed = html.bullet_list(map(changed, acts[:ACTS_SHOWN])) or html.paragraph(
        "Nothing changed in these days."
    )
    return html.collapsible(title, html.join([listed, html.more(len(acts) - ACTS_SHOWN, "change")]))


def headline(health: Health, week: Draft | None) -> Markup:
    """Return the week's verdict as it stands now, in the lead's words if they wrote any: what the review begins with."""
    if week is None:
        return HEADLINE.format(upper_first(health.reason))
    text = week.text["verdict"]
    verdict = text["draft"] if text["edit"] is None else text["edit"]
    return HEADLINE.format(without_status_label(health.status.value, verdict or health.reason))


def this_week() -> Draft | None:
    """Return the week as it stands; None where there is none yet: before day 1, or before anything was recorded."""
    try:
        return draft(reader(), slug, on)
    except (Invalid, NotFound):
        return None


def content() -> Markup:
    """Return the whole page below its head: nothing on it is interactive but links."""
    plan, outcome_rows = milestone_statuses(summary, on), outcomes(summary, on)
    gates_by_id = gates(reader(), engagement, on, frame.revision())
    health = health_from(summary, plan, outcome_rows, on)
    changes = unnamed_changes(engagement, metric_verdicts(reader(), engagement, at_revision=frame.revision()))
    steps = next_steps(
        engagement, summary, plan, on, lambda action: frame.may(engagement, action), gates_by_id, changes
    )
    everybodys, nothing = steps, nothing_to_do(engagement, summary, on)
    if frame.is_archived():
        nothing = "Nothing is to be done in an archived engagement until a lead restores it."
    elif not steps:
        everybodys = next_steps(engagement, summary, plan, on, gates=gates_by_id)
    card = next_steps_card(slug, everybodys, on, nothing, own=bool(steps))
    week = this_week()
    return html.stack(
        [
            headline(health, week),
            html.grid(map(check_card, health.checks), MIN_CARD_WIDTH),
            html.caption(
                "Overall health is the worst of the checks that are due. Nobody can set it by hand."
            ),
            html.main_and_side(
                outcome_card(slug, week, len(outcome_rows), f"{engagement.name}: outcomes against baseline"),
                card,
                side_first=bool(steps),
            ),
            plan_card(
                engagement,
                plan,
                on,
                html.link("plan", slug, "Open the plan"),
            ),
            html.columns(
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


# What somebody may do decides which steps are theirs.
shows = on, frame.role(engagement), str(navigation.as_of()), frame.is_archived()
html.show(memoize("overview", engagement, content, *shows))
