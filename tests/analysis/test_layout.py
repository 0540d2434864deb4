"""Where the graph's boxes and lines go."""

from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.layout import GAP, MAX_IN_LAYER, layered
from tests.analysis.test_coupling import inventories


def widths_of(systems):
    return {name: 40.0 + 7 * len(name) for name in systems}


@given(inventories())
@settings(deadline=None)
def test_boxes_never_overlap_and_lie_in_the_picture(inventory):
    systems, pairs = inventory
    widths = widths_of(systems)
    layout = layered(systems, pairs, widths)
    assert set(layout.places) == set(systems)
    for name, (x, y) in layout.places.items():
        assert widths[name] / 2 <= x <= layout.width - widths[name] / 2
        assert 0 < y < layout.height
        for other, (other_x, other_y) in layout.places.items():
            if other != name and other_y == y:
                assert abs(x - other_x) >= (widths[name] + widths[other]) / 2 + GAP - 0.001


@given(inventories())
@settings(deadline=None)
def test_each_system_stands_above_what_it_depends_on_except_within_a_loop(inventory):
    layout = layered(*inventory, widths_of(inventory[0]))
    assert {(r.dependent, r.provider) for r in layout.routes} == set(inventory[1])
    for route in layout.routes:
        (_, first), (_, last) = route.points[0], route.points[-1]
        assert (last < first) == route.upward
        assert route.points[0] == layout.places[route.dependent]
        assert route.points[-1] == layout.places[route.provider]


@given(inventories(), st.randoms())
@settings(deadline=None, max_examples=30)
def test_the_picture_is_the_same_for_any_order_of_the_input(inventory, random):
    systems, pairs = list(inventory[0]), list(inventory[1])
    before = layered(systems, pairs, widths_of(systems))
    random.shuffle(systems)
    random.shuffle(pairs)
    assert layered(systems, pairs, widths_of(systems)) == before


def test_a_crowded_layer_is_continued_in_the_next():
    systems = ["hub", *(f"user {n:02}" for n in range(20))]
    layout = layered(systems, [(name, "hub") for name in systems[1:]], widths_of(systems))
    rows = [y for _, y in layout.places.values()]
    assert max(rows.count(y) for y in rows) == MAX_IN_LAYER


def test_no_systems_need_no_room():
    assert layered([], [], {}).places == {}
