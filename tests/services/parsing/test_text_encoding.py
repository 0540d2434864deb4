import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.parsing.text_encoding import decode_unmarked, repaired

FILES = {
    "cp1252": [
        "name;owner\nÜberweisung;Jörg Müller\nZahlungsgröße;Käthe Groß\n",
        "name;owner\nFacturación;Núñez\nCommandes;Françoise Lefèvre\nØrsted;Åse\n",
        "name;owner\nGestão de crédito;João Conceição\n",
        "name;owner\nÞórður;Guðrún Ýr\n",
        "name;owner\nŠkoda;Veronika\n",
        "name;owner\nPreis in €;Café “Noir”\n20 °C;§ 5\n",
    ],
    "cp1250": [
        "name;owner\nŘízení zásob;Jiří Dvořák\nPřehled účtů;Žofie Šťastná\n",
        "name;owner\nFaktury;Łukasz Żółkiewski\nZamówienia;Małgorzata Wójcik\n",
        "name;owner\nKsięga;Łukasz Żółć\n",
    ],
    "cp1251": ["name;owner\nБиллинг;Иванова\nСклад;Петров\n", "name;owner\nОплата;Олександр Гриценко\n"],
    "cp1253": ["name;owner\nΤιμολόγηση;Γιώργος Παπάς\n"],
    "cp1254": ["name;owner\nŞirket ödemeleri;Gülşen Işık\n"],
    "cp1255": ["name;owner\nחיוב;משה כהן\n"],
    "cp1256": ["name;owner\nالفواتير;محمد علي\n"],
    "cp1257": ["name;owner\nŽemės ūkis;Rūta Šimkutė\n"],
    "mac_roman": [
        "name,owner\rÜberweisung,Jörg Müller\r",
        "name,owner\rx,Jörg\r",
        "name,owner\rGestão,João Conceição\r",
    ],
    "koi8_r": ["name;owner\nБиллинг;Иванова\n"],
    "cp866": ["name;owner\nБиллинг;Иванова\nСклад;Петров\n"],
    "cp850": ["name;owner\nÜberweisung;Jörg Müller\n"],
    "gb18030": ["name,owner\n客户管理,王伟\n订单中心,李娜\n", "name,owner\nCRM,王伟\n"],
    "big5": ["name,owner\n客戶管理,王偉\n"],
    "cp932": ["name,owner\n顧客管理,田中太郎\n受注センター,鈴木\n"],
    "cp949": ["name,owner\n고객관리,김철수\n"],
}


@pytest.mark.parametrize(
    ("encoding", "text"), [(name, text) for name, texts in FILES.items() for text in texts]
)
def test_files_of_many_countries_are_read(encoding, text):
    decoded = decode_unmarked(text.encode(encoding))
    assert (decoded.encoding, decoded.text) == (encoding, text)


def test_what_was_guessed_is_told_by_both_readings():
    decoded = decode_unmarked("name;owner\nБиллинг;Иванова\n".encode("cp1251"))
    assert (decoded.name, decoded.seen, decoded.read) == ("Windows-1251", "Áèëëèíã", "Биллинг")


def test_what_reads_well_in_windows_1252_is_no_guess():
    assert decode_unmarked("Jörg Müller".encode("cp1252")).seen == ""


def test_what_no_encoding_makes_words_of_is_none():
    assert decode_unmarked(bytes(range(0x80, 0x100))) is None


@given(st.binary(max_size=200))
def test_any_bytes_are_decoded_or_not(data):
    decoded = decode_unmarked(data)
    assert decoded is None or isinstance(decoded.text, str)


@pytest.mark.parametrize("text", ["Müller", "José", "€ 5", "naïve", "Søren"])
def test_utf_8_that_was_read_as_windows_1252_can_be_repaired(text):
    assert repaired(text.encode().decode("cp1252")) == text
    assert repaired(text) is None
