import json
import math
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import sentence as sentences
from analysis.analyse import analyse_series
from analysis.judge import judge

# Hospital infections per 10,000 patient days by month, Nov 2012 to Oct 2015 (the data set `cdi` of the R
# package qicharts2); an intervention took place at the start of November 2014.
INFECTIONS = """
    11.5111 8.2986 16.6904 14.0583 13.4987 12.5564 14.7014 13.2609 14.3933 17.3215 12.3238 11.371 16.5553
    13.2568 12.7286 16.4644 17.7833 13.2054 11.5856 4.2392 18.0757 11.996 7.5147 9.5153 6.1014 7.3916 4.6041
    9.566 3.3087 3.6417 2.1614 3.5982 6.849 2.9911 3.5818 6.3464
"""
MONTHS = pd.date_range("2012-11-01", periods=36, freq="MS")
CDI = pd.DataFrame({"at": MONTHS, "value": [float(x) for x in INFECTIONS.split()]})
INTERVENTION = (date(2014, 11, 1), "the intervention")
MONDAY = date(2026, 1, 5)


def weekly(values):
    days = [MONDAY + timedelta(weeks=i) for i in range(len(values))]
    return pd.DataFrame({"at": days, "value": list(values)})


def after_week(n):
    return MONDAY + timedelta(weeks=n - 1)


def steps(seed, by):
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.normal(100, 10, 12), rng.normal(100 + 10 * by, 10, 13)])


def test_the_infections_fell_at_the_intervention_and_a_person_reads_by_how_much():
    analysis = analyse_series(
        CDI, direction="lower", phases=[INTERVENTION], target=5, target_on=date(2016, 1, 1)
    )
    assert sentences.describe(analysis) == (
        "Better since 1 Nov 2014 (the intervention): confirmed by 12 points (odds 45 to 1). 13 before, 5.01 since, 2.6x "
        "better (1.8x to 4.3x); latest 6.35. The target of 5 is met in some months, missed in others; on 1 Jan 2016 it "
        "may be met or missed, a 50% chance (80% interval 1.81 to 8.22)."
    )
    assert (analysis.variation, analysis.capability) == ("common cause", "hit or miss")


def test_without_a_named_cause_the_date_is_found_in_the_data_and_a_phase_is_proposed():
    analysis = judge(
        CDI, direction="lower", baseline_until=date(2014, 10, 31), target=5, target_on=date(2016, 1, 1)
    )
    assert (analysis["verdict"], analysis["date_found"]) == ("confirmed better", True)
    assert analysis["changed_at"].startswith("2014-11-01")
    assert "(found in the data)" in analysis["sentence"]
    assert analysis["first_confirmed"]["points"] == 6
    assert analysis["variation"] == "special cause improvement"
    assert analysis["capability"] == "trial"
    assert analysis["proposed_phase"]["at"].startswith("2014-11-01")
    assert analysis["forecast"]["state"] == "forecast"


def test_a_named_cause_gives_the_date_and_nothing_is_proposed_there():
    analysis = judge(CDI, direction="lower", phases=[INTERVENTION])
    assert (analysis["date_found"], analysis["proposed_phase"]) == (False, None)
    assert analysis["changed_at"].startswith("2014-11-01")
    assert analysis["odds"] == pytest.approx(45.2, abs=0.1)


def test_a_file_alone_tells_that_it_changed():
    analysis = judge(CDI, direction="lower")
    assert (analysis["verdict"], analysis["date_found"]) == ("confirmed better", True)


def test_the_dictionary_tells_each_phase_with_its_frozen_limits():
    analysis = judge(CDI, direction="lower", phases=[INTERVENTION], rules="nhs")
    assert [phase["limits"]["points"] for phase in analysis["phases"]] == [24, 12]
    assert analysis["phases"][1]["cause"] == "the intervention"
    assert analysis["mean"] == analysis["phases"][1]["mean"] == pytest.approx(CDI["value"][24:].mean())
    assert analysis["rules"] == {"name": "nhs", "version": 2}
    frozen = judge(CDI, direction="lower", baseline_until=date(2013, 10, 31))
    assert frozen["limits"]["points"] == 12
    assert frozen["mean"] == pytest.approx(CDI["value"][:12].mean())
    assert {signal["side"] for signal in frozen["signals"] if signal["index"] > 28} == {"below"}


def test_routine_variation_is_called_no_change():
    analysis = analyse_series(weekly(steps(3, 0)), direction="lower", baseline_until=after_week(12))
    assert analysis.verdict == "no change"
    assert sentences.describe(analysis).startswith("No change shown since the baseline (odds ")


