"""The states of a replacement: computed from its dated shares, proofs and cutovers, over a summary and a date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from models.replacements import FULL
from models.status import Status
from models.summary import CutoverFacts, ReplacementFacts
from models.wording import day_month, days

# An approval that nobody used lapses.
CUT_OVER_WITHIN_DAYS = 7
# Afterwards the old part should go: nobody needs to go back to it any more.
WATCHED_DAYS = 7


class ReplacementState(StrEnum):
    """The value is what people read."""

    PLANNED = "planned"
    COMPARING = "comparing"
    SHIFTING = "shifting"
    ROLLED_BACK = "rolled back"
    CUT_OVER = "cut over"
    UNGATED = "cut over without an open gate"
    TO_BE_RETIRED = "to be retired"
    RETIRED = "retired"


_STATUS = {
    ReplacementState.PLANNED: Status.PLANNED,
    ReplacementState.COMPARING: Status.ON_TRACK,
    ReplacementState.SHIFTING: Status.ON_TRACK,
    ReplacementState.ROLLED_BACK: Status.AT_RISK,
    ReplacementState.CUT_OVER: Status.DONE,
    ReplacementState.UNGATED: Status.OFF_TRACK,
    ReplacementState.TO_BE_RETIRED: Status.DONE,
    ReplacementState.RETIRED: Status.DONE,
}


@dataclass(frozen=True)
class ReplacementStatus:
    """The state of a replacement on a date, its share in percent, and whether its old part runs for too long."""

    replacement: ReplacementFacts
    state: ReplacementState
    share: float
    late: bool
    cut_over_on: date | None

    @property
    def status(self) -> Status:
        return Status.OFF_TRACK if self.late else _STATUS[self.state]

    @property
    def text(self) -> str:
        """ "25% shifted", "cut over 3 Nov": its state with what a reader asks next."""
        since = f" {day_month(self.cut_over_on)}" if self.cut_over_on else ""
        return {
            ReplacementState.SHIFTING: f"shifting, {percent(self.share)}",
            ReplacementState.ROLLED_BACK: f"rolled back to {percent(self.share)}",
            ReplacementState.CUT_OVER: f"cut over{since}",
            ReplacementState.TO_BE_RETIRED: f"cut over{since}, old part to be retired",
        }.get(self.state, self.state.value)


def percent(share: float) -> str:
    """25%, 0.5%"""
    return f"{share:g}%"


def replacement_status(facts: ReplacementFacts, on: date) -> ReplacementStatus:
    """Return the state of a replacement on a date; what is dated later doesn't count."""
    shares = [(when, share) for when, share in facts.shares if when <= on]
    share = shares[-1][1] if shares else 0.0
    began = cut_over_on(facts, on)
    state = _state(facts, shares, began, on)
    late = state is ReplacementState.TO_BE_RETIRED and on > facts.retire_by
    return ReplacementStatus(facts, state, share, late, began)


def _state(
    facts: ReplacementFacts, shares: list[tuple[date, float]], began: date | None, on: date
) -> ReplacementState:
    if facts.retired_on is not None and facts.retired_on <= on:
        return ReplacementState.RETIRED
    if began is not None:
        watched = on <= began + timedelta(days=WATCHED_DAYS) and on <= facts.retire_by
        return ReplacementState.CUT_OVER if watched else ReplacementState.TO_BE_RETIRED
    if shares and shares[-1][1] >= FULL:
        return ReplacementState.UNGATED
    if len(shares) > 1 and shares[-1][1] < shares[-2][1]:
        return ReplacementState.ROLLED_BACK
    if shares and shares[-1][1] > 0:
        return ReplacementState.SHIFTING
    compared = facts.compared_on is not None and facts.compared_on <= on
    return ReplacementState.COMPARING if compared else ReplacementState.PLANNED


def cut_over_on(facts: ReplacementFacts, on: date) -> date | None:
    """Return since when the new part answers everything with an approval, None if it doesn't on that date."""
    used = approved_cutover(facts, on)
    began = _full_since(facts, on)
    return None if used is None or began is None else max(began, used.on)


def approved_cutover(facts: ReplacementFacts, on: date) -> CutoverFacts | None:
    """Return the approval of the full share that there is on a date, None without a full share or an approval.

    An approval counts once: for the first full share within 7 days, or for the one that there was already.
    """
    began = _full_since(facts, on)
    if began is None:
        return None
    before = [when for when, share in facts.shares if when < began and share >= FULL]
    # After the work came back from an earlier cutover, that one's approval is used up.
    since = next((when for when, _ in facts.shares if before and when > before[-1]), date.min)
    lapse = timedelta(days=CUT_OVER_WITHIN_DAYS)
    approvals = [row for row in facts.cutovers if since <= row.on <= on and began <= row.on + lapse]
    return approvals[0] if approvals else None


def _full_since(facts: ReplacementFacts, on: date) -> date | None:
    """Return the day of the first of the newest full shares in a row, None if the newest share isn't full."""
    began = None
    for when, share in facts.shares:
        if when <= on:
            began = (began or when) if share >= FULL else None
    return began


def missing_for_switch_off(facts: ReplacementFacts, retired_on: date, today: date) -> str:
    """Return what is missing for the old part to be off since a date, as a clause; empty where nothing is.

    An approval that came after that date counts: so a lead records what was done in an emergency.
    """
    shares = [share for when, share in facts.shares if when <= today]
    began = _full_since(facts, today)
    missing = []
    if not shares:
        missing.append("no share says that the new part answers any of the work")
    elif began is None:
        missing.append(f"the new part answers {percent(shares[-1])} of the work, not all of it")
    if not _is_approved(facts, today):
        missing.append("its cutover was not approved")
    if not missing and began is not None and retired_on < began:
        missing.append(f"the new part answers all of the work only since {day_month(began)}")
    return ", and ".join(missing)


def _is_approved(facts: ReplacementFacts, on: date) -> bool:
    """Return whether the full share is approved on a date; without one, whether there is any approval yet."""
    if _full_since(facts, on) is None:
        return any(row.on <= on for row in facts.cutovers)
    return approved_cutover(facts, on) is not None


def headline(row: ReplacementStatus, old: str, on: date) -> str:
    """Return what a reader has to know of a replacement whose gate doesn't matter any more; "" while it does."""
    due = f"due {day_month(row.replacement.retire_by)}"
    if row.state is ReplacementState.RETIRED:
        return f"Done: {old} is switched off"
    if row.late and row.cut_over_on is not None:
        return f"Late: {old} still runs, {days((on - row.cut_over_on).days)} after the cutover, {due}"
    if row.cut_over_on is not None:
        return f"May retire: {old} still runs, {due}"
    return ""
