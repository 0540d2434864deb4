"""The portfolio's list: sorted and filtered as its address says, as of any date, and as files."""

import csv
import gc
import io
from datetime import date, timedelta

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as some

from models.status import WORST_FIRST, Status
from reports.exports.portfolio_files import portfolio_csv, portfolio_xlsx
from reports.frames import derived as derived_frames
from reports.frames.derived import derived
from reports.frames.portfolio import portfolio
from reports.frames.portfolio_list import SORTS, View, arranged, changes, review_text, table, view_of
from services.review import reviews
from tests.builders import an_engagement, on_day, the_operator
from tests.stories import a_story

ON = date(2026, 11, 20)


def a_frame(*rows: dict[str, object]) -> pd.DataFrame:
    plain = {
        "slug": "a", "name": "A", "client": "C", "sector": "", "region": "", "lead": "Mei", "status": Status.ON_TRACK,
        "reason": "", "day": 1, "where": "Day 1 of 90", "done": 0, "milestones": 9, "better": 0, "metrics": 0,
        "newly_done": (), "next_milestone": "", "next_due": None, "reviewed_on": None, "on": ON,
    }  # fmt: skip
    return pd.DataFrame([plain | row for row in rows])


def names(frame: pd.DataFrame) -> list[str]:
    return list(frame["name"])


def test_an_address_says_the_order_and_the_filters():
    frame = a_frame(
        {"name": "b", "day": 3, "lead": "Zoe", "status": Status.OFF_TRACK, "reviewed_on": ON},
        {"name": "A", "day": 9, "lead": "Ann", "next_due": ON},
        {"name": "c", "day": 5, "lead": "Ann", "reviewed_on": ON - timedelta(days=8)},
    )
    assert names(arranged(frame, view_of([("sort", "engagement")]))) == ["A", "b", "c"]
    assert names(arranged(frame, view_of([("sort", "engagement"), ("order", "desc")]))) == ["c", "b", "A"]
    assert names(arranged(frame, view_of([("sort", "day")]))) == ["A", "c", "b"]
    assert names(arranged(frame, view_of([("sort", "review")]))) == ["c", "b", "A"]
    assert names(arranged(frame, view_of([("sort", "review"), ("order", "desc")]))) == ["b", "c", "A"]
    assert names(arranged(frame, view_of([("lead", "Ann"), ("sort", "nonsense")]))) == ["A", "c"]
    assert names(arranged(frame, view_of([("health", "off track"), ("health", "at risk")]))) == ["b"]
    assert names(arranged(frame, view_of([("find", "B")]))) == ["b"]


@given(
    some.lists(
        some.tuples(some.sampled_from(WORST_FIRST), some.integers(1, 90), some.none() | some.dates()),
        min_size=1,
    ),
    some.sampled_from(list(SORTS)),
    some.sampled_from(["asc", "desc"]),
)
def test_sorting_loses_nothing_and_what_has_no_value_comes_last(rows, sort, order):
    frame = a_frame(
        *(
            {"name": str(n), "status": status, "day": day, "reviewed_on": on}
            for n, (status, day, on) in enumerate(rows)
        )
    )
    shown = arranged(frame, View(sort, order))
    assert sorted(names(shown)) == sorted(names(frame))
    if sort == "review":
        missing = [not isinstance(on, date) or pd.isna(on) for on in shown["reviewed_on"]]
        assert missing == sorted(missing)


def test_the_age_of_a_review_is_said_in_days():
    assert review_text(ON, ON) == "today"
    assert review_text(ON - timedelta(days=8), ON) == "8 days"
    assert review_text(None, ON) == "never"


def test_files_hold_the_list_and_no_formula():
    rows = table(a_frame({"name": "=cmd()", "better": 2, "metrics": 5, "newly_done": ("Metrics signed",)}))
    (line,) = csv.DictReader(io.StringIO(portfolio_csv(rows).decode("utf-8-sig")))
    assert line["Engagement"] == "'=cmd()"
    assert line["Outcomes better than baseline"] == "2 of 5"
    assert line["Done in the last week"] == "1 done: Metrics signed"
    sheet = openpyxl.load_workbook(io.BytesIO(portfolio_xlsx(rows, "Portfolio")))["Portfolio"]
    assert (sheet["B2"].value, sheet["B2"].data_type) == ("=cmd()", "s")
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("C2", "A1:M2")


@pytest.mark.usefixtures("sqlite_database")
def test_the_portfolio_as_of_a_date_is_what_its_evidence_says_of_it():
    a_story()
    an_engagement("later", name="Later", day_1=on_day(60))
    reviews.freeze(the_operator(40), "acme", on_day(40))
    now, then = portfolio(the_operator(60)), portfolio(the_operator(60), on_day(30))
    (row,) = then.itertuples()
    assert (row.slug, row.where, row.reviewed_on) == ("acme", "Day 30 of 90", None)
    (today,) = now[now["slug"] == "acme"].itertuples()
    assert (today.reviewed_on, today.on, today.better, today.metrics) == (on_day(40), on_day(60), 4, 4)
    assert row.done < today.done
    of_day_40 = portfolio(the_operator(60), on_day(41))
    assert changes(of_day_40, of_day_40.index)[0][2].endswith("reviewed on 13 Nov")


def test_changes_are_those_of_the_engagements_that_are_shown_in_their_order():
    frame = a_frame({"name": "a", "newly_done": ("A",)}, {"name": "b"}, {"name": "zz", "newly_done": ("C",)})
    assert [name for _, name, _ in changes(frame, frame.index)] == ["a", "zz"]
    backwards = arranged(frame, View("engagement", "desc"))
    assert [name for _, name, _ in changes(frame, backwards.index)] == ["zz", "a"]
    rows = arranged(frame, View("engagement", "desc", text="zz"))
    assert (names(rows), [text for _, _, text in changes(frame, rows.index)]) == (["zz"], ["done: C"])


def test_what_is_made_of_a_frame_is_made_once_and_freed_with_it():
    made = []

    def name() -> str:
        made.append(1)
        return "a"

    frame = a_frame({"name": "a"})
    assert [derived(frame, "name", name) for _ in range(2)] == ["a", "a"]
    assert derived(a_frame({"name": "b"}), "name", lambda: "b") == "b"
    assert made == [1]
    frames = len(derived_frames._made)
    del frame
    gc.collect()
    assert len(derived_frames._made) < frames
