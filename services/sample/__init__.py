"""The sample portfolio: six engagements in different states of health, told as if people had worked on them until now.

    load(datetime.now(UTC))

Everything is done through the services by the people of each engagement at the time when they would have done it, so
that the journal holds the real history. The engagements are data: one file each in services/sample/engagements.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import groupby

from sqlalchemy import select

from models.database import read_connection
from models.engagement import Engagement
from models.errors import HeadwayError
from models.people import Actor
from models.wording import join_list
from services.core.transaction import all_or_nothing
from services.engagement import engagements
from services.people.accounts import first_administrator
from services.sample import delivering, discovering, measuring, steering
from services.sample.people import email_of
from services.sample.story import ADMINISTRATOR, Act, Story, stories

# What happens on one day happens in this order.
_SECTIONS: list[Callable[[Story], Iterator[Act]]] = [
    discovering.systems,
    discovering.dependencies,
    discovering.pain_points,
    discovering.reviews,
    discovering.planned_interviews,
    discovering.held_interviews,
    measuring.metrics,
    measuring.signatures,
    measuring.measured,
    delivering.pipelines,
    delivering.workflows,
    delivering.trainings,
    delivering.documents,
    steering.cycles,
    steering.milestones,
    steering.decisions,
    steering.statements,
    steering.checks,
    steering.frozen_weeks,
]


def load(now: datetime, only: str | None = None) -> list[str]:
    """Make the sample engagements as they stand at `now` (aware), or only that one, and return their slugs.

    The first administrator is a lead of each. The same day gives the same engagements. All of them are there
    afterwards, or, whatever happens, none. Raises HeadwayError where an address that they take is taken.
    """
    told = [story for story in stories(now) if only in (None, story.slug)]
    _refuse_taken([story.slug for story in told])
    # Made before the rest, and kept in any case: whoever signs in first is this one.
    administrator = first_administrator(now)
    with all_or_nothing():
        return [_tell(story, administrator) for story in told]


def is_anything_there() -> bool:
    """There is an engagement, of the sample or not."""
    with read_connection() as connection:
        return connection.scalar(select(Engagement.id).limit(1)) is not None


def _refuse_taken(slugs: list[str]) -> None:
    with read_connection() as connection:
        taken = connection.scalars(select(Engagement.slug).where(Engagement.slug.in_(slugs))).all()
    if taken:
        raise HeadwayError(
            f"The sample needs addresses that are taken: {join_list(sorted(taken), most=6)}. Nothing was loaded: "
            "load it into another database, or use what is there."
        )


def _tell(story: Story, administrator: tuple[int, str]) -> str:
    story.meet(administrator)
    acts = [act for section in _SECTIONS for act in section(story) if act.on < story.calendar.today]
    in_order = sorted([*_opening(story), *acts], key=lambda act: act.on)
    for on, those in groupby(in_order, lambda act: act.on):
        for nth, act in enumerate(those):
            act.do(story.actor(act.by, story.calendar.moment(on, nth)), story.slug)
    return story.slug


def _opening(story: Story) -> Iterator[Act]:
    """The administrator opens the engagement, as its first lead, and lets its people in."""
    day_1, people = story.calendar.day_1, story.data["people"]
    sponsor = people[story.sponsor]
    said = {"lead": people[story.lead]["name"], "sponsor": f"{sponsor['name']}, {sponsor['title']}"}
    given = story.data["engagement"] | said
    yield Act(day_1, ADMINISTRATOR, partial(engagements.create_engagement, day_1=day_1, **given))
    for person in people.values():
        who = {"email": email_of(person["name"]), "role": person["role"]}
        yield Act(day_1, ADMINISTRATOR, partial(_let_in, **who))


def _let_in(actor: Actor, slug: str, **who: str) -> None:
    """Whoever loads the sample runs the program: its people needn't be asked."""
    engagements.add_member(replace(actor, operator=True), slug, **who)
