"""Archived engagements leave the portfolio and come back; deleted ones leave nothing but a line in the security log."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.append_only import tables_without_triggers
from models.base import Base
from models.database import engine
from models.engagement_marks import Mark
from models.errors import Forbidden, Invalid
from models.people import Role
from reports.frames.portfolio import portfolio
from services import sample
from services.engagement import archiving, invitations
from services.inventory import systems
from services.measurements import batches
from services.measurements.batches import Rows
from services.people import security_log
from services.review import reviews
from services.sample.story import stories
from tests.builders import a_metric, an_actor, an_engagement, on_day, the_operator, the_state

pytestmark = pytest.mark.usefixtures("database")

DAY = 20
NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)


def rows_by_table() -> dict[str, int]:
    left = {"deleted_engagement", "security_event", "user", "submission"}
    with Session(engine()) as session:
        counts = {
            table.name: session.scalar(select(func.count()).select_from(table))
            for table in Base.metadata.sorted_tables
            if table.name not in left
        }
    return {name: number for name, number in counts.items() if number}


def worked_on(slug: str = "acme") -> None:
    an_engagement(slug)
    systems.save(the_operator(DAY), slug, added=[{"name": "Portal"}])
    if slug == "acme":
        a_metric()
        reviews.freeze(the_operator(DAY), slug, on_day(9))


def slugs() -> list[str]:
    return sorted(portfolio(the_operator(DAY))["slug"])


def test_an_archived_engagement_is_out_of_the_portfolio_readable_and_restorable():
    worked_on()
    lead = an_actor("lead", role=Role.LEAD, day=DAY)
    archiving.archive(lead, "acme")
    assert slugs() == []
    assert the_state().name == "Lending platform"
    assert archiving.marked(lead, Mark.ARCHIVED) == [("acme", "Lending platform")]
    with pytest.raises(Invalid, match="archived already"):
        archiving.archive(lead, "acme")
    archiving.restore(lead, "acme")
    assert slugs() == ["acme"]
    with pytest.raises(Invalid, match="isn't archived"):
        archiving.restore(lead, "acme")


def test_a_deletion_takes_everything_asks_for_the_name_and_leaves_the_log_and_the_triggers():
    before = rows_by_table()
    worked_on()
    with pytest.raises(Invalid, match="Type the engagement's name, “Lending platform”"):
        archiving.delete_engagement(the_operator(DAY), "acme", "lending")
    assert slugs() == ["acme"]
    archiving.delete_engagement(the_operator(DAY), "acme", "Lending platform")
    assert rows_by_table() == before
    with engine().connect() as connection:
        assert tables_without_triggers(connection) == []
    (event, *_) = security_log.events(the_operator(DAY))
    assert (event.kind, event.detail) == ("engagement deleted", "Engagement acme")


def test_others_stay_and_a_new_one_never_has_the_id_of_a_deleted_one():
    worked_on("other")
    worked_on()
    other, gone = the_state("other"), the_state()
    archiving.delete_engagement(the_operator(DAY), "acme", "Lending platform")
    assert the_state("other") is other
    an_engagement("acme")
    assert the_state().id > gone.id
    assert the_state().systems == []


def test_only_an_administrator_deletes():
    worked_on()
    lead = an_actor("lead", role=Role.LEAD, day=DAY)
    with pytest.raises(Forbidden, match="Only an administrator can delete an engagement"):
        archiving.delete_engagement(lead, "acme", "Lending platform")


def test_removing_the_sample_leaves_ones_own():
    an_engagement("mine")
    (story, *_) = stories(NOW)
    before = rows_by_table()
    loaded = sample.load(NOW, only=story.slug)
    assert archiving.marked(the_operator(DAY), Mark.SAMPLE)[0][0] == story.slug
    assert archiving.remove_sample(the_operator(DAY)) == loaded == [story.slug]
    assert slugs() == ["mine"]
    assert rows_by_table() == before
    assert archiving.remove_sample(the_operator(DAY)) == []


def test_nothing_in_an_archived_engagement_can_be_changed_until_it_is_restored():
    an_engagement()
    lead = an_actor("Mei Tan")
    archiving.archive(lead, "acme")
    revision = the_state().revision
    a_system = {"added": [{"name": "Ledger"}]}
    for write in (
        lambda: systems.save(lead, "acme", **a_system),
        lambda: batches.record(lead, "acme", Rows([], [], []), "x.csv"),
        lambda: invitations.invite(lead, "acme", "new@example.org", "viewer"),
        lambda: systems.save(the_operator(), "acme", **a_system),
    ):
        with pytest.raises(Invalid, match="archived, so nothing in it can be changed"):
            write()
    assert the_state().revision == revision
    archiving.restore(lead, "acme")
    systems.save(lead, "acme", **a_system)
    assert [row.name for row in the_state().systems] == ["Ledger"]
