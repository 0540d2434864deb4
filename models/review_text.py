"""The text of a weekly review as the rules draft it from the state, for the lead to leave or to change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from models.difference import Change, Kind
from models.health import Health
from models.summary import Summary
from models.wording import count, join_list, upper_first

# Changes of these kinds are worth a word in the first line; evidence that came in is not.
_TOLD = [
    Kind.MET, Kind.UNMET, Kind.LIVE, Kind.NOT_LIVE, Kind.SLIPPED, Kind.SOONER, Kind.BROKEN, Kind.SIGNED, Kind.REDEFINED,
    Kind.CORRECTED, Kind.DECIDED,
]  # fmt: skip


def verdict(summary: Summary, judged: Health, day: str, confirmed: Sequence[str], waiting: int) -> str:
    """The week in one sentence: the health and why, what is proven to be better, and how many decisions wait.

    `day` is "day 47 of 90", `confirmed` names the metrics whose improvement the data shows, each with its factor.
    """
    parts = [f"{judged.status.word} on {day}. {judged.reason}"]
    if confirmed:
        parts.append(f"confirmed better: {join_list(list(confirmed), 2)}")
    elif summary.metrics:
        parts.append("no improvement is confirmed yet")
    if waiting:
        parts.append(f"{count(waiting, 'decision')} {'waits' if waiting == 1 else 'wait'}")
    return "; ".join(parts) + "."


def beside_badge(status: str, said: str) -> str:
    """A verdict as it stands beside the badge of its status, which it doesn't say again: "Day 47 of 90. Plan: ..."."""
    told = f"{status.capitalize()} on "
    return upper_first(said.removeprefix(told)) if said.startswith(told) else said


def changes(found: Sequence[Change], since: str) -> str:
    """What changed, counted: "Since week 6: 2 met, 1 slipped." """
    kinds = Counter(change.kind for change in found)
    told = [f"{kinds[kind]} {kind.value}" for kind in _TOLD if kinds[kind]]
    rest = sum(number for kind, number in kinds.items() if kind not in _TOLD)
    told += [f"{rest} more"] * bool(rest and told)
    if not found:
        return f"Nothing changed since {since}."
    return f"Since {since}: {', '.join(told) or count(rest, 'change')}."
