"""Measurements that are brought in: read in the engagement's zone and their metric's unit, corrected, or refused."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database import engine
from models.measurements import Measurement
from services.measurements import grid_entry
from services.metrics import definitions
from store.measurements import measurements
from tests.builders import an_engagement, on_day, the_operator, the_state
from tests.services.imports.imported_lines import DAY, a_metric, everything, imported, problems_of, runs

pytestmark = pytest.mark.usefixtures("database")


def test_measurements_take_their_units_and_the_zone_of_the_engagement():
    an_engagement(zone="Europe/Berlin")
    a_metric()
    imported(
        "measurements",
        "metric,at,value,n,note",
        "decision-time,2026-10-20,90 min,4,slow",
        "decision-time,2026-10-21 08:00,2,,",
    )
    with Session(engine()) as session:
        rows = session.scalars(select(Measurement).order_by(Measurement.at)).all()
    assert [(row.at.isoformat(), row.value, row.n, row.note) for row in rows] == [
        ("2026-10-19T22:00:00+00:00", 1.5, 4, "slow"),
        ("2026-10-21T06:00:00+00:00", 2.0, None, None),
    ]


def test_a_corrected_value_supersedes_and_the_rest_stays():
    an_engagement()
    a_metric()
    imported(
        "measurements",
        "metric,at,value,n",
        "decision-time,2026-10-20,4,7",
        "decision-time,2026-10-21,3,8",
        "decision-time,2026-10-22,2,9",
    )
    plan = imported(
        "measurements",
        "metric,at,value",
        "decision-time,2026-10-22,1",
        "decision-time,2026-10-21,3",
        "decision-time,2026-10-23,1",
    ).plan
    assert (plan.added, plan.changed, plan.unchanged) == (1, 1, 1)
    assert [(row.label, row.change) for row in plan.rows] == [
        ("decision-time, 2026-10-22", "changed"),
        ("decision-time, 2026-10-23", "added"),
    ]
    aggregate = the_state().metrics[0].aggregate
    assert (aggregate.count, aggregate.current) == (4, 1.0)
    with Session(engine()) as session:
        newest = session.scalars(
            select(Measurement).order_by(Measurement.batch_id.desc(), Measurement.at)
        ).first()
    assert (newest.value, newest.n) == (1.0, 9)


def test_without_a_column_of_notes_a_note_stays_unless_it_says_why_the_value_replaced_another():
    an_engagement()
    metric_id = a_metric()
    imported(
        "measurements",
        "metric,at,value,note",
        "decision-time,2026-10-20,4,",
        "decision-time,2026-10-21,3,A holiday",
        "decision-time,2026-10-22,3,",
    )
    typed = [{"at": f"2026-10-{day}", "value": "5", "note": "Counted twice"} for day in (20, 22)]
    grid_entry.save_rows(the_operator(DAY), "acme", metric_id, typed)
    plan = imported(
        "measurements",
        "metric,at,value",
        "decision-time,2026-10-20,6",
        "decision-time,2026-10-21,2",
        "decision-time,2026-10-22,5",
    ).plan
    assert [[(cell.column, cell.before, cell.after) for cell in row.differences] for row in plan.rows] == [
        [("value", "5 h", "6 h"), ("note", "Counted twice", "")],
        [("value", "3 h", "2 h")],
    ]
    frame = measurements(the_operator(DAY), "acme")
    assert frame["value"].tolist() == [6, 2, 5]
    assert frame["note"].fillna("").tolist() == ["", "A holiday", "Counted twice"]


def test_the_same_measurements_again_are_nothing_to_change():
    an_engagement()
    a_metric()
    lines = ("at,value,n,note", "2026-10-20,4,7,", "2026-10-21,3 h,,hm")
    imported("measurements", *lines, metric="decision-time")
    before = everything()
    again = imported("measurements", *lines, metric="decision-time")
    assert again.text == "Nothing to change: all 2 rows are stored like this already."
    assert everything() == before
    assert len(runs()) == 1


def test_all_that_is_wrong_with_measurements_is_told_at_once():
    an_engagement()
    a_metric()
    a_metric("error-rate", "%")
    retired = a_metric("old")
    definitions.retire(the_operator(DAY), "acme", retired)
    tomorrow = on_day(DAY) + timedelta(days=1)
    text = problems_of(
        "measurements",
        "metric,at,value",
        f"decision-time,{tomorrow},1",
        "decision-time,9999-10-20,1",
        "decision-time,2026-10-20,NaN",
        "decision-time,2026-10-21,1e999",
        "decision-time,2026-10-22,4 EUR",
        "error-rate,2026-10-20,120",
        "old,2026-10-20,1",
        "decison-time,2026-10-20,1",
    )
    assert [sentence.split(":")[0] for sentence in text] == [
        "Line 2, at",
        "Line 3, at",
        "Line 4, value",
        "Line 5, value",
        "Line 6, value",
        "Line 7, value",
        "Line 8, metric",
        "Line 9, metric",
    ]
    assert "did you mean “decision-time”?" in text[-1]
