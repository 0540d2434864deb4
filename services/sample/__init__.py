"""The sample portfolio: six engagements in different states of health, as if people had worked on them until now.

    load(datetime.now(UTC))

The people of each engagement do everything through the services, at the time when they would have done it, so that the
journal has a realistic history. The engagements are data: one file each in services/sample/engagements.
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
from models.engagement_marks import Mark
from models.errors import HeadwayError
from models.people import Actor, operator
from models.wording import join_list
from services.core.transaction import all_or_nothing, transaction
from services.engagement import engagements
from services.engagement.archiving import add_mark
from services.people.accounts import first_administrator
from services.sample import architecture, delivering, discovering, evenings, measuring, replacing, steering
from services.sample.people import email_of
from services.sample.story import ADMINISTRATOR, Act, Story, stories

# The order of the acts of one day.
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
    replacing.moves,
    evenings.written,
    steering.cycles,
    steering.milestones,
    steering.decisions,
    architecture.acts,
    steering.statements,
    steering.checks,
    steering.frozen_weeks,
    evenings.evenings,
]


def load(now: datetime, only: str | None = None) -> list[str]:
    """Create the sample engagements as of `now` (aware), or only that one, and return their slugs.

    The first administrator is a lead of each. The same day gives the same engagements. All of them are created, or
    none. Raises HeadwayError if one of their slugs is taken.
    """
    chosen = [story for story in stories(now) if only in (None, story.slug)]
    _refuse_taken([story.slug for story in chosen])
    # Added first, and kept in any case: the first sign-in is as this user.
    administrator = first_administrator(now)
    with all_or_nothing():
        slugs = [_play(story, administrator) for story in chosen]
        _mark(slugs, now)
        return slugs


def _mark(slugs: list[str], now: datetime) -> None:
    """Mark the engagements as the sample's, so that they can be recognised and removed."""
    with transaction(operator(now), "load the sample") as session:
        for engagement_id in session.scalars(select(Engagement.id).where(Engagement.slug.in_(slugs))):
            add_mark(session, engagement_id, Mark.SAMPLE, now)


def has_engagements() -> bool:
    """Return whether there is any engagement, of the sample or not."""
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


def _play(story: Story, administrator: tuple[int, str]) -> str:
    """Do the acts of the story until yesterday, in order. Returns its slug."""
    story.create_people(administrator)
    acts = [act for section in _SECTIONS for act in section(story) if act.on < story.calendar.today]
    in_order = sorted([*_opening(story), *acts], key=lambda act: act.on)
    for on, acts_of_day in groupby(in_order, lambda act: act.on):
        for nth, act in enumerate(acts_of_day):
            act.do(story.actor(act.by, story.calendar.moment(on, nth)), story.slug)
    return story.slug


def _opening(story: Story) -> Iterator[Act]:
    """The administrator creates the engagement, as its first lead, and adds its members."""
    day_1, people = story.calendar.day_1, story.data["people"]
    sponsor = people[story.sponsor]
    names = {"lead": people[story.lead]["name"], "sponsor": f"{sponsor['name']}, {sponsor['title']}"}
    given = story.data["engagement"] | names
    yield Act(day_1, ADMINISTRATOR, partial(engagements.create_engagement, day_1=day_1, **given))
    for person in people.values():
        member = {"email": email_of(person["name"]), "role": person["role"]}
        yield Act(day_1, ADMINISTRATOR, partial(_add_member, **member))


def _add_member(actor: Actor, slug: str, **member: str) -> None:
    # Only the operator loads the sample, and may add members without an invitation.
    engagements.add_member(replace(actor, operator=True), slug, **member)
