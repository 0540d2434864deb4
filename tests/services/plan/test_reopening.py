"""A closed cycle can be opened again while nothing was built on the next one."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from models.database import read_connection
from models.errors import Invalid
from services.core.validation import LATEST
from services.engagement import engagements
from services.operations import journal_check
from services.plan import cycles, milestones, reopening
from services.review import reviews
from tests.builders import an_engagement, on_day, the_operator, the_state

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def closed_early(database):
    """The first cycle was closed on day 40."""
    an_engagement()
    cycles.close_cycle(the_operator(40), "acme")


def plan() -> list[tuple[int, object, list[tuple[str, bool]]]]:
    """Every cycle with its number, the day it was closed, and its milestones and whether they were carried on."""
    return [
        (
            cycle.number,
            cycle.closed_on,
            [(row.key, row.carried_from_id is not None) for row in cycle.milestones],
        )
        for cycle in the_state().cycles
    ]


def test_opening_it_again_takes_back_what_closing_it_made():
    assert [number for number, *_ in plan()] == [1, 2]
    assert reopening.reopen_cycle(the_operator(41), "acme") == 1
    ((number, closed_on, rows),) = plan()
    assert (number, closed_on) == (1, None)
    assert rows
    assert not any(carried for _, carried in rows)
    assert [verdict.problem for verdict in journal_check.verify(the_operator())] == [None]
    with read_connection() as connection:
        newest = connection.execute(
            text("SELECT use_case FROM journal ORDER BY id DESC LIMIT 1")
        ).scalar_one()
    assert newest == "open the cycle again"


def test_it_can_be_closed_and_opened_as_often_as_one_changes_ones_mind():
    before = plan()
    for _ in range(2):
        reopening.reopen_cycle(the_operator(41), "acme")
        cycles.close_cycle(the_operator(40), "acme")
    assert plan() == before


def test_a_next_cycle_that_was_planned_before_stays_planned():
    reopening.reopen_cycle(the_operator(41), "acme")
    cycles.plan_next_cycle(the_operator(41), "acme")
    planned = plan()
    cycles.close_cycle(the_operator(42), "acme")
    assert plan() != planned
    reopening.reopen_cycle(the_operator(43), "acme")
    assert plan() == planned


@pytest.mark.parametrize("day_1", [LATEST + timedelta(days=1), date.max, on_day(1)])
def test_a_next_cycle_begins_after_this_one_and_on_a_day_that_an_engagement_could(day_1):
    reopening.reopen_cycle(the_operator(41), "acme")
    before = plan()
    with pytest.raises(Invalid, match=r"Day 1 can't be on|has to begin after"):
        cycles.plan_next_cycle(the_operator(41), "acme", day_1)
    assert plan() == before


def a_claim() -> None:
    row = the_state().cycle().milestones[0]
    milestones.state_claim(
        the_operator(92), "acme", row.id, says="on track", reason="Nearly there", expires_on=on_day(99)
    )


@pytest.mark.parametrize(
    ("build", "why"),
    [
        (lambda: reviews.freeze(the_operator(92), "acme"), "a week is frozen in cycle 2"),
        (
            lambda: engagements.move_day_1(the_operator(50), "acme", on_day(60)),
            "the plan was changed in cycle 2",
        ),
        (a_claim, "a claim is stated in cycle 2"),
    ],
)
def test_what_was_built_on_the_next_cycle_keeps_it_closed(build, why):
    build()
    with pytest.raises(Invalid, match=f"Cycle 1 can't be opened again: {why}"):
        reopening.reopen_cycle(the_operator(93), "acme")
    assert the_state().cycles[0].closed_on == on_day(40)


def test_without_a_closed_cycle_there_is_none_to_open():
    reopening.reopen_cycle(the_operator(41), "acme")
    with pytest.raises(Invalid, match="No cycle of this engagement is closed"):
        reopening.reopen_cycle(the_operator(41), "acme")
