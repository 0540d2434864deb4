"""What differs between two moments: two dates, a last reading and now, a frozen week and today."""

from __future__ import annotations

from datetime import date

from models.difference import Change, Moment, difference
from models.people import Actor
from reports import states
from reports.frames.history import on_date
from reports.frames.reviews import Week


def moment(actor: Actor, slug: str, on: date) -> Moment:
    """The engagement as it was known at the end of `on`. Raises NotFound where nothing was recorded by then."""
    past = on_date(actor, slug, on)
    return Moment.of(states.state(actor, slug, past.revision), past.on)


def of_dates(actor: Actor, slug: str, first: date, last: date) -> list[Change]:
    """What changed from the end of one day to the end of another."""
    return difference(moment(actor, slug, first), moment(actor, slug, last))


def between(actor: Actor, slug: str, read: Week, until: date) -> list[Change]:
    """What is new since a week that somebody read, up to a date."""
    before = Moment.of(states.state(actor, slug, read.revision), read.on)
    return difference(before, moment(actor, slug, until))


def newer_knowledge(actor: Actor, slug: str, row: Week) -> list[Change]:
    """What a frozen week would say differently of the same date, by what is known now."""
    then = Moment.of(states.state(actor, slug, row.revision), row.on)
    newest = on_date(actor, slug, date.max).revision
    return difference(then, Moment.of(states.known_later(actor, slug, newest, row.on), row.on))
