import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.placeholders import is_placeholder, is_placeholder_link, is_sheet_error

NOTHING = """
TBD|tbd.|(TBD)|[tbd]|TBD?|TBD (HR)|TBC|tba|t. b. d.|to be confirmed
N/A|n/a|n.a.|n. a.|NA|na|NaN|nan|null|None|none|nil|-|–|—
?|??|.|...|_|*|0|unknown|UNKNOWN|unknown - ask Dana|Nobody|no one|no-one|no owner|not assigned|anonymous|Anon|somebody
test|Test user|xxx|XXX|asdf|dummy|<owner>|{{name}}|[your name]|don't know|see above|ditto
k. A.|k.A.|keine Angabe|unbekannt|noch offen|offen|n.n.|N. N.|nicht bekannt|wird nachgereicht|niemand
inconnu|aucun|à définir|A DEFINIR|néant|s/o|por definir|desconocido|ninguno|pendiente|sin asignar|a definir|desconhecido
da definire|sconosciuto|nessuno|onbekend|n.v.t.|niet bekend|okänd|ingen|ukendt|tuntematon|nieznany|brak|neznámý|ismeretlen
bilinmiyor|yok|неизвестно|Нет|не указано|άγνωστος|待定|未知|无|なし|未定|없음|미정|अज्ञात|غير معروف|לא ידוע|ไม่ทราบ|không có
vacant|vakant|unbesetzt|nicht zugeordnet|noch nicht besetzt|not yet named|to follow|none (yet)|None, ask HR|x
Team TBD|Owner: TBD|Herr N.N.|Frau NN|Name: ???
#N/A|#REF!|#NV|#BEZUG!|#WERT!|#VALEUR!|#¡REF!|#Н/Д|Err:502|####|Loading...
"""
SOMEBODY = """
Nan Li|Na Li|Ana None|Nan|Na|Tom|Dana Whitfield|Interviewee 4|Erased person 7|Anna Test-Meyer|Ann|An|Noa|Noah|Null Müller
Nil Öztürk|Dr. No Lee|Kein Yamamoto|Personne Dupont|Ohnesorge|X. Wu|李娜|王无|Q|SAP|C#|Team A|Order desk
Test Automation Team|Mr X Wu|Team X-ray|Ms None Berg|Nobody's Business GmbH|Vacant Lots Inc
Open Banking|Owner services|Unknown Worlds Ltd|Niemandsland GmbH|Volgt B.V.
Tba Holdings|Anonymous Pro Foundry|Nobody Beach Ltd
IT|HR|Ops|24/7 desk|007
"""


@pytest.mark.parametrize("text", NOTHING.strip().replace("\n", "|").split("|"))
def test_placeholders_of_many_languages_are_nothing(text):
    assert is_placeholder(text)
    assert is_placeholder(f"  {text}\u00a0")


@pytest.mark.parametrize("text", SOMEBODY.strip().replace("\n", "|").split("|"))
def test_real_names_are_somebody(text):
    assert not is_placeholder(text)


def test_an_empty_text_is_nothing():
    assert is_placeholder("")


def test_long_texts_say_something():
    assert not is_placeholder(
        "tbd by the steering committee once the vendor has answered, which the lead expects in November"
    )


@pytest.mark.parametrize("text", ["#N/A", "#nv", " #BEZUG! ", "#DIV/0!", "#ЗНАЧ!", "Err:508"])
def test_errors_of_spreadsheets_are_known_in_their_languages(text):
    assert is_sheet_error(text)


@pytest.mark.parametrize("text", ["#1", "#general", "C#", "# of invoices", "#nofilter", "Error", "N/A"])
def test_other_texts_with_a_number_sign_are_no_errors(text):
    assert not is_sheet_error(text)


@pytest.mark.parametrize(
    "link", ["n/a", "tbd", "http://tbd", "https://example.com/runbook", "https://www.example.org", "-"]
)
def test_links_that_lead_nowhere(link):
    assert is_placeholder_link(link)


@pytest.mark.parametrize(
    "link", ["https://wiki.acme.com/x", "https://git.acme.example.io/a", "//share/runbook", "wiki/page"]
)
def test_links_that_may_lead_somewhere(link):
    assert not is_placeholder_link(link)


@given(st.text(max_size=90))
def test_any_text_is_one_or_the_other(text):
    assert is_placeholder(text) in (True, False)


@given(st.from_regex(r"[A-Z][a-z]{3,8} [A-Z][a-z]{3,8}", fullmatch=True))
def test_hardly_any_two_words_are_a_placeholder(name):
    assert not is_placeholder(name) or name.lower() in {
        "test user",
        "no data",
        "your name",
        "full name",
        "none known",
    }
