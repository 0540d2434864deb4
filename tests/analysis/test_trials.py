"""Tools judged by use: comparable or why not, and the weight of build against debug at which the winner flips."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.trials import Trial, compare_trials

DAY = date(2024, 5, 6)


def trials(tool: str, **minutes: tuple[float, ...]) -> list[Trial]:
    """Trials of a tool: of each task, the minutes of Ada, Ben and so on; what begins with "build" is a build task."""
    return [
        Trial(tool, task, "build" if task.startswith("build") else "debug", person, DAY, each)
        for task, times in minutes.items()
        for person, each in zip(("Ada", "Ben", "Cy"), times, strict=False)
    ]


def test_the_winner_flips_at_the_weight_computed_by_hand():
    """Build 10 against 20, debug 40 against 25: (1 - w) 10 + 40 w = (1 - w) 20 + 25 w at w = 10 / 25."""
    comparison = compare_trials(
        trials("Grafana", build=(8, 12), debug=(30, 50)) + trials("Honeycomb", build=(20, 20), debug=(20, 30))
    )
    assert comparison.reasons == []
    assert comparison.flips_at == [0.4]
    assert comparison.winner == "Honeycomb"
    assert comparison.sentence == (
        "Grafana is first while debugging weighs less than 40%; Honeycomb is first while it weighs more than 40%."
    )


def test_a_winner_of_both_is_first_at_every_weight():
    comparison = compare_trials(
        trials("A", build=(9, 9), debug=(9, 9)) + trials("B", build=(10, 10), debug=(9, 10))
    )
    assert comparison.winner == "A"
    assert comparison.flips_at == []
    assert comparison.sentence == "A is first at every weight of build against debug."


def test_a_third_tool_may_be_first_in_between():
    comparison = compare_trials(
        trials("A", build=(10, 10), debug=(100, 100))
        + trials("B", build=(30, 30), debug=(30, 30))
        + trials("C", build=(100, 100), debug=(10, 10))
    )
    assert [stretch.tools for stretch in comparison.stretches] == [("A",), ("B",), ("C",)]
    assert comparison.flips_at == pytest.approx([20 / 90, 70 / 90])
    assert "B is first between 22% and 78%" in comparison.sentence


def test_a_tie_is_no_winner():
    comparison = compare_trials(
        trials("A", build=(5, 5), debug=(9, 9)) + trials("B", build=(5, 5), debug=(9, 9))
    )
    assert comparison.winner is None
    assert comparison.sentence == "A and B are first at every weight of build against debug."


def test_minutes_of_a_task_are_the_median_of_its_people_and_of_a_kind_the_mean_of_its_tasks():
    comparison = compare_trials(trials("A", build_a=(10, 20, 90), build_b=(40, 60), debug=(1, 1)))
    assert comparison.minutes("A", "build_a") == 20
    assert comparison.mean_minutes("A", "build") == 35
    assert comparison.minutes("A", "unknown") is None


def test_unfinished_counts_as_longer_than_the_longest_and_is_never_dropped():
    quick = trials("A", build=(10, 10), debug=(5,)) + [
        Trial("A", "debug", "debug", "Ben", DAY, 15, finished=False)
    ]
    slow = trials("B", build=(10, 10), debug=(30, 39))
    comparison = compare_trials(quick + slow)
    assert comparison.minutes("A", "debug") == (5 + 40) / 2
    assert comparison.unfinished("A") == 1
    alone = compare_trials([Trial("A", "debug", "debug", "Ben", DAY, 90, finished=False), *slow])
    assert alone.minutes("A", "debug") == 91


def test_a_second_try_of_the_same_person_does_not_count():
    first = trials("A", debug=(30, 30))
    again = Trial("A", "debug", "debug", "ADA", DAY + timedelta(days=1), 2)
    assert compare_trials([again, *first]).minutes("A", "debug") == 30


B = trials("Backstage", build=(10, 10), debug=(10, 10))


@pytest.mark.parametrize(
    ("tried", "reasons"),
    [
        ([], ["no tool was tried"]),
        (B, ["only one tool was tried"]),
        (B + trials("Honeycomb", build=(10, 10)), ["Honeycomb has no debug task"]),
        (trials("A", build=(1, 1)) + trials("C", build=(1, 1)), ["no tool has a debug task"]),
        (B + trials("Honeycomb", debug=(10, 10)), ["Honeycomb lacks “build”"]),
        (
            B + trials("Honeycomb", build=(10,), debug=(10, 10)),
            ["only one person tried “build” with Honeycomb"],
        ),
        (
            B + trials("Honeycomb", build=(10, 10), debug=(10, 10), debug_two=(10, 10)),
            ["Backstage lacks “debug_two”"],
        ),
        (
            [
                *B,
                *trials("Honeycomb", build=(10, 10), debug=(10,)),
                Trial("Honeycomb", "debug", "build", "Cy", DAY, 9),
            ],
            ["“debug” is a build task in one trial and a debug task in another"],
        ),
    ],
)
def test_why_tools_are_not_comparable_yet(tried, reasons):
    comparison = compare_trials(tried)
    assert comparison.reasons == reasons
    assert comparison.sentence == f"Not comparable yet: {'; '.join(reasons)}."
    assert comparison.winner is None
    assert comparison.stretches == []


def test_one_person_twice_is_not_two_people():
    twice = [Trial("A", "debug", "debug", name, DAY, 5) for name in ("Ada", "ada")]
    tried = twice + trials("B", debug=(5, 5))
    assert compare_trials(tried).reasons == ["only one person tried “debug” with A"]


def test_debugging_alone_is_said_so():
    tried = trials("A", debug=(5, 5)) + trials("B", debug=(6, 6))
    assert compare_trials(tried).sentence == "A is first at debugging; nothing was built in these trials."


@pytest.mark.parametrize("minutes", [0, -1, float("nan"), float("inf")])
def test_minutes_must_be_above_0(minutes):
    with pytest.raises(ValueError, match="Ada can't have taken"):
        compare_trials(trials("A", debug=(minutes,)))


tools = st.lists(st.tuples(st.integers(1, 60), st.integers(1, 60)), min_size=2, max_size=5)


@given(tools, st.integers(0, 100))
def test_at_every_weight_the_tool_said_to_be_first_has_the_fewest_minutes(times, percent):
    tried = [
        trial
        for n, (build, debug) in enumerate(times)
        for trial in trials(f"T{n}", build=(build, build), debug=(debug, debug))
    ]
    weight = percent / 100
    comparison = compare_trials(tried)
    assert comparison.stretches[0].start == 0
    assert comparison.stretches[-1].end == 1
    first = [s.tools for s in comparison.stretches if s.start <= weight <= s.end]
    cost = {f"T{n}": (1 - weight) * build + weight * debug for n, (build, debug) in enumerate(times)}
    for named in first:
        assert all(cost[tool] == pytest.approx(min(cost.values())) for tool in named)