def test_a_change_for_the_worse_is_confirmed_as_such():
    analysis = analyse_series(weekly(steps(1, 3)), direction="lower", baseline_until=after_week(12))
    assert analysis.verdict == "confirmed worse"
    assert sentences.describe(analysis).startswith("Worse since about")
    assert analysis.variation == "special cause concern"


def test_capability_needs_twelve_stable_points():
    calm = 50 + np.tile([1.0, -1, 2, -2], 5)
    for n, capability in ((11, "trial"), (12, "consistently meets")):
        assert analyse_series(weekly(calm[:n]), direction="lower", target=80).capability == capability
    assert analyse_series(weekly(calm), direction="higher", target=80).capability == "consistently misses"
    assert analyse_series(weekly(calm), direction="higher", target=51).capability == "hit or miss"
    assert analyse_series(weekly([*calm, 99]), direction="lower", target=200).capability == "trial"
    assert (
        analyse_series(weekly([*calm, 99]), direction="lower", target=200).assurance == "consistently meets"
    )


@pytest.mark.parametrize("rules", ["wheeler", "nhs"])
@pytest.mark.parametrize("values", [[], [5.0], [5.0] * 2, [5.0] * 40, [0.0] * 40, [-3.0] * 40, [0.1] * 40])
def test_no_point_one_point_and_points_that_never_vary_claim_nothing(values, rules):
    for until in (None, after_week(1), after_week(12)):
        if until and not values:
            continue
        analysis = judge(weekly(values), direction="lower", baseline_until=until, target=4.0, rules=rules)
        assert analysis["verdict"] in ("no change", "too early")
        assert analysis["signals"] == []
        json.dumps(analysis, allow_nan=False)


def test_gaps_and_what_is_no_number_are_left_out():
    values = [str(x) for x in steps(2, -3)]
    at = [str(MONDAY + timedelta(weeks=i)) for i in range(len(values))]
    holes = pd.DataFrame({"at": [*at, "2026-02-30", at[0], at[1]], "value": [*values, "5", None, "inf"]})
    shuffled = holes.sample(frac=1, random_state=1)
    how = {"direction": "lower", "baseline_until": after_week(12)}
    assert judge(shuffled, **how) == judge(weekly(steps(2, -3)), **how)


BASELINE = [10, 11, 9, 10, 11, 9, 10, 11, 9, 10, 11, 9]
LIVE = (after_week(12) + timedelta(days=1), "go-live")


def since_go_live(later, **how):
    how = {"baseline_until": after_week(12), "changed_on": LIVE} | how
    return sentences.describe(analyse_series(weekly(BASELINE + later), direction="lower", **how))


@pytest.mark.parametrize(
    ("later", "text"),
    [
        ([], "Too early to tell: 0 of 2 points since go-live on 24 Mar."),
        ([1], "Too early to tell: 1 of 2 points since go-live on 24 Mar."),
        (
            [1, 2, 1],
            "Better since go-live on 24 Mar: confirmed by 3 points (odds over 1,000 to 1). 10 before, 1.33 since, 7.5x "
            "better (4x to 48x); latest 1.",
        ),
        (
            [12, 13, 14],
            "Worse since go-live on 24 Mar: confirmed by 3 points (odds 19 to 1). 10 before, 13 since, ",
        ),
        ([10, 9.8, 9.7], "No change shown since go-live on 24 Mar (odds 0.2 to 1). 10 before, 9.83 since, "),
        (
            [7.5, 8, 7.5],
            "Leaning better since go-live on 24 Mar, 4.6 to 1; 6 to 1 confirms. 10 before, 7.67 since, ",
        ),
    ],
)
def test_what_is_said_since_go_live(later, text):
    assert since_go_live(later).startswith(text)


def test_a_confirmation_that_faded_is_remembered_with_its_day_and_odds():
    text = since_go_live([1, 1, 10, 11, 9, 10, 11, 10, 9, 10, 11, 9])
    assert text.startswith("No change shown since go-live on 24 Mar")
    assert text.endswith("Confirmed better on 6 Apr (over 1,000 to 1); it faded since.")


def test_a_target_whose_day_has_passed_was_met_or_missed_on_that_day():
    due = {"target": 5, "target_on": date(2026, 4, 7)}
    assert since_go_live([8, 7, 4, 4], **due).endswith("Due 7 Apr: missed (7 then, 4 now).")
    assert since_go_live([8, 4, 4, 7], **due).endswith("Due 7 Apr: met (4 then, 7 now).")


