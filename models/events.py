"""The catalogue of events: which acts of the journal become which event, and what an event tells.

An allow-list: an event says who did what, where to look, and how many rows of which kind were touched. No text that
somebody typed leaves in it, so an erasure has nothing to call back. Its seven fields are those of CloudEvents 1.0
(https://github.com/cloudevents/spec) that Headway needs. One act of the journal is one event.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

SPEC_VERSION = "1.0"
ID_DIGITS = 32
UNKNOWN = "engagement.changed"
"""The type of every act that the catalogue has no line for: it tells that something changed, and nothing else."""
TEST = "endpoint.tested"


class EventType(NamedTuple):
    """A type of event: the page that shows what happened, and the kind of row that it is about."""

    name: str
    page: str
    subject: str


class RowChange(NamedTuple):
    """One entry of an act: a row of the table `kind` was added, changed or removed."""

    kind: str
    change: str
    row_id: int


@dataclass(frozen=True)
class Act:
    """One transaction in the journal of the engagement `slug`, from its entry `first` to its entry `last`.

    `hash` is that of its first entry; no payload is read.
    """

    slug: str
    first: int
    last: int
    at: datetime
    actor: str
    use_case: str
    hash: str
    rows: Sequence[RowChange]


# Each type with its page, the kind of row that it is about, and the use cases that cause it.
_LINES: list[tuple[str, str, str, list[str]]] = [
    ("engagement.created", "overview", "engagement", ["open the engagement"]),
    ("engagement.loaded", "overview", "engagement", ["load the sample"]),
    ("engagement.described", "overview", "engagement", ["describe the engagement"]),
    ("engagement.moved", "plan", "cycle", ["move day 1"]),
    ("member.added", "settings", "member", ["add a member", "join the engagement"]),
    ("member.removed", "settings", "member", ["remove a member"]),
    ("member.invited", "settings", "invitation", ["invite a person"]),
    ("invitation.ended", "settings", "invitation", ["withdraw an invitation", "decline an invitation"]),
    (
        "milestone.changed",
        "plan",
        "milestone",
        [
            "add a milestone",
            "change a milestone",
            "link evidence",
            "state a claim",
            "withdraw a claim",
            "waive a milestone",
            "revoke a waiver",
        ],
    ),
    ("milestone.late", "plan", "notice", ["notice a late milestone"]),
    ("milestone.at-risk", "plan", "notice", ["notice a milestone at risk"]),
    ("cycle.planned", "plan", "cycle", ["plan the next cycle"]),
    ("cycle.closed", "plan", "cycle", ["close the cycle"]),
    ("decision.requested", "decisions", "decision", ["ask for a decision"]),
    ("decision.made", "decisions", "decision", ["decide", "record a decision"]),
    ("decision.changed", "decisions", "decision", ["change a decision", "drop a decision"]),
    ("decision.overdue", "decisions", "notice", ["notice an overdue decision"]),
    ("pitfall.checked", "pitfalls", "pitfall_check", ["answer a pitfall check", "answer the pitfall checks"]),
    (
        "inventory.changed",
        "inventory",
        "system",
        ["edit the systems", "edit the dependencies", "edit the pain points"],
    ),
    (
        "interviews.changed",
        "interviews",
        "interview",
        [
            "plan an interview",
            "record an interview",
            "change an interview",
            "remove an interview",
            "save frictions",
            "rename a theme",
        ],
    ),
    (
        "workflow.changed",
        "workflows",
        "workflow",
        ["add a workflow", "change a workflow", "rehearse the fallback", "link frictions to a workflow"],
    ),
    ("workflow.live", "workflows", "workflow", ["go live"]),
    (
        "runbook.changed",
        "runbooks",
        "runbook",
        ["write a runbook", "change a runbook", "edit a runbook"],
    ),
    ("run.prepared", "runbooks", "run", ["prepare a run"]),
    ("run.reported", "runbooks", "run_report", ["report a step"]),
    # Whoever takes part asks then which steps are open.
    (
        "cutover.step-open",
        "runbooks",
        "run_report",
        ["start a rehearsal", "say go", "report a step that opens another"],
    ),
    ("workflow.removed", "workflows", "workflow", ["remove a workflow"]),
    (
        "pipeline.changed",
        "workflows",
        "pipeline",
        ["declare a pipeline", "change a pipeline", "remove a pipeline"],
    ),
    ("pipeline.ran", "workflows", "pipeline_run", ["report a run"]),
    (
        "adoption.changed",
        "adoption",
        "training",
        [
            "record a training",
            "change a training",
            "remove a training",
            "publish a document",
            "change a document",
            "remove a document",
        ],
    ),
    ("metric.defined", "metrics", "metric", ["define a metric"]),
    (
        "metric.changed",
        "metrics",
        "metric",
        [
            "change a metric",
            "judge a metric by the newest rules",
            "retire a metric",
            "take up a metric again",
            "take a baseline",
            "name the cause of a change",
            "take back a phase",
            "say where a metric is pulled from",
            "stop pulling a metric",
        ],
    ),
    ("metric.stale", "metrics", "notice", ["notice a stale metric"]),
    ("seal.broken", "metrics", "notice", ["notice a broken seal"]),
    ("health.changed", "overview", "notice", ["notice a change of health"]),
    ("measurements.recorded", "metrics", "measurement_batch", ["record measurements", "pull measurements"]),
    (
        "measurements.corrected",
        "metrics",
        "measurement_batch",
        ["correct a measurement", "withdraw measurements", "reinstate measurements"],
    ),
    ("sign-off.requested", "metrics", "sign_off_request", ["ask for sign-off"]),
    ("sign-off.withdrawn", "metrics", "sign_off_event", ["take back a request for sign-off"]),
    (
        "sign-off.viewed",
        "metrics",
        "sign_off_event",
        [
            "make a link for a sign-off",
            "open a link for a sign-off",
            "view a request for sign-off",
            "download a receipt",
        ],
    ),
    ("sign-off.answered", "metrics", "sign_off_event", ["sign metrics"]),
    ("review.edited", "review", "review_passage", ["edit the review"]),
    ("review.frozen", "review", "review", ["freeze the review", "supersede the review"]),
    ("review.read", "review", "review", ["mark the review as read", "download the review"]),
    ("review.sent", "review", "review", ["send the review"]),
    ("note.written", "overview", "note", ["write a note", "remove a note"]),
    (
        "import.done",
        "imports",
        "import_run",
        [
            f"import {kind}"
            for kind in (
                "systems",
                "dependencies",
                "pain points",
                "interviews",
                "frictions",
                "workflows",
                "metrics",
                "measurements",
            )
        ],
    ),
    ("import.undone", "imports", "import_run", ["undo an import"]),
    ("change.undone", "journal", "engagement", ["undo a change"]),
    ("personal-data.handed-over", "privacy", "handover", ["hand over an interviewee's personal data"]),
    ("personal-data.erased", "privacy", "erasure", ["erase an interviewee's personal data"]),
    (
        "replacement.changed",
        "replacements",
        "replacement",
        [
            "add a replacement",
            "change a replacement",
            "remove a replacement",
            "make a gate's address",
            "revoke a gate's address",
            "waive a check",
            "revoke the waiver of a check",
        ],
    ),
    (
        "evidence.reported",
        "replacements",
        "replacement",
        ["record a share", "record a proof", "withdraw a proof", "report evidence"],
    ),
    ("cutover.approved", "replacements", "replacement", ["approve a cutover"]),
    (
        "architecture.changed",
        "inventory",
        "system",
        [
            "declare a dependency seen in traces",
            "freeze a version of a contract",
            "receive a version of a contract",
            "record a survey",
            "record traces",
        ],
    ),
    ("trial.changed", "decisions", "trial", ["record a trial", "remove a trial", "conclude trials"]),
    (
        "interviews.merged",
        "interviews",
        "interview",
        ["merge two spellings of a person", "take two spellings of a person apart"],
    ),
    ("cycle.reopened", "plan", "cycle", ["open the cycle again"]),
    # Without a row of an engagement, so without an event; listed so that every use case has a line.
    (
        UNKNOWN,
        "overview",
        "engagement",
        [
            "add a user",
            "make a one-time link",
            "disable a user",
            "enable a user",
            "change an e-mail",
            "sign a user out",
            "change one's own account",
            "choose a password",
            "end a session",
            "sign out everywhere else",
            "sign out everywhere",
            "make an API token",
            "revoke an API token",
            "add an endpoint",
            "change an endpoint",
            "choose what is mailed",
        ],
    ),
]
CATALOGUE: dict[str, EventType] = {
    use_case: EventType(name, page, subject)
    for name, page, subject, use_cases in _LINES
    for use_case in use_cases
}
TYPES = sorted({line[0] for line in _LINES})


def type_of(act: Act) -> EventType:
    """Return the type of the event that the act is."""
    return type_named(act.use_case)


def type_named(use_case: str) -> EventType:
    """Return the type of the events that acts of a use case are."""
    return CATALOGUE.get(use_case, EventType(UNKNOWN, "overview", "engagement"))


def event_id(act: Act) -> str:
    """Return the event's id, from the hash of the act's first entry.

    Not from its number: after a restored backup that comes again with other content.
    """
    return f"evt_{act.hash[:ID_DIGITS]}"


def subject_row(act: Act) -> RowChange:
    """Return the row that the event is about: the first of its type's kind, or the act's first."""
    kind = type_of(act).subject
    return next((row for row in act.rows if row.kind == kind), act.rows[0])


def as_event(act: Act, home: str) -> dict[str, Any]:
    """Return the event of an act as values for JSON: seven fields of CloudEvents, a thin body in `data`.

    `home` is the program's address, for the link.
    """
    kind, row = type_of(act), subject_row(act)
    counts: dict[str, dict[str, int]] = {}
    for (name, change), number in Counter((row.kind, row.change) for row in act.rows).items():
        counts.setdefault(name, {})[change] = number
    return {
        "specversion": SPEC_VERSION,
        "id": event_id(act),
        "source": f"/engagements/{act.slug}",
        "type": kind.name,
        "subject": f"{row.kind}/{row.row_id}",
        "time": act.at.astimezone(UTC).isoformat(),
        "data": {
            "engagement": act.slug,
            "revision": act.last,
            "who": act.actor,
            "what": act.use_case,
            "counts": counts,
            "link": f"{home}/{kind.page}?engagement={act.slug}",
        },
    }
