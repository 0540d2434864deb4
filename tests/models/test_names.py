"""Names are cleaned on entry, compared by one key, and found in texts in whatever spelling has that key."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.names import (
    NameFinder,
    clean_email,
    clean_name,
    clean_text,
    finder_of,
    normalize_name,
    same_text,
)

FORMS = ["NFC", "NFD", "NFKC", "NFKD"]
JOSE, JOSE_DECOMPOSED = "Jos\u00e9 N\u00fa\u00f1ez", "Jose\u0301 Nu\u0301n\u0303ez"
# Spellings of one name, José Núñez Strauß: each has to be the same person.
SPELLINGS = {
    "composed": f"{JOSE} Strau\u00df",
    "decomposed": f"{JOSE_DECOMPOSED} Strau\u00df",
    "in capitals": "JOS\u00c9 N\u00da\u00d1EZ STRAUSS",
    "in capitals, decomposed": "JOSE\u0301 NU\u0301N\u0303EZ STRAUSS",
    "with a capital sharp s": "JOS\u00c9 N\u00da\u00d1EZ STRAU\u1e9e",
    "in small letters": "jos\u00e9 n\u00fa\u00f1ez strau\u00df",
    "full-width": "\uff2a\uff4f\uff53\u00e9 \uff2e\u00fa\u00f1\uff45\uff5a \uff33\uff54\uff52\uff41\uff55\u00df",
    "with no-break spaces": "Jos\u00e9\u00a0N\u00fa\u00f1ez\u202fStrau\u00df",
    "with a wide space and a tab": "Jos\u00e9\u3000N\u00fa\u00f1ez\t Strau\u00df",
    "over two lines": "Jos\u00e9\nN\u00fa\u00f1ez\u2028Strau\u00df",
    "with a soft hyphen": "Jos\u00e9 N\u00fa\u00adñez Strau\u00df",
    "with a zero-width space": "Jo\u200bs\u00e9 N\u00fa\u00f1ez Strau\u00df",
    "with a zero-width joiner": "Jos\u00e9 N\u00fa\u200d\u00f1ez Strau\u00df",
    "with a byte order mark": "\ufeffJos\u00e9 N\u00fa\u00f1ez Strau\u00df",
    "in an isolate": "\u2068Jos\u00e9 N\u00fa\u00f1ez Strau\u00df\u2069",
    "with a word joiner": "Jos\u00e9 N\u00fa\u00f1ez Stra\u2060u\u00df",
    "with a long s": "Jo\u017f\u00e9 N\u00fa\u00f1ez \u017ftrau\u00df",
    "with a grapheme joiner": "Jose\u034f\u0301 N\u00fa\u00f1ez Strau\u00df",
}
NAME = SPELLINGS["composed"]
# Where normalisation is known to be hard. Accents by themselves (` and \u00b4) are typed as apostrophes.
HARD = (
    "a iI\u0131\u0130\u00df\u1e9e\u017f\ufb01\u00e9\u00c5\u03d2\u0390\u1fb3\u03c2\u03a3\u0323\u0301\u0307\u0345\u0328"
    "\u034f\u00ad\u200b\u200c\u200d\u200e\ufeff\u00a0\u3000'\u2019-\u2011\uae40\u1100\u1161\u11a8\U0001d49c\u24b6\u2460\uff76\uff9e"
    "\u304b\u3099\U0001f469\U0001f4bb\ufe0f\u0647\u06cc\u0928\u093f\u094d\t\n\u0149\u01c5\u1e96"
)
anything = st.text(
    st.sampled_from(HARD)
    | st.characters(exclude_categories=["Cs"], exclude_characters="`\u00b4\u1fef\u1ffd"),
    max_size=12,
)


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_one_name_in_any_spelling_has_one_key(spelling):
    assert normalize_name(spelling) == normalize_name(NAME) == "jos\u00e9 n\u00fa\u00f1ez strauss"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "\u0130nci I\u015f\u0131l",
            "inci i\u015fil",
        ),  # İnci Işıl, as a keyboard without those letters has it
        ("I\u015eIL", "\u0131\u015f\u0131l"),
        ("O\u2019Brien", "O'Brien"),
        ("O\u00b4Brien", "O`Brien"),
        ("Anne\u2011Marie", "Anne-Marie"),
        (
            "\u039d\u03af\u03ba\u03bf\u03c2",
            "\u039d\u038a\u039a\u039f\u03a3",
        ),  # Níkos, whose small sigma ends a word
        ("\ufb01ona", "Fiona"),
        ("\uff76\uff9e\uff9d", "\u30ac\u30f3"),  # half-width katakana
        (
            "\uae40\ubbfc\uc218",
            "\u1100\u1175\u11b7\u1106\u1175\u11ab\u1109\u116e",
        ),  # a Korean name in single letters
        ("\u0646\u0627\u0645\u0647\u200c\u0627\u06cc", "\u0646\u0627\u0645\u0647\u0627\u06cc"),  # Persian
    ],
)
def test_what_keyboards_write_for_one_name_is_one_name(one, other):
    assert normalize_name(one) == normalize_name(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Jos\u00e9", "Jose"), ("Al", "Alan"), ("Ann Lee", "Annlee"), ("\u5f35", "\u738b")]
)
def test_different_names_stay_different(one, other):
    assert normalize_name(one) != normalize_name(other)


@given(anything)
def test_the_key_of_a_key_is_itself(name):
    assert normalize_name(normalize_name(name)) == normalize_name(name)


@given(anything, st.sampled_from(FORMS))
def test_however_a_name_is_composed_and_capitalised_its_key_is_the_same(name, form):
    key = normalize_name(name)
    assert normalize_name(unicodedata.normalize(form, name)) == key
    for other in (name.upper(), name.lower(), name.casefold()):
        assert normalize_name(other) == key


@given(anything)
def test_cleaning_is_done_once_keeps_the_key_and_leaves_no_decomposed_text(name):
    cleaned, text = clean_name(name), clean_text(name)
    assert (clean_name(cleaned), clean_text(text)) == (cleaned, text)
    assert normalize_name(cleaned) == normalize_name(text) == normalize_name(name)
    assert unicodedata.is_normalized("NFC", cleaned + "|" + text)
    assert " ".join(cleaned.split()) == cleaned


@given(anything, st.sampled_from(FORMS))
def test_a_finder_finds_a_name_in_every_form_of_it_and_leaves_the_rest(name, form):
    key = normalize_name(name)
    # The rest is a letter that is a name of its own.
    if key == "\u00e5" or not any(letter.isalnum() for letter in key):
        return
    text = f"; {unicodedata.normalize(form, name)}; \u212b;"
    left = NameFinder([name]).replace(text, "@")
    assert "".join(normalize_name(left).split()) == ";@;\u00e5;"
    assert left.endswith("; \u212b;")


def test_a_name_is_stored_on_one_line_without_what_nobody_sees():
    assert clean_name(f"  {JOSE_DECOMPOSED}\u00a0\u200b\n ") == JOSE
    assert clean_name("Nu\u00ad\u0301n\u0303ez") == "N\u00fa\u00f1ez"
    assert clean_name("\u202eJos\u00e9\u202c") == "Jos\u00e9"
    assert clean_name("\u200b\ufeff\u00ad") == ""


@pytest.mark.parametrize(
    "name",
    [
        "\u0646\u0627\u0645\u0647\u200c\u0627\u06cc",  # Persian: a suffix that doesn't join
        "\u0915\u094d\u200d\u0937",  # Hindi: half a letter
        "\u0dc1\u0dca\u200d\u0dbb\u0dd3",  # Sinhala: Sri
        "\U0001f469\u200d\U0001f4bb",  # a woman at a computer
        "\U0001f3f3\ufe0f\u200d\U0001f308",  # the rainbow flag
        "\u845b\U000e0100\u98fe",  # Katsushika, in the form that the family writes
    ],
)
def test_joiners_stay_where_they_carry_meaning(name):
    assert clean_name(name) == name


@pytest.mark.parametrize("joiner", ["\u200c", "\u200d"])
def test_joiners_go_where_they_carry_none(joiner):
    assert clean_name(f"Sam{joiner} Oka{joiner}for{joiner}") == "Sam Okafor"
    assert clean_name(f"{joiner}\u0646{joiner}{joiner}\u0645") == f"\u0646{joiner}\u0645"


def test_a_text_keeps_its_lines_and_spaces():
    assert clean_text(f"Saw {JOSE_DECOMPOSED}:\n\n  twice\u00a0\u200b a co\u00adlumn") == (
        f"Saw {JOSE}:\n\n  twice\u00a0\u200b a column"
    )


def test_an_email_is_looked_up_as_it_is_stored():
    assert clean_email(" JOSE\u0301@Example.ORG\u200b ") == "jos\u00e9@example.org"


def test_a_text_is_the_same_once_it_is_cleaned_and_not_once_it_is_changed():
    assert same_text(JOSE_DECOMPOSED, JOSE)
    assert same_text(f"  {JOSE_DECOMPOSED}\u200b", JOSE)
    assert same_text("two\n\nlines", "two\n\nlines")
    assert same_text(None, None)
    assert not same_text(JOSE, JOSE.upper())
    assert not same_text("two lines", "two\nlines")
    assert not same_text("1", 1)


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_a_spelling_is_replaced_and_not_one_character_around_it(spelling):
    around = "\u00a0Cafe\u0301\u00ad \ufb01n\n({})\u200b\u2009e\u0301, {}; \u212b"
    finder = NameFinder(["jos\u00e9  N\u00da\u00d1EZ strauss"])
    left = finder.replace(around.format(spelling, spelling), "X")
    # What has no width is nobody's, at either end of a name.
    assert re.sub("[\ufeff\u2068\u2069]", "", left) == around.format("X", "X")
    assert not finder.is_in(left)


@pytest.mark.parametrize(
    ("name", "text", "left"),
    [
        ("Al", "Aladdin, Al, Al's, sal", "Aladdin, X, X's, sal"),
        ("Jose", f"{JOSE}, {JOSE_DECOMPOSED}, Jose", f"{JOSE}, {JOSE_DECOMPOSED}, X"),
        ("Sam Okafor", "interview_Sam Okafor_2026.csv", "interview_X_2026.csv"),
        ("Sam", "Sam\u0301, Sam", "Sam\u0301, X"),
        ("Fiona", "af\ufb01ona \ufb01ona", "af\ufb01ona X"),
        ('Al "the" Box', 'Al "the"  box', "X"),
        ("a.b (c)", "A.B (C), axb (c)", "X, axb (c)"),
        (
            "\u738b\u5c0f\u660e",
            "\u542c\u738b\u5c0f\u660e\u8bf4",
            "\u542cX\u8bf4",
        ),  # Chinese: "heard Wang Xiaoming say"
        ("\uae40\ubbfc\uc218", "\uae40\ubbfc\uc218\uac00", "X\uac00"),  # Korean: a name with its particle
        ("\uac00\ub098", "\uac00\ub09c", "\uac00\ub09c"),  # the same letters, but another syllable
        ("\u738b", "\u738b\u56fd \u738b", "\u738b\u56fd X"),  # "kingdom", and a person called King
        ("", "nothing to find", "nothing to find"),
        ("\u200b", "nothing\u200b to find", "nothing\u200b to find"),
    ],
)
def test_names_are_found_as_whole_words(name, text, left):
    assert NameFinder([name]).replace(text, "X") == left


def test_of_two_names_that_begin_alike_the_longer_one_is_found_where_it_stands():
    finder = finder_of("Ann", "Ann Lee")
    assert finder.replace("Ann, ann lee, ANN LEED, Anne", str.lower) == "ann, ann lee, ann LEED, Anne"
    assert finder.replace("Ann Lee\u0301", "X") == "X Lee\u0301"
