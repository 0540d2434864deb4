"""Whether a closed cycle can be opened again: only while nothing was built on the one after it."""

from __future__ import annotations

from models.engagement import Engagement
from models.plan import Cycle


def closed_last(engagement: Engagement) -> Cycle | None:
    """Return the cycle that was closed last; None if all are open."""
    closed = [cycle for cycle in engagement.cycles if cycle.closed_on is not None]
    return max(closed, key=lambda cycle: cycle.number, default=None)


def what_was_built_on(engagement: Engagement, closed: Cycle) -> str:
    """Return what somebody did in the cycle after `closed`, such as "a week is frozen"; "" if nothing."""
    later = [cycle for cycle in engagement.cycles if cycle.number > closed.number]
    numbers = {cycle.number for cycle in later}
    milestones = [milestone for cycle in later for milestone in cycle.milestones]
    done = {
        "a week is frozen": [review for review in engagement.reviews if review.cycle in numbers],
        "a claim is stated": [claim for row in milestones for claim in row.claims],
        "a milestone is waived": [waiver for row in milestones for waiver in row.waivers],
        "evidence is linked": [evidence for row in milestones for evidence in row.evidence],
        "another cycle is planned": later[1:],
    }
    return next((text for text, rows in done.items() if rows), "")
