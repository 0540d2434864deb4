"""The ratios of the benchmark are what they say."""

from itertools import cycle

from tests.bench.lines import LINES, bench
from tests.bench.timing import Measured, interleaved, ratio


def test_a_ratio_is_that_of_the_medians_without_the_first_turn():
    ours, theirs = iter([900.0, 6.0, 4.0, 50.0]), iter([800.0, 3.0, 2.0, 1.0])
    measured = interleaved(lambda: next(ours), lambda: next(theirs), runs=3)
    assert measured == Measured(ours=6, theirs=2)
    assert measured.ratio == 3


def test_both_take_turns():
    turns = []
    ratio(lambda: turns.append("ours"), lambda: turns.append("theirs"), runs=4)
    assert all(turn == expected for turn, expected in zip(turns, cycle(["ours", "theirs"]), strict=False))
    assert len(turns) == 10


def test_each_turn_gets_something_fresh():
    given, numbers = [], iter(range(100))
    ratio(given.append, given.append, runs=2, fresh=lambda: next(numbers))
    assert given == [0, 1, 2, 3, 4, 5]


def test_a_line_says_what_it_is_compared_with():
    @bench("a trial line", limit=2, kinds=("sqlite",))
    def trial(stage):
        """against nothing"""

    line = LINES.pop()
    assert (line.name, line.what, line.limit, line.kinds) == (
        "a trial line",
        "against nothing",
        2,
        ("sqlite",),
    )
