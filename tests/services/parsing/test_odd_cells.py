import pytest

from services.parsing.displayed import NumberCell
from services.parsing.odd_cells import (
    codes_in,
    forced_text,
    forced_texts,
    gibberish,
    look_alikes,
    odd_encoding,
    placeholders,
    same_people,
    several_codes,
    shown_by_format,
)
from services.parsing.text_encoding import decode_unmarked


def doubts_of(detect, *cells, **more):
    """(rows, seen, read) of each doubt about a column."""
    return [
        (doubt.rows, doubt.seen, doubt.read)
        for doubt in detect(cells, range(2, len(cells) + 2), "owner", **more)
    ]


def test_placeholders_are_told_with_their_rows():
    assert doubts_of(placeholders, "TBD", "Dana", "n/a", None, 7) == [((2, 4), "TBD", "nothing")]
    assert doubts_of(placeholders, "Dana", "", None) == []


def test_the_sentence_names_the_rows_and_the_column():
    (doubt,) = placeholders(["TBD", "-", "?", "none"], [2, 3, 5, 9], "owner")
    assert (
        doubt.full_sentence()
        == "Lines 2, 3, 5 and 1 more, owner: “TBD” was read as nothing, as it stands for none."
    )
    assert doubt.full_sentence("row").startswith("Rows 2, 3, 5 and 1 more")
    assert doubt.as_json() == {
        "kind": "placeholder", "column": "owner", "rows": [2, 3, 5, 9], "seen": "TBD", "read": "nothing",
        "sentence": doubt.full_sentence(),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ('="00123"', "00123"),
        ('=T("00123")', "00123"),
        ('= "a""b"', 'a"b'),
        ("=SUM(A1)", None),
        ("00123", None),
    ],
)
def test_texts_that_are_kept_by_a_formula(text, meant):
    assert forced_text(text) == meant


def test_forced_texts_are_told():
    assert doubts_of(forced_texts, '="00123"', "x", '="04567"') == [((2, 4), '="00123"', "00123")]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("APP-0012, APP-0013", ["APP-0012", "APP-0013"]),
        ("APP-0012\nAPP-0013", ["APP-0012", "APP-0013"]),
        ("CRM01 / CRM02", ["CRM01", "CRM02"]),
        ("APP-0012 and APP-0012", ["APP-0012"]),
        ("APP-0012", ["APP-0012"]),
        ("SAP, Oracle", []),
        ("Java 8, Oracle 19", []),
        ("APP-0012 (old)", []),
        ("", []),
    ],
)
def test_codes_of_a_cell(text, codes):
    assert codes_in(text) == codes


def test_cells_of_several_codes_are_told():
    assert doubts_of(several_codes, "APP-0012; APP-0013", "APP-0014") == [
        ((2,), "APP-0012; APP-0013", "APP-0012; APP-0013")
    ]


def test_numbers_that_look_different_by_their_format_are_told():
    cells = [NumberCell(123, "00000"), NumberCell(7.1, "0.00"), NumberCell(5, "0"), "00456"]
    assert doubts_of(shown_by_format, *cells) == [((2, 3), "00123", "00123")]
    (doubt,) = shown_by_format(cells, range(4), "name")
    assert doubt.sentence == "“00123” was read as it is seen; the cell holds the number 123."


def test_names_that_only_look_the_same_are_told():
    (doubt,) = look_alikes(["Order desk", "Order\u200b desk", "Billing", "Вilling"], range(2, 6), "system")
    assert doubt.rows == (4, 5)
    assert look_alikes(["Billing", "Вilling"], [2, 3], "system")[0].sentence == (
        "“Вilling” looks like “Billing”, but one has the character cyrillic capital letter ve; they are two names."
    )


def test_names_that_are_the_same_or_other_ones_are_not():
    assert (
        look_alikes(
            ["Order desk", "order  DESK", "Order\u00a0desk", "Orders desk", "Иванов", "Ivanov"], range(6), "n"
        )
        == []
    )


def test_names_that_look_like_known_ones_are_told():
    assert doubts_of(look_alikes, "Вilling", known=["Billing"]) != []
    assert doubts_of(look_alikes, "Billing", known=["Billing", "Вilling"]) != []
    assert doubts_of(look_alikes, "Other", known=["Billing", "Вilling"]) == []


def test_gibberish_is_told_with_what_it_was():
    assert doubts_of(gibberish, "JÃ¶rg MÃ¼ller", "Jörg") == [((2,), "JÃ¶rg MÃ¼ller", "Jörg Müller")]
    assert doubts_of(gibberish, "J\N{REPLACEMENT CHARACTER}rg") == [
        (
            (2,),
            "J\N{REPLACEMENT CHARACTER}rg",
        )
        * 1
        + ("J\N{REPLACEMENT CHARACTER}rg",)
    ]


def test_a_guessed_encoding_is_told_by_both_readings():
    (doubt,) = odd_encoding(decode_unmarked("Биллинг;Иванова".encode("cp1251")))
    assert doubt.full_sentence() == (
        "The file doesn't tell its encoding. It was read as Windows-1251, so “Биллинг” rather than “Áèëëèíã”. "
        "If that is wrong, save it as CSV UTF-8."
    )
    assert odd_encoding(decode_unmarked("Jörg".encode("cp1252"))) == []


def test_spellings_of_one_person_are_told():
    (doubt,) = same_people(
        ["Sam Okafor", "Okafor, Sam", "S. Okafor", "sam  OKAFOR", "Dana"], range(2, 7), "interviewee"
    )
    assert doubt.rows == (2, 3, 4, 5)
    assert doubt.sentence == (
        "“Sam Okafor”, “Okafor, Sam”, “S. Okafor” and “sam OKAFOR” may be the same person; they were read as 3."
    )


def test_a_spelling_of_somebody_known_is_told():
    assert doubts_of(same_people, "Okafor, Sam", known=["Sam Okafor"])[0][0] == (2,)
    assert doubts_of(same_people, "Dana", known=["Sam Okafor", "Okafor, Sam"]) == []
    assert doubts_of(same_people, "sam okafor", "Sam Okafor") == []
