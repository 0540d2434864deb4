"""When more interviews stop teaching."""

from hypothesis import given
from hypothesis import strategies as st

from analysis.saturation import MIN_INTERVIEWS, RUN_LENGTH, saturation

THEMES = st.lists(st.sets(st.sampled_from("abcdefgh")), max_size=25)


def test_three_interviews_without_a_new_theme_stop_the_teaching():
    taught = saturation([{"a", "b"}, {"c"}, {"a"}, {"d"}, {"a"}, {"b", "c"}, {"d"}])
    assert taught.new == [2, 1, 0, 1, 0, 0, 0]
    assert taught.cumulative == [2, 3, 3, 4, 4, 4, 4]
    assert taught.stopped_after == 4
    assert taught.sentence == "Interviews have stopped teaching: the last 3 of 7 brought no new theme."


def test_few_interviews_never_have_stopped_teaching():
    taught = saturation([{"a"}] * (MIN_INTERVIEWS - 1))
    assert not taught.stopped_teaching
    assert taught.sentence == "Too early to say: 6 of at least 7 interviews held."


def test_a_late_new_theme_says_that_interviews_still_teach():
    taught = saturation([{"a"}] * 9 + [{"a", "late"}])
    assert taught.stopped_after is None
    assert taught.sentence == "Interviews still teach: 1 new theme in the last 3 of 10."


def test_interviews_without_any_theme_taught_nothing_and_are_no_saturation():
    assert saturation([set()] * 12).sentence == "No theme has come from an interview yet."
    assert not saturation([set()] * 12).stopped_teaching
    assert saturation([]).cumulative == []


@given(THEMES)
def test_the_curve_counts_each_theme_once(themes):
    taught = saturation(themes)
    assert sum(taught.new) == len(set().union(*themes))
    assert taught.cumulative == sorted(taught.cumulative)
    assert len(taught.cumulative) == len(themes)


@given(THEMES)
def test_the_verdict_holds_exactly_when_the_last_interviews_brought_nothing(themes):
    taught = saturation(themes)
    quiet = len(themes) >= MIN_INTERVIEWS and sum(taught.new) > 0 and not any(taught.new[-RUN_LENGTH:])
    assert taught.stopped_teaching == quiet
    if quiet:
        assert taught.new[taught.stopped_after - 1] > 0
        assert not any(taught.new[taught.stopped_after :])
