"""A week as it would be frozen: composed of the state on a date, and of the last review before it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from models.database import database_url
from models.errors import Invalid, NotFound
from models.people import Actor
from models.review import WEEK_DAYS, WEEKS, friday_of, week_name, week_of
from models.state_changes import DatedState
from models.wording import day_month
from reports.review import compare
from reports.review.content import Composed, Since, compose
from reports.review.series import weeks_shown
from store import states
from store.measurements import measurements
from store.reviews import Passage, Week, document, passages, weeks
from store.revisions import EarlierState, on_date

MAX_CACHED = 32
_cache: OrderedDict[tuple[Any, ...], Composed] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True)
class Draft:
    """A week that isn't frozen: what it shows, and what the lead wrote in the place of which draft."""

    moment: DatedState
    cycle: int
    week: int
    friday: date
    composed: Composed
    edits: dict[str, Passage]

    @property
    def name(self) -> str:
        """How the week is called: "week 7", or outside the weeks of a cycle "the week of 20 Nov 2026"."""
        return week_name(self.week, self.moment.on)

    @property
    def text(self) -> dict[str, dict[str, str | None]]:
        """Every passage: what the rules drafted, and what the lead wrote instead (None: left as it was)."""
        return {
            key: {"draft": drafted, "edit": self.edits[key]["text"] if key in self.edits else None}
            for key, drafted in self.composed.drafts.items()
        }


def draft(actor: Actor, slug: str, on: date, *, known_now: bool = False) -> Draft:
    """The week that `on` is in, as it was known at the end of that day, or with `known_now` as it is known by now.

    Raises Invalid before day 1 or for a day to come, NotFound where nothing was recorded by then.
    """
    today = on_date(actor, slug, date.max)
    past = EarlierState(today.revision, on) if known_now else on_date(actor, slug, on)
    engagement = states.state(actor, slug, past.revision)
    if on > actor.today(engagement.zone):
        raise Invalid(f"{day_month(on)} {on.year} is still to come: a review shows what is known.")
    if known_now:
        engagement = states.known_later(actor, slug, past.revision, on)
    now = DatedState.of(engagement, on)
    number = week_of(now.summary.day(on))
    # Between two cycles, and after day 1 was moved past weeks that were reviewed, every week can be reviewed as well.
    if number < 1 and now.summary.cycle == 1 and not engagement.reviews:
        raise Invalid(
            f"The plan begins on {day_month(now.summary.day_1)}, so there is no week to review yet."
        )
    cycle = now.summary.cycle
    friday = friday_of(on, now.summary.day(on))
    before = _before(actor, slug, on, friday)
    composed = _composed(actor, slug, now, before, known_now, today.revision)
    return Draft(now, cycle, number, friday, composed, passages(actor, slug, cycle, number, friday))


def _composed(
    actor: Actor, slug: str, now: DatedState, before: Week | None, known_now: bool, newest: int
) -> Composed:
    """Compose the week of a moment, once while the engagement is at the revision `newest`.

    An earlier moment doesn't change, but for an erasure, which is a new revision: nothing composed before it is shown.
    """
    revision = now.engagement.revision
    key = (database_url(), now.engagement.id, revision, newest, now.on, before and before.id, known_now)
    with _lock:
        if key in _cache:
            _cache.move_to_end(key)
            return _cache[key]
    points = measurements(actor, slug, at_revision=revision)
    end = weeks_shown(now.on, now.engagement.zone) + timedelta(days=WEEKS * WEEK_DAYS)
    points = points[points["at"] < end]
    composed = compose(now, _since(actor, slug, now, before), points)
    with _lock:
        _cache[key] = composed
        while len(_cache) > MAX_CACHED:
            _cache.popitem(last=False)
    return composed


def _before(actor: Actor, slug: str, on: date, friday: date) -> Week | None:
    """Return the newest frozen week that shows an earlier date than `on`, of another week."""
    earlier = [row for row in weeks(actor, slug) if not row.superseded and row.on < on]
    earlier = [row for row in earlier if row.friday != friday]
    return max(earlier, key=lambda row: row.on, default=None)


def _since(actor: Actor, slug: str, now: DatedState, before: Week | None) -> Since | None:
    """Return what the week is compared with: the last review, or where there is none, the state a week before."""
    if before is not None:
        rows = document(actor, slug, before.digest).content["metrics"]
        forecasts = {row["slug"]: row["forecast"] for row in rows}
        return Since(compare.frozen_state(actor, slug, before), before.name, forecasts)
    on = now.on - timedelta(days=WEEK_DAYS)
    try:
        past = on_date(actor, slug, on)
    except NotFound:
        return None
    return Since(DatedState.of(states.state(actor, slug, past.revision), on), day_month(on), {})
