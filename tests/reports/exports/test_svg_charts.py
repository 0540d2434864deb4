"""A metric's chart for paper: every point and signal is there, and its words stay inside the picture."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.units import unit
from reports.charts.value_axis import unit_above
from reports.exports.svg_charts import HEIGHT, LETTER, WIDTH, needs_unit, process_behaviour_svg
from reports.review.charts import chart_of
from tests.reports.charts.component_reader import Chart
from tests.stories import NAUGHTY

FIRST = datetime(2026, 8, 17, 9, tzinfo=UTC)


def at(day: float) -> str:
    return f"{FIRST + timedelta(days=day):%Y-%m-%dT%H:%M:%SZ}"


def a_row(
    values: list[float], *, name: str = "h", target: float | None = 1.0, causes: tuple[str, ...] = ()
) -> dict:
    """A metric's row, a point a week; each cause begins a phase of its own."""
    points = [[at(7 * n), value, "outside the limits" if n == 3 else ""] for n, value in enumerate(values)]
    starts = [0, *range(1, len(causes) + 1)]
    phases = [
        {"start": at(7 * start), "end": at(7 * (len(values) - 1)), "frozen": at(7 * start), "cause": cause,
         "mean": min(values), "lower": min(values), "upper": max(values)}
        for start, cause in zip(starts, ["", *causes], strict=True)
    ]  # fmt: skip
    return {
        "unit": name,
        "target": "1 h by 5 Dec",
        "chart": {"points": points, "phases": phases, "target": target},
    }


def drawn(row: dict) -> ElementTree.Element:
    return ElementTree.fromstring(process_behaviour_svg(row, "Source Sans Pro"))


def marks(picture: ElementTree.Element, kind: str) -> list[ElementTree.Element]:
    return picture.findall(f"{{http://www.w3.org/2000/svg}}{kind}")


def words(picture: ElementTree.Element) -> list[str]:
    return [mark.text or "" for mark in marks(picture, "text")]


def test_calm_points_are_dots_and_a_signal_is_a_diamond():
    picture = drawn(a_row([4.0, 4.1, 3.9, 1.2, 4.0]))
    assert (len(marks(picture, "circle")), len(marks(picture, "path"))) == (4, 1)
    assert "Target 1 h by 5 Dec" in words(picture)


@pytest.mark.parametrize(
    ("name", "values", "labels"),
    [
        ("h", [4.0, 3.5, 0.2], ["0 h", "1 h", "2 h", "3 h", "4 h", "5 h"]),
        ("days", [90.0, 80.0, 44.0], ["40 d", "60 d", "80 d", "100 d"]),
        ("/ min", [120.0, 2510.0], ["0", "1,000", "2,000", "3,000"]),
        ("%", [18.0, 53.5], ["10 %", "20 %", "30 %", "40 %", "50 %", "60 %"]),
        ("EUR", [4e6, 4e6], ["€0", "€2M", "€4M", "€6M"]),
    ],
)
def test_an_axis_is_told_in_round_numbers_of_the_unit(name, values, labels):
    shown = words(drawn(a_row(values, name=name, target=None)))
    assert [word for word in shown if not word.endswith((" Aug", " Sep"))] == labels


def test_causes_that_would_lie_upon_each_other_are_left_out_and_long_ones_are_cut():
    picture = drawn(a_row([4.0] * 13, causes=("Intake live", "Scoring live", NAUGHTY[4])))
    labels = [word for word in words(picture) if "live" in word or "N" in word]
    assert labels[0] == "Intake live"
    assert all(len(word) <= 44 for word in labels)


@given(
    values=st.lists(st.floats(0.001, 1e7), min_size=1, max_size=40),
    target=st.none() | st.floats(0.001, 1e7),
    name=st.sampled_from(["h", "s", "days", "%", "EUR", "/ min", "touches", "minutes / case"]),
    cause=st.sampled_from(NAUGHTY),
)
def test_whatever_is_measured_every_mark_and_word_lies_inside_the_picture(values, target, name, cause):
    picture = drawn(a_row(values, name=name, target=target, causes=(cause,) if len(values) > 1 else ()))
    for mark in [*marks(picture, "circle"), *marks(picture, "text")]:
        x, y = (float(mark.get(place) or mark.get(f"c{place}")) for place in "xy")
        wide = len(mark.text or "") * LETTER
        left = x - {"end": wide, "middle": wide / 2}.get(mark.get("text-anchor", ""), 0.0)
        assert -1 <= left <= WIDTH
        assert 0 <= y <= HEIGHT


@pytest.mark.parametrize(
    ("name", "above"),
    [("applications / min", "applications / min"), ("touches", "touches"), ("h", ""), ("%", ""), ("EUR", "")],
)
def test_a_unit_is_written_above_the_chart_unless_every_number_of_its_axis_names_it(name, above):
    row = a_row([4.0, 5.0], name=name) | {"sentence": ""}
    assert unit_above(unit(name)) == above
    assert needs_unit(row) == bool(above)
    assert not any(above and above in level for level in Chart(chart_of(row)).names)


@pytest.mark.parametrize("name", ["h", "%", "EUR", "days", "/ min", "touches"])
def test_page_and_paper_name_the_same_levels(name):
    row = a_row([4.0, 3.1, 0.2, 7.7], name=name, target=2.0)
    on_page = Chart(chart_of(row | {"sentence": ""})).names
    assert [word for word in words(drawn(row)) if word in on_page][: len(on_page)] == on_page


def test_a_constant_whose_mean_is_off_by_rounding_is_drawn():
    row = a_row([0.1] * 13, target=None)
    for level in ("mean", "lower", "upper"):
        row["chart"]["phases"][0][level] = 0.1 - 1.4e-17
    assert words(drawn(row))[0] == "0 min"
