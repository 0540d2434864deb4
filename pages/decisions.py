"""Decisions: what is needed from whom by when, and what was decided on which evidence."""

from markupsafe import Markup

from models.decisions import Decision
from models.permissions import Action
from models.status import Status
from models.wording import count
from reports.frames import decisions as rows
from reports.frames.workflows import milestone_of
from ui import drawer, frame, html, navigation
from ui.plan.decision_drawer import ask_for_decision, open_decision, record_decision

LINE = Markup('<div class="hw hw-line">{title} {badge}{outcome}<p class="hw-faint">{text}</p></div>')
MILESTONE = Markup("<p><strong>{name}</strong> {badge} {reason}.</p>")
DECIDED = Markup("<div>{}</div>")
ACTS = {"Ask for a decision": "ask", "Record a decision that was made": "record"}
NOTHING_NEEDED = "Whatever only a sponsor or a lead can settle belongs here, with who decides and by when."
NOTHING_DECIDED = "Nothing was decided yet. A roadmap that no evidence ever moves isn't being steered."

engagement = frame.engagement()
summary, on = frame.head("Decisions", engagement)
may_decide = frame.may(engagement, Action.DECIDE)
needed, made = rows.needed(engagement), rows.made(engagement)
status = milestone_of(summary, "metrics_reviewed", on)


def needed_line(decision: Decision) -> Markup:
    """Return what is to be decided, by whom and by when."""
    overdue = decision.needed_by is not None and decision.needed_by < on
    return LINE.format(
        title=html.record_link("decision", engagement.slug, decision, decision.title),
        badge=html.badge(Status.OFF_TRACK, "Overdue") if overdue else "",
        outcome="",
        text=f"{decision.owner}. {rows.due_text(decision, on)}.",
    )


def made_line(decision: Decision) -> Markup:
    """Return what was decided, by whom and on which evidence."""
    return LINE.format(
        title=html.record_link("decision", engagement.slug, decision, decision.title),
        badge="",
        outcome=Markup("<p>{}</p>").format(decision.outcome or "The outcome wasn't recorded."),
        text=rows.made_text(decision),
    )


def needed_card() -> Markup:
    """Return what is to be decided."""
    overdue = sum(row.needed_by is not None and row.needed_by < on for row in needed)
    late = f", {overdue} overdue" if overdue else ""
    return html.card(
        f"{count(len(needed), 'decision')} needed{late}" if needed else "No decision is needed",
        html.join(map(needed_line, needed)) or html.paragraph(NOTHING_NEEDED),
    )


def decided_section() -> Markup:
    """Return what was decided, below the status of the milestone that asks for it."""
    milestone = Markup()
    if status is not None:
        milestone = MILESTONE.format(
            name=status.milestone.name,
            badge=html.badge(status.status, status.label),
            reason=status.reason,
        )
    lines = html.join(map(made_line, made)) or html.paragraph(NOTHING_DECIDED)
    return html.section("Decided", milestone, DECIDED.format(lines))


# Neighbours are one component: each of them takes the browser as long as all that is in it.
acts = {label: navigation.address("decisions", engagement.slug, do=act) for label, act in ACTS.items()}
offered = html.link_group("What may be done about decisions", acts, "") if may_decide else Markup()
html.show(html.stack(filter(None, [needed_card(), offered, decided_section()])))

match navigation.take_act().get("do"):
    case "ask" if may_decide:
        ask_for_decision(engagement, on)
    case "record" if may_decide:
        record_decision(engagement, on)

show = {"decision": (engagement.decisions, lambda decision: open_decision(engagement, decision, on))}
drawer.open_from_address(show)
