"""The picture of what a change costs: labels never lie on each other, and every value is told."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from reports.charts.cost import HEIGHT, WIDTH, _end_box, _lines, cost_of_change
from reports.charts.label_places import Box, Point, place_labels

MARGIN = Box(0, 0, WIDTH, HEIGHT)
places = st.lists(
    st.builds(Point, st.floats(0, WIDTH), st.floats(0, HEIGHT), st.floats(3, 12), st.floats(10, 160)),
    max_size=25,
)


@given(places)
def test_no_label_lies_on_another_on_a_point_or_beyond_the_picture(points):
    boxes = [box for box in place_labels(points, MARGIN, 15) if box is not None]
    assert not any(a.meets(b) for i, a in enumerate(boxes) for b in boxes[:i])
    assert all(box.is_in(MARGIN) for box in boxes)
    circles = [Box(p.x - p.radius, p.y - p.radius, p.x + p.radius, p.y + p.radius) for p in points]
    assert not any(box.meets(circle) for box in boxes for circle in circles)


def test_a_label_alone_stands_to_the_right_and_at_the_edge_to_the_left():
    inside, edge = Point(100, 100, 5, 60), Point(WIDTH - 10, 200, 5, 60)
    first, second = place_labels([inside, edge], MARGIN, 15)
    assert first.left > inside.x
    assert second.right < edge.x


def systems() -> pd.DataFrame:
    rows = [
        ("core", 7.1, 1.58, 18.4, True),
        ("order", 6.7, 1.55, 17.1, True),
        ("discount", 1.6, 3.76, 7.5, False),
    ]
    frame = pd.DataFrame(rows, columns=["name", "a_month", "others", "system_changes", "costliest"])
    names = frame["name"]
    return frame.assign(
        tooltip=[f"{name}\n..." for name in names], href=[f"/inventory?{name}" for name in names]
    )


def test_every_system_is_a_point_with_its_values_and_the_costliest_are_named():
    made = cost_of_change(systems()).to_dict()
    assert made["description"] == "Cost of change of 3 systems; the costliest: core, order."
    lines, ends, circles, labels = (list(made["datasets"][layer["data"]["name"]]) for layer in made["layer"])
    assert {row["name"] for row in circles} == {"core", "order", "discount"}
    assert {row["name"] for row in labels} >= {"core", "order"}
    assert {row["name"]: (row["tooltip"], row["href"]) for row in circles}["order"] == (
        "order\n...",
        "/inventory?order",
    )
    assert made["layer"][2]["encoding"]["description"]["field"] == "tooltip"
    for row in lines:  # the same cost all along
        assert row["others"] == 0 or abs(row["a_month"] * (1 + row["others"]) - row["level"]) < 1e-9
    assert ends[0]["text"].endswith(" a month")


@given(st.floats(0.5, 60), st.floats(0.2, 9), st.floats(1, 60))
def test_the_text_of_a_line_of_equal_cost_lies_on_no_line_of_its_own_and_inside(right, top, most):
    lines, ends = _lines(right, top, most)
    for row in ends.itertuples():
        box = _end_box(row.a_month, row.others, row.text, right, top)
        assert box.is_in(MARGIN)
        own = lines[lines["level"] == float(row.text.split()[0])]
        drawn = [
            (x / right * WIDTH, HEIGHT * (1 - y / top))
            for x, y in zip(own["a_month"], own["others"], strict=True)
        ]
        assert not any(box.left < x < box.right and box.top < y < box.bottom for x, y in drawn)


def test_without_a_system_it_says_so():
    assert "No system changed often enough" in str(cost_of_change(systems().head(0)).to_dict())
