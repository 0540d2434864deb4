"""Measurements: batches that are only ever added, superseded and withdrawn, never altered."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from models.database import engine
from models.errors import AlreadyDone, Forbidden, Invalid, NotFound
from models.people import Actor, Role
from models.permissions import Action
from services.core.transaction import open_engagement, transaction
from services.measurements import grid_entry
from services.measurements.batches import Rows, latest_values, record, reinstate, withdraw
from services.metrics import definitions
from services.workflows.workflows import put_workflow
from store.measurements import batches, measurements
from store.states import state
from tests.builders import a_metric, an_actor, an_engagement, noon, on_day, the_operator, the_state

pytestmark = pytest.mark.usefixtures("database")

LATER = 80
"""A day of the plan by which everything in these tests has happened."""


def take(metric_id, values, first_day=1, day=LATER, **more):
    """Record a value a day from `first_day` on; returns the batch."""
    at = [on_day(first_day + offset) for offset in range(len(values))]
    return record(
        the_operator(day), "acme", Rows([metric_id] * len(values), at, values, **more), "decisions.csv"
    )


def values_of(metric_id, **more):
    return measurements(the_operator(), "acme", [metric_id], **more)["value"].tolist()


def aggregate(position=0):
    return the_state().metrics[position].aggregate


def test_a_batch_is_read_back_in_order_with_what_came_with_it():
    an_engagement()
    metric_id = a_metric()
    notes = ["tab\there", "line\nbreak", "back\\slash", None]
    take(metric_id, ["4 h", "90 s", 3, 2.5], n=[12, None, 0, 7], note=notes)
    frame = measurements(the_operator(), "acme")
    assert frame["value"].tolist() == [4, 0.025, 3, 2.5]
    assert frame["note"].tolist()[:3] == notes[:3]
    assert frame["note"].isna().tolist() == [False, False, False, True]
    assert frame["n"].fillna(-1).tolist() == [12, -1, 0, 7]
    assert frame["at"][0].to_pydatetime() == datetime.combine(on_day(1), datetime.min.time(), UTC)


def test_a_state_knows_what_the_measurements_come_to():
    an_engagement()
    metric_id = a_metric()
    take(metric_id, [4, 4, 4, 4, 4, 3, 2])
    newest = aggregate()
    assert (newest.count, newest.current) == (7, 2)
    assert (newest.first_on, newest.last_on) == (on_day(1), on_day(7))
    assert (newest.baseline_count, newest.baseline_enough_on) == (7, on_day(6))


def test_the_baseline_ends_where_a_workflow_that_moves_the_metric_went_live():
    an_engagement()
    metric_id = a_metric()
    take(metric_id, [4] * 10)
    with transaction(the_operator(LATER), "add a workflow") as session:
        engagement = open_engagement(session, "acme", Action.EDIT_WORKFLOWS)
        given = {"name": "Decide", "state": "live", "live_on": on_day(8), "metric_id": metric_id}
        put_workflow(session, engagement, given, None, on_day(LATER))
    assert aggregate().baseline_count == 7
    definitions.change(the_operator(LATER), "acme", metric_id, {"baseline_until": on_day(3)}, seen=None)
    assert (aggregate().baseline_count, aggregate().count) == (3, 10)


def test_at_one_moment_the_newest_batch_counts_and_withdrawing_it_brings_the_earlier_back():
    an_engagement()
    metric_id = a_metric()
    take(metric_id, [4, 3, 2])
    correction = take(metric_id, [9], first_day=3)
    assert values_of(metric_id) == [4, 3, 9]
    assert (aggregate().count, aggregate().current) == (3, 9)

    withdraw(the_operator(LATER), "acme", correction)
    assert values_of(metric_id) == [4, 3, 2]
    assert (aggregate().count, aggregate().current) == (3, 2)

    reinstate(the_operator(LATER), "acme", correction)
    assert values_of(metric_id) == [4, 3, 9]


def test_a_withdrawn_batch_leaves_nothing_behind_but_its_rows():
    an_engagement()
    metric_id = a_metric()
    only = take(metric_id, [4, 3])
    withdraw(the_operator(LATER), "acme", only)
    assert aggregate() is None
    assert values_of(metric_id) == []
    row = batches(the_operator(), "acme", metric_id).iloc[0]
    assert (row["rows"], row["withdrawn"], row["source"], row["by"]) == (2, True, "decisions.csv", "operator")
    with pytest.raises(Invalid, match="withdrawn already"):
        withdraw(the_operator(LATER), "acme", only)


def test_an_earlier_revision_has_the_values_of_then():
    an_engagement()
    metric_id = a_metric()
    first = take(metric_id, [4, 3])
    then = the_state().revision
    take(metric_id, [9], first_day=2)
    withdraw(the_operator(LATER), "acme", first)

    assert values_of(metric_id) == [9]
    assert values_of(metric_id, at_revision=then) == [4, 3]
    rebuilt = state(the_operator(), "acme", at_revision=then).metrics[0].aggregate
    assert (rebuilt.count, rebuilt.current) == (2, 3)


def test_the_journal_has_one_entry_a_batch_with_its_count_and_a_digest_of_its_rows():
    an_engagement()
    metric_id = a_metric()
    at = [on_day(day) for day in (1, 2, 3)]
    before = the_state().revision
    one = record(the_operator(LATER), "acme", Rows([metric_id] * 3, at, [1, 2, 3]), "a.csv")
    other_way = record(the_operator(LATER), "acme", Rows([metric_id] * 3, at[::-1], [3, 2, 1]), "a.csv")
    different = record(the_operator(LATER), "acme", Rows([metric_id] * 3, at, [1, 2, 3.0000001]), "a.csv")
    assert the_state().revision == before + 3
    query = text("select id, count, digest from measurement_batch")
    with engine().connect() as connection:
        digests = {row.id: (row.count, row.digest) for row in connection.execute(query)}
    assert digests[one] == digests[other_way]
    assert digests[different][1] != digests[one][1]
    assert digests[one][0] == 3


def test_a_day_is_a_day_of_the_engagements_zone():
    an_engagement(zone="Asia/Tokyo")
    take(a_metric(), [4, 3])
    assert (aggregate().first_on, aggregate().last_on) == (on_day(1), on_day(2))


def test_a_hundred_thousand_rows_come_as_arrays():
    an_engagement()
    metric_id = a_metric()
    minutes = np.datetime64("2026-01-01", "us") + np.arange(100_000) * np.timedelta64(1, "m")
    value = np.arange(100_000, dtype=float)
    order = np.random.default_rng(1).permutation(100_000)
    record(
        the_operator(LATER),
        "acme",
        Rows(np.full(100_000, metric_id), minutes[order], value[order]),
        "big.csv",
    )
    assert (aggregate().count, aggregate().current) == (100_000, 99_999)
    frame = measurements(the_operator(), "acme")
    assert np.array_equal(frame["value"], value)


@pytest.mark.parametrize(
    ("at", "value", "more", "sentence"),
    [
        ([on_day(1)], [float("nan")], {}, "value of row 1 has to be a number"),
        ([on_day(1)], [float("inf")], {}, "value of row 1 has to be a number"),
        ([on_day(1)], ["1e999"], {}, "Row 1: "),
        ([on_day(1)], ["4 invoices"], {}, "Row 1: "),
        ([on_day(1)], [None], {}, "Row 1 has no value"),
        ([None], [1], {}, "Row 1 is no date"),
        ([date(1999, 12, 31)], [1], {}, "from 1 Jan 2000 to"),
        ([date(9999, 1, 1)], [1], {}, "dated 9999-01-01"),
        ([on_day(1), on_day(LATER + 1)], [1, 1], {}, "Row 2 is dated"),
        ([datetime(2026, 10, 5, 12)], [1], {}, "without a time zone"),
        (
            [on_day(1), on_day(2), on_day(1)],
            [1, 2, 3],
            {},
            "Rows 1 and 3 are measurements of the same metric",
        ),
        ([on_day(1)], [1], {"n": [-1]}, "n of row 1"),
        ([on_day(1)], [1], {"n": [1.5]}, "n of row 1"),
        ([on_day(1)], [1], {"note": ["a\x00b"]}, "note of row 1 holds a control character"),
        ([on_day(1)], [1, 2], {}, "differ in length"),
        ([], [], {}, "no measurements"),
    ],
)
def test_what_cannot_be_stored_is_named_by_its_row_and_nothing_is_saved(at, value, more, sentence):
    an_engagement()
    metric_id = a_metric()
    before = the_state().revision
    with pytest.raises(Invalid) as refused:
        record(the_operator(LATER), "acme", Rows([metric_id] * len(at), at, value, **more), "a.csv")
    assert sentence in str(refused.value)
    assert str(refused.value).endswith("Nothing was saved.")
    assert the_state().revision == before


def test_a_share_of_a_whole_stays_within_it():
    an_engagement()
    metric_id = a_metric(unit="%", direction="higher")
    with pytest.raises(Invalid, match="from 0 to 100"):
        take(metric_id, [99.5, 100.5])


def test_the_end_of_today_is_that_of_the_engagements_zone():
    an_engagement(zone="Pacific/Auckland")
    metric_id = a_metric()
    evening = datetime(2026, 10, 5, 10, 30, tzinfo=UTC)
    actor = Actor(name="operator", at=evening, via="test", operator=True)
    record(actor, "acme", Rows([metric_id], [evening + timedelta(minutes=20)], [1]), "a.csv")
    with pytest.raises(Invalid, match="to 5 Oct 2026"):
        record(actor, "acme", Rows([metric_id], [evening + timedelta(minutes=40)], [1]), "a.csv")


def test_a_retired_metric_takes_no_more_measurements():
    an_engagement()
    metric_id = a_metric()
    definitions.retire(the_operator(2), "acme", metric_id)
    with pytest.raises(Invalid, match="is retired"):
        take(metric_id, [1])


def test_a_metric_that_is_measured_keeps_its_unit():
    an_engagement()
    metric_id = a_metric(unit="h")
    take(metric_id, [4])
    definitions.change(the_operator(2), "acme", metric_id, {"unit": "hours"}, seen=None)
    with pytest.raises(Invalid, match="measurements in hours, which would be read as min"):
        definitions.change(the_operator(2), "acme", metric_id, {"unit": "min"}, seen=None)


def test_another_engagements_metric_and_batch_do_not_exist():
    an_engagement()
    metric_id = a_metric()
    batch_id = take(metric_id, [4])
    an_engagement("other")
    with pytest.raises(NotFound):
        record(the_operator(LATER), "other", Rows([metric_id], [on_day(1)], [1]), "a.csv")
    with pytest.raises(NotFound):
        withdraw(the_operator(LATER), "other", batch_id)
    assert measurements(the_operator(), "other", [metric_id]).empty
    assert batches(the_operator(), "other", metric_id).empty
    with pytest.raises(NotFound):
        measurements(an_actor("Otto", role=None), "acme")


@pytest.mark.parametrize("role", [Role.SPONSOR, Role.VIEWER])
def test_who_only_reads_records_nothing(role):
    an_engagement()
    metric_id = a_metric()
    with pytest.raises(Forbidden):
        record(an_actor("Vera", role=role, day=LATER), "acme", Rows([metric_id], [on_day(1)], [1]), "a.csv")


def test_a_double_click_records_once():
    an_engagement()
    metric_id = a_metric()
    lead = an_actor("Mei Tan")
    click = Actor(name="Mei Tan", at=noon(LATER), via="page", user_id=lead.user_id, once="a click")
    typed = [{"at": "2026-10-06", "value": "3 h"}]
    grid_entry.save_rows(click, "acme", metric_id, typed)
    with pytest.raises(AlreadyDone):
        grid_entry.save_rows(click, "acme", metric_id, typed)
    assert values_of(metric_id) == [3]


def test_a_pasted_grid_is_read_as_a_spreadsheet_writes_it():
    an_engagement(zone="Europe/London")
    metric_id = a_metric()
    typed = [
        {"at": "2026-10-06", "value": "1,5", "n": "12", "note": " first "},
        {"at": "7 Oct 2026", "value": "90 s"},
        {"at": "2026-10-08 14:30", "value": "2,25 h", "n": None, "note": None},
    ]
    assert grid_entry.save_rows(the_operator(LATER), "acme", metric_id, typed).count == 3
    frame = measurements(the_operator(), "acme")
    assert frame["value"].tolist() == [1.5, 0.025, 2.25]
    assert frame["at"][2].to_pydatetime() == datetime(2026, 10, 8, 13, 30, tzinfo=UTC)
    assert (frame["n"][0], frame["note"][0]) == (12, "first")


def test_a_pasted_grid_tells_what_could_be_read_otherwise():
    an_engagement(zone="Europe/Berlin")
    metric_id = a_metric()
    saved = grid_entry.save_rows(
        the_operator(LATER), "acme", metric_id, [{"at": "2026-10-06", "value": "12,500"}]
    )
    assert [doubt.full_sentence("row") for doubt in saved.doubts] == [
        "Row 1, value: “12,500” was read as 12,500 h, as nothing else tells which mark is the decimal one; the other "
        "way it is 12.5."
    ]


def test_an_hour_that_the_clock_shows_twice_is_refused_in_a_grid():
    an_engagement(zone="Europe/Berlin")
    metric_id = a_metric()
    with pytest.raises(Invalid, match=r"2026-10-25T02:30\+02:00 or 2026-10-25T02:30\+01:00"):
        grid_entry.save_rows(
            the_operator(LATER), "acme", metric_id, [{"at": "2026-10-25 02:30", "value": "1"}]
        )


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ({"at": "someday"}, "The moment of row 3, “someday”, has to be a date such as"),
        ({"value": "much"}, "Row 3: “much” is not read: it holds no number; write a number such as 12.5 h"),
        ({"n": "few"}, "The n of row 3, “few”, has to be"),
        ({"at": None}, "Row 3 is no date"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named(cell, sentence):
    an_engagement()
    metric_id = a_metric()
    typed = [{"at": "2026-10-06", "value": "1"}, {}, {"at": "2026-10-07", "value": "1"} | cell]
    with pytest.raises(Invalid) as refused:
        grid_entry.save_rows(the_operator(LATER), "acme", metric_id, typed)
    assert sentence in str(refused.value)
    assert aggregate() is None


def usual(metric_id):
    with Session(engine()) as session:
        return latest_values(session, metric_id)


def test_only_values_that_count_tell_which_numbers_are_usual():
    an_engagement()
    metric_id = a_metric(name="Approved", unit="%", direction="higher")
    take(metric_id, [60, 70])
    batch = take(metric_id, [0.6, 0.7], first_day=5)
    assert usual(metric_id) == [0.7, 0.6, 70, 60]
    withdraw(the_operator(LATER), "acme", batch)
    assert usual(metric_id) == [70, 60]
    reinstate(the_operator(LATER), "acme", batch)
    take(metric_id, [61, 71], first_day=5)
    assert usual(metric_id) == [71, 61, 70, 60]


def test_a_share_of_one_is_doubted_though_a_withdrawn_batch_held_such():
    an_engagement()
    metric_id = a_metric(name="Approved", unit="%", direction="higher")
    take(metric_id, [60, 70])
    withdraw(the_operator(LATER), "acme", take(metric_id, [0.6, 0.7], first_day=5))
    typed = [{"at": on_day(7).isoformat(), "value": "0.62"}]
    (doubt,) = grid_entry.save_rows(the_operator(LATER), "acme", metric_id, typed).doubts
    assert "as a share of one it is 62 %" in doubt.full_sentence("row")
