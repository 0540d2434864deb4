"""What charts of HTML components share."""

from hypothesis import given
from hypothesis import strategies as st

from reports.charts.components import MIN_WIDTHS, Margins, Row, labels, levels, mark, row_tooltip, rows
from reports.charts.scales import Scale
from reports.charts.theme import LETTER
from tests.reports.charts.component_reader import Chart

FROM = {look: width for look, width in MIN_WIDTHS.items() if look}


def shown(words, places, room):
    """The labels that a plot of so many pixels shows."""
    marks = Chart(labels(words, places)).of("hw-label")
    return [mark for mark in marks if all(FROM.get(look, 0) <= room for look in mark.looks)]


def test_a_place_is_the_part_of_the_way_along_the_axis():
    assert Scale(0, 200).place(50) == 25
    assert Scale(1, 100, log=True).place(10) == 50
    assert (Scale(0, 1).place(-5), Scale(0, 1).place(7)) == (0, 100)


def test_where_there_is_room_every_label_is_shown_and_on_a_phone_every_second_or_fourth():
    words = ["20 Nov"] * 9
    places = [nth * 12.5 for nth in range(9)]
    assert [len(shown(words, places, room)) for room in (450, 250, 150)] == [9, 5, 3]


@given(st.lists(st.text("abc 1", min_size=1, max_size=12), min_size=1, max_size=12))
def test_no_two_labels_that_are_shown_overlap(words):
    places = [100 * nth / max(len(words) - 1, 1) for nth in range(len(words))]
    for room in MIN_WIDTHS.values():
        marks = shown(words, places, room)
        assert marks
        for one, next_one in zip(marks, marks[1:], strict=False):
            apart = (next_one.left - one.left) / 100 * room
            assert apart >= (len(one.text) + len(next_one.text)) / 2 * LETTER


def test_a_row_that_leads_somewhere_is_a_link_that_tells_what_its_tooltip_tells():
    tooltip = row_tooltip("Orders", {"Status": "late", "Note": ""})
    chart = Chart(
        rows([Row("Orders", [mark("hw-mark", left=5)], tooltip, "/plan?engagement=acme")], "One row.")
    )
    assert (chart.role, chart.description) == ("group", "One row.")
    assert (chart.names, chart.links) == (["Orders"], ["/plan?engagement=acme"])
    assert (chart.tooltips, chart.labels) == (["Orders\nStatus: late"], ["Orders. Status: late"])


def test_a_chart_that_leads_nowhere_is_one_image():
    chart = Chart(rows([Row("Orders", [], "Orders")], "One row."))
    assert (chart.role, chart.links, chart.tooltips) == ("img", [], ["Orders"])


def test_the_points_of_a_plot_are_read_in_turn_from_the_last_one():
    dots = [mark("hw-dot", tooltip=f"point {nth}", left=nth) for nth in (1, 2)]
    chart = Chart(levels(["0"], [50], dots, "Two points.", Margins(), 100, ["point 1", "point 2"]))
    assert chart.role == "group"
    assert [chart.slider[f"aria-{what}"] for what in ("valuemin", "valuenow", "valuemax")] == ["1", "2", "2"]
    assert chart.slider["aria-valuetext"] == "point 2"
    assert Chart(levels(["0"], [50], [], "Nothing.", Margins(), 100)).slider == {}
