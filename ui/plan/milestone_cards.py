"""The milestones of a plan as cards: the status of each and why, its claim and evidence, and what may be done about it.

All of them are one HTML component. As Streamlit's own containers, menus and buttons, nine milestones were a hundred
elements, and drawing them took the browser longer than all the rest of the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from models.engagement import Engagement
from models.milestones import MilestoneStatus
from models.plan import CYCLE_DAYS, Cycle, Milestone
from models.wording import count, day_month
from ui import html, navigation
from ui.plan import milestone_dialogs

PHASE = Markup("<h3>{title}</h3>{cards}")
ADD = {"add": "Add a milestone"}
NOTHING_DUE = "Nothing is due in these days."


def milestone_cards(
    engagement: Engagement, plan: Sequence[MilestoneStatus], noted: Mapping[int, int], may_plan: bool
) -> Markup:
    """Return the milestones of the current cycle by phase. `noted` counts the notes on each by its id."""
    cycle = engagement.cycle()
    by_id = {milestone.id: milestone for milestone in cycle.milestones}

    def cards(number: int) -> Markup:
        rows = [row for row in plan if row.milestone.phase == number]
        shown = [
            _card(engagement, by_id[row.milestone.id], row, noted.get(row.milestone.id, 0), may_plan)
            for row in rows
        ]
        return html.join(shown) or html.paragraph(NOTHING_DUE)

    phases = [
        PHASE.format(
            title=f"Days {phase.from_day} to {phase.to_day}: {phase.name}", cards=cards(phase.number)
        )
        for phase in sorted(cycle.phases, key=lambda phase: phase.number)
    ]
    own = _act_links("What may be done about the plan", engagement.slug, ADD if may_plan else {})
    return html.section("Milestones and their status", *phases, own)


def cycle_list(engagement: Engagement, acts: Mapping[str, str]) -> Markup:
    """Return the cycles of the engagement, with their dates and states, and links to `acts`: labels by what they do."""
    why = "There is no end date: closing a cycle carries what is unfinished into the next one."
    current = engagement.cycle()
    rows = html.bullet_list(_cycle_text(row, current) for row in engagement.cycles)
    links = _act_links("What may be done about the cycle", engagement.slug, acts)
    return html.section("Cycles", html.paragraph(why), rows, links)


def _act_links(label: str, slug: str, acts: Mapping[str, str]) -> Markup:
    addresses = {text: navigation.address("plan", slug, do=act) for act, text in acts.items()}
    return html.link_group(label, addresses, "") if acts else Markup()


def _cycle_text(row: Cycle, current: Cycle) -> str:
    last = row.date_of(CYCLE_DAYS)
    open_state = "current" if row.id == current.id else "planned"
    state = f"closed {day_month(row.closed_on)}" if row.closed_on else open_state
    return f"Cycle {row.number}: {day_month(row.day_1)} to {day_month(last)} {last.year}, {state}"


def _card(
    engagement: Engagement, milestone: Milestone, row: MilestoneStatus, noted: int, may_plan: bool
) -> Markup:
    claim, slug = row.claim, engagement.slug
    linked = [
        html.join([html.external_link(evidence.title, evidence.link), f", {day_month(evidence.dated)}"])
        for evidence in milestone.evidence
    ]
    own = {"milestone": str(milestone.id)}
    acts = milestone_dialogs.acts(milestone, row) if may_plan else {}
    return html.render(
        "milestone.html",
        name=milestone.name,
        state=html.badge(row.status, row.label),
        reason=row.reason,
        claim=claim,
        claim_until=claim and day_month(claim.until),
        linked=html.plain_list(linked),
        evidence="" if row.finding.page == "plan" else html.link(row.finding.page, slug, "See the evidence"),
        notes=navigation.address("plan", slug, **own),
        notes_label=count(noted, "note") if noted else "Notes",
        acts={label: navigation.address("plan", slug, do=key, **own) for key, label in acts.items()},
    )
