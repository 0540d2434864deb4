"""Reading a survey from a file: what is no survey, or doesn't add up, is refused with a sentence."""

import json
from copy import deepcopy

import pytest

from analysis.survey import SurveyError
from analysis.survey_file import MAX_BYTES, check, read_survey
from tests.analysis.surveys import survey_of


@pytest.fixture
def survey() -> dict:
    return survey_of(
        {"Ledger": 12, "Portal": 11, "Rates": 3}, {("Ledger", "Portal"): 6, ("Ledger", "Rates"): 1}
    )


def refusal(survey: object) -> str:
    with pytest.raises(SurveyError) as caught:
        check(survey)
    return str(caught.value)


def test_a_survey_is_read_as_it_was_written(survey):
    assert read_survey(json.dumps(survey).encode()) == survey
    assert read_survey(b"\xef\xbb\xbf" + json.dumps(survey, indent=2).encode()) == survey


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file isn't JSON: Expecting value at line 1."),
        (b"commit 1234\nAuthor: Ada", "The file isn't JSON: Expecting value at line 1."),
        (b"\xff\xfe\x00", "The file isn't text in UTF-8. Choose the JSON file that the survey wrote."),
        (b"[" * 100_000, "The file is nested too deeply to be a survey."),
        (b"9" * 5_000, "The file holds a number that is too long."),
        (b'{"read": 1, "read": 2}', "The file names a field twice in one object, so it can't be relied on."),
        (b"[]", 'The file is no survey: a survey begins with "format": "headway.survey/1".'),
        (
            b'{"format": "else/1"}',
            'The file is no survey: a survey begins with "format": "headway.survey/1".',
        ),
        (b" " * (MAX_BYTES + 1), "The file has 5.0 MB. A survey has at most 5 MB."),
    ],
)
def test_what_is_no_survey_is_refused(content, sentence):
    with pytest.raises(SurveyError) as caught:
        read_survey(content)
    assert str(caught.value) == sentence


def test_an_unknown_version_is_named(survey):
    assert "“headway.survey/2”; only “headway.survey/1”" in refusal(survey | {"format": "headway.survey/2"})
    assert "rules “7”" in refusal(survey | {"rules": 7})


@pytest.mark.parametrize("head", ["main", "", "0" * 39, "G" * 40, 7, None, "0" * 40 + "\n"])
def test_a_head_that_is_no_hash_is_refused(survey, head):
    assert "as head, which can't be" in refusal(survey | {"head": head})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("read", -1),
        ("read", True),
        ("read", 1.5),
        ("read", 10**12),
        ("since", "2024-01-01"),
        ("taken_on", "2024-02-30"),
        ("repository", " "),
        ("systems", {}),
        ("months", []),
    ],
)
def test_a_value_of_another_kind_is_refused(survey, field, value):
    assert f"as {field}, which can't be" in refusal(survey | {field: value})


def test_what_does_not_belong_in_a_survey_is_refused_so_that_no_name_of_a_person_comes_in(survey):
    assert "authors, which doesn't belong" in refusal(survey | {"authors": ["Ada"]})
    survey["systems"][0]["email"] = "ada@private.example"
    assert refusal(survey) == "A system holds email, which doesn't belong in a survey."


def test_a_missing_field_is_named(survey):
    del survey["pairs"]
    assert refusal(survey) == "The survey lacks pairs."


def change(survey: dict, *path: object, to: object) -> dict:
    """A copy of the survey with one value changed."""
    copy = deepcopy(survey)
    part = copy
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = to
    return copy


@pytest.mark.parametrize(
    ("path", "to", "sentence"),
    [
        (["read"], 99, "99 commits were read, but counted and left out add up to"),
        (["left_out", "bots"], 1, "commits were read, but counted and left out add up to"),
        (["left_out", "holidays"], 0, "The reasons for leaving commits out are bots"),
        (["months", "2024-01", "changes"], 99, "The months don't add up to the"),
        (["months", "2024-01", "alone"], 0, "The changes within one system differ"),
        (["months", "2024-13"], {"changes": 0, "alone": 0}, "“2024-13” is no month"),
        (["systems", 0, "months", "2024-01"], 99, "The months of “Ledger” don't add up"),
        (["systems", 0, "months", "2024-01"], -1, "“Ledger” has “-1” changes in 2024-01"),
        (["systems", 0, "alone"], 13, "“Ledger” changed alone more often than it changed"),
        (["systems", 0, "touched"], 1, "The pairs of “Ledger” don't add up to the 1 it touched"),
        (["systems", 1, "name"], "Ledger", "The survey names a system twice"),
        (["systems", 0, "paths"], [1], "“Ledger” has a path that is no text"),
        (["pairs", 0, "b"], "Ledger", "a pair twice, or not a pair"),
        (["pairs", 0, "b"], "Nobody", "a pair twice, or not a pair"),
        (["pairs", 0, "shared"], 12, "can't share 12 changes"),
        (["pairs", 0, "commits"], ["Ada Secret"], "aren't at most 5 short hashes"),
        (["pairs", 0, "commits"], ["0" * 10] * 6, "aren't at most 5 short hashes"),
        (["since"], "2025-01-01T00:00:00Z", "begins on 2025-01-01, after it ends"),
    ],
)
def test_what_does_not_add_up_is_refused(survey, path, to, sentence):
    assert sentence in refusal(change(survey, *path, to=to))
