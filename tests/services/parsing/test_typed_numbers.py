"""A number that was typed into a form and can be read in two ways says so, with both readings."""

from services.parsing.typed_numbers import doubts_of_typed


def test_each_doubtful_field_has_its_sentence():
    typed = {"Baseline": "1,234", "Target": "90 s", "Step at day 30": "1d 4h", "Step at day 60": None}
    baseline, step = doubts_of_typed(typed, "h")
    assert baseline.startswith("Baseline: “1,234” was read as 1,234 h, as ")
    assert baseline.endswith("; the other way it is 1.234.")
    assert step.startswith("Step at day 30: “1d 4h” was read as 12 h, with a working day of 8 h")


def test_plain_numbers_and_what_was_refused_have_none():
    assert doubts_of_typed({"Baseline": "12.5", "Target": "", "Value": "soon"}, "h") == []


def test_a_mark_that_is_clear_in_one_field_speaks_for_the_others():
    (target,) = doubts_of_typed({"Baseline": "3,5", "Target": "1,250"}, "h")
    assert target.startswith(
        "Target: “1,250” was read as 1.25 h, as the numbers beside it speak for a decimal comma"
    )
    assert target.endswith("; the other way it is 1,250.")
    assert doubts_of_typed({"Baseline": "1,250.5", "Target": "1,100"}, "h")[0].startswith(
        "Target: “1,100” was read as 1,100 h"
    )


def test_fields_that_contradict_each_other_are_each_read_by_themselves():
    typed = {"Baseline": "3,5", "Step at day 30": "2.5", "Target": "1,250"}
    (target,) = doubts_of_typed(typed, "h")
    assert target.startswith("Target: “1,250” was read as 1,250 h, as nothing else tells")
