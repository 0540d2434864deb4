"""What changed, for a reader: acts in words, and the same act several times in a row as one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from models.people import Actor
from models.wording import count, join_list, nouns
from store import activity
from store.activity import MAX_ACTS, RowChanges


@dataclass(frozen=True)
class Act:
    """One use case of one person: when, what it was called, and how many rows of which kind it touched, as text.

    `times` is how often that person did it in a row, of which this is the newest.
    """

    sequence: int
    at: datetime
    actor: str
    use_case: str
    touched: str
    times: int = 1


def acts_since(
    actor: Actor, slug: str, since: datetime, limit: int = MAX_ACTS, up_to: int | None = None
) -> list[Act]:
    """Return the acts from `since` on, up to the revision `up_to` (None: the newest), newest first.

    Of one act several times in a row only the newest is returned; all of them count towards `limit`.
    """
    acts = activity.acts_since(actor, slug, since, limit, up_to)
    return _merge_repeated(
        [Act(act.sequence, act.at, act.actor, act.use_case, _changes_text(act.changes)) for act in acts]
    )


def _changes_text(changes: list[RowChanges]) -> str:
    """Return "2 systems added and 1 dependency removed"; events, which the act itself names, are left out."""
    rows = [row for row in changes if not row.kind.endswith("_event")]
    return join_list([f"{count(row.count, *nouns(row.kind))} {row.change}" for row in rows])


def _merge_repeated(acts: list[Act]) -> list[Act]:
    """Merge what the same person did several times in a row on one day."""
    merged: list[Act] = []
    for act in acts:
        last = merged[-1] if merged else None
        if last and (last.actor, last.use_case, last.at.date()) == (act.actor, act.use_case, act.at.date()):
            merged[-1] = replace(last, times=last.times + 1)
        else:
            merged.append(act)
    return merged
