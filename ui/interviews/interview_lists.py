"""What is read on the page of interviews: the next ones, the themes, and the frictions that weigh most, as components."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from markupsafe import Markup

from models.interviews import Friction, Interview
from models.milestones import MilestoneStatus
from models.status import Status
from models.wording import count, days, lower_first, upper_first
from reports.frames import interviews as rows
from ui import html, navigation

# More of them are read in the grid at the end.
PLANNED_SHOWN, FRICTIONS_SHOWN = 4, 4
FRICTIONS = Markup('<ul class="hw hw-lines hw-apart" aria-label="Frictions that weigh most">{}</ul>{}')
FRICTION = Markup("<li><p><strong>{observed}</strong></p><p>{where}</p>{interview}</li>")


def progress(
    milestone: MilestoneStatus | None, interviewed: int, held: int, planned: int, themes: Sequence[rows.Theme]
) -> Markup:
    """Return how many end users were interviewed, of how many and at what pace where the plan has a milestone of it."""
    frictions = sum(theme.frictions for theme in themes)
    counts = html.caption(
        f"{count(held, 'interview')} held, {planned} planned. "
        f"{count(frictions, 'friction')} in {count(len(themes), 'theme')}."
    )
    if milestone is None:
        return Markup('<div class="hw"><h2>{}</h2>{}</div>').format(
            f"{count(interviewed, 'end user')} interviewed", counts
        )
    finding = milestone.finding
    pace = milestone.reason.removeprefix(finding.text).lstrip(";, ")
    pace = pace.removesuffix(f": {lower_first(finding.text)}")
    return html.render(
        "interview_progress.html",
        text=finding.text,
        badge=html.badge(milestone.status, milestone.label),
        have=finding.have,
        needed=finding.needed,
        pace=upper_first(pace),
        counts=counts,
    )


def next_interviews(slug: str, planned: Sequence[Interview], on: date, *, may_record: bool) -> Markup:
    """Return the interviews that come next, each a link, with the link that records it; empty if none is planned."""
    if not planned:
        return Markup()
    shown = [_planned(slug, interview, on, may_record) for interview in planned[:PLANNED_SHOWN]]
    left_out = len(planned) - PLANNED_SHOWN
    later = html.caption(f"And {left_out} later.") if left_out > 0 else Markup()
    return html.section("Next interviews", html.framed(*shown, later))


def _planned(slug: str, interview: Interview, on: date, may_record: bool) -> Markup:
    late = (on - interview.planned_on).days
    record = navigation.address("interviews", slug, do="record", planned=str(interview.id))
    return html.render(
        "planned_interview.html",
        title=html.record_link("interview", slug, interview, interview.shown_name),
        late=html.badge(Status.AT_RISK, f"{days(late)} ago, not recorded") if late > 0 else "",
        text=". ".join(filter(None, [rows.when_text(interview, on), rows.place(interview)])),
        name=interview.shown_name,
        record=record if may_record else "",
    )


def worst_frictions(slug: str, frictions: Sequence[Friction]) -> Markup:
    """Return the frictions that weigh most, each with where it was met and the link to its interview."""
    worst = rows.worst_first(frictions)[:FRICTIONS_SHOWN]
    shown = html.join(_friction(slug, friction) for friction in worst)
    more = f"The worst {FRICTIONS_SHOWN} of {len(frictions)}. All of them are in the grid below."
    below = html.caption(more) if len(frictions) > FRICTIONS_SHOWN else Markup()
    return Markup('<ul class="hw hw-lines hw-apart" aria-label="Frictions that weigh most">{}</ul>{}').format(
        shown, below
    )


def _friction(slug: str, friction: Friction) -> Markup:
    places = [place.name for place in (friction.system, friction.workflow) if place is not None]
    return FRICTION.format(
        observed=friction.shown_observed,
        where=". ".join([f"Severity {friction.severity} of 5, {friction.frequency}", *places]),
        interview=html.record_link(
            "interview", slug, friction.interview, rows.dated_name(friction.interview)
        ),
    )


def table_of_themes(themes: Sequence[rows.Theme]) -> Markup:
    """Return the themes as a table, the one that comes up most first."""
    return html.table(
        {
            "Theme": [theme.name for theme in themes],
            "People": [theme.people for theme in themes],
            "Frictions": [theme.frictions for theme in themes],
            "Mean severity": [f"{theme.severity:.1f} of 5" for theme in themes],
        },
        "Themes, the one that comes up most first",
    )
