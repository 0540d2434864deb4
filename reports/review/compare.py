"""What differs between two moments: two dates, a last reading and now, a frozen week and today."""

from __future__ import annotations

from datetime import date

from models.difference import difference
from models.people import Actor
from models.state_changes import Change, DatedState
from store import states
from store.reviews import Week
from store.revisions import on_date


def moment(actor: Actor, slug: str, on: date) -> DatedState:
    """Return the engagement as it was known at the end of `on`. Raises NotFound where nothing was recorded by then."""
    past = on_date(actor, slug, on)
    return DatedState.of(states.state(actor, slug, past.revision), past.on)


def of_dates(actor: Actor, slug: str, first: date, last: date) -> list[Change]:
    """Return what changed from the end of one day to the end of another."""
    return difference(moment(actor, slug, first), moment(actor, slug, last))


def frozen_state(actor: Actor, slug: str, row: Week) -> DatedState:
    """The moment that a frozen week shows. One that superseded another judged its date by what was known later."""
    if row.supersedes_id is None:
        return DatedState.of(states.state(actor, slug, row.revision), row.on)
    return DatedState.of(states.known_later(actor, slug, row.revision, row.on), row.on)


def changes_since(actor: Actor, slug: str, read: Week, until: Week | date) -> list[Change]:
    """Return what is new since a week that somebody read, in another frozen week or up to the end of a date."""
    now = moment(actor, slug, until) if isinstance(until, date) else frozen_state(actor, slug, until)
    return difference(frozen_state(actor, slug, read), now)


def newer_knowledge(actor: Actor, slug: str, row: Week) -> list[Change]:
    """Return what a frozen week would say differently of the same date, by what is known now."""
    newest = on_date(actor, slug, date.max).revision
    now = DatedState.of(states.known_later(actor, slug, newest, row.on), row.on)
    return difference(frozen_state(actor, slug, row), now)