def test_percentages_of_a_whole_differ_by_percentage_points():
    analysis = analyse_series(
        weekly([82.7, 83, 84, 81, 82, 83, 95, 95.2, 96, 95]),
        direction="higher",
        changed_on=date(2026, 2, 16),
        bounds=(0.0, 100.0),
        format_value=lambda value: f"{value:.1f} %",
    )
    assert "82.6 % before, 95.3 % since, 12.7 percentage points higher (11.1 to 14.2)" in sentences.describe(
        analysis
    )


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ({"direction": "down"}, "“down” is no direction"),
        ({"direction": "lower", "rules": "x"}, "no rule set “x”"),
        ({"direction": "lower", "baseline_until": date(2020, 1, 1)}, "No point lies in the baseline"),
    ],
)
def test_what_cannot_be_judged_is_refused_with_a_sentence(how, sentence):
    with pytest.raises(ValueError, match=sentence):
        analyse_series(weekly([1, 2, 3]), **how)
    with pytest.raises(ValueError, match="value is missing"):
        analyse_series(pd.DataFrame({"at": []}), direction="lower")


SERIES = st.lists(st.floats(-1e6, 1e6), max_size=45)
HOW = st.fixed_dictionaries(
    {
        "direction": st.sampled_from(["lower", "higher"]),
        "rules": st.sampled_from(["wheeler", "nhs"]),
        "target": st.none() | st.floats(-1e6, 1e6),
        "phases": st.lists(st.integers(0, 50).map(after_week), max_size=3),
    }
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.floats() | st.none(), max_size=40), HOW, st.none() | st.integers(1, 45), st.integers(-60, 60)
)
def test_whatever_comes_is_judged_without_a_crash_or_a_nan(values, how, baseline, ahead):
    until, on = baseline and after_week(baseline), MONDAY + timedelta(weeks=len(values) + ahead)
    if any(x is not None and math.isfinite(x) for x in values[: baseline or None]):
        analysis = judge(weekly(values), baseline_until=until, target_on=on, **how)
        assert analysis["sentence"].endswith(".")
        assert "nan " not in analysis["sentence"]
        json.dumps(analysis, allow_nan=False)


def conclusions(values, how, baseline, **others):
    analysis = analyse_series(weekly(values), baseline_until=baseline, scale="linear", **{**how, **others})
    return analysis.word, analysis.towards, analysis.variation, analysis.capability


MANY = st.integers(0, 10_000).map(lambda seed: steps(seed, (seed % 9 - 4) / 1.5).round(3))
PLAIN = {"target": 90.0}


@settings(max_examples=80, deadline=None)
@given(MANY, st.sampled_from([0.001, 1 / 60, 3, 1000, 86400]), st.sampled_from(["lower", "higher"]))
def test_another_unit_never_changes_what_is_said(values, size, direction):
    for scale in ("linear", "log"):
        how = {"direction": direction, "baseline_until": after_week(12), "scale": scale}
        here, there = (
            analyse_series(weekly(values * k), target=90 * k, target_on=after_week(30), **how)
            for k in (1, size)
        )
        assert (here.verdict, here.variation) == (there.verdict, there.variation)
        assert here.capability == there.capability
        assert here.forecast.why_not == there.forecast.why_not
        assert here.estimate.factor == pytest.approx(there.estimate.factor)


@settings(max_examples=80, deadline=None)
@given(MANY, st.sampled_from([-1000.0, -100, 7, 5000]), st.sampled_from(["lower", "higher"]))
def test_a_shift_on_a_linear_scale_never_changes_what_is_said(values, by, direction):
    for until in (None, after_week(12)):
        here = conclusions(values, PLAIN, until, direction=direction)
        assert here == conclusions(values + by, PLAIN, until, direction=direction, target=90 + by)


@settings(max_examples=80, deadline=None)
@given(MANY, st.sampled_from(["wheeler", "nhs"]))
def test_lower_and_higher_mirror_each_other(values, rules):
    for until in (None, after_week(12)):
        lower = conclusions(values, PLAIN, until, direction="lower", rules=rules)
        assert lower == conclusions(200 - values, {"target": 110.0}, until, direction="higher", rules=rules)
        other = {"better": "worse", "worse": "better", None: None}
        higher = conclusions(values, PLAIN, until, direction="higher", rules=rules)
        assert (higher[0], higher[1]) == (lower[0], other[lower[1]])


@settings(max_examples=60, deadline=None)
@given(SERIES, st.sampled_from(["wheeler", "nhs"]))
def test_a_series_turned_over_mirrors_whatever_its_numbers(values, rules):
    lower = conclusions(values, {}, None, direction="lower", rules=rules)
    assert lower == conclusions([-x for x in values], {}, None, direction="higher", rules=rules)
