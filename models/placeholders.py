"""Texts that stand for nothing: TBD, N/A, -, unbekannt, #REF!. Whoever is asked for an owner and gets one has none.

`is_placeholder` looks at the whole text, so that people called Nan Li or Ana None stay people.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

MAX_CHARACTERS = 80  # of a placeholder; whoever writes more says something

# By language, with _ for a space; signs such as ( ) and dots around or within them don't matter.
_WORDS = """
tbd tba tbc tbs tbdl wip pending to_be_determined to_be_decided to_be_defined to_be_confirmed to_be_announced
to_be_named
to_be_assigned to_be_filled to_be_added to_do todo open_item not_yet not_yet_known not_yet_assigned
not_yet_defined later
na n/a n.a. n\\a n.v. nil null none nan undefined void empty blank nothing no non_applicable not_applicable
not_available
not_known not_specified not_given not_set not_assigned not_defined not_provided not_stated not_recorded
unspecified
unknown unkown unknow unassigned unnamed undisclosed untitled unset missing no_name no_one no-one nobody noone
no_owner vacant vacancy open_position to_follow follows not_yet_named not_yet_decided not_yet_determined not_named
no_data no_value no_answer no_response no_contact no_link no_fallback none_yet none_known none_so_far
none_defined
anonymous anonymus anonymized anonymised anon anonym somebody someone anybody anyone whoever various several
tbd_later
test testing tests test_user test_person test_test dummy placeholder sample example foo foobar bar baz asdf
asdfgh qwerty
xxx xx x xyz abc aaa lorem_ipsum name your_name first_name_last_name firstname_lastname full_name owner owner_name
dont_know don't_know no_idea idk dunno see_above see_below as_above same_as_above ditto dto s.o. s.u.
k.a. ka keine_angabe keine_angaben keine keiner kein niemand nichts nein unbekannt unklar offen noch_offen
noch_unklar
noch_unbekannt noch_nicht_bekannt noch_nicht_benannt noch_zu_klären noch_zu_bestimmen zu_klären zu_definieren
wird_noch_benannt wird_nachgereicht wird_nachgetragen folgt nicht_bekannt nicht_vorhanden nicht_zutreffend
nicht_zugewiesen nicht_zugeordnet nicht_besetzt
unbesetzt vakant noch_nicht_zugeordnet noch_nicht_besetzt
nicht_verfügbar nicht_benannt nicht_belegt nicht_definiert entfällt leer ohne ohne_angabe o.a.
o.ang. n.n.
n.b. nn n.z. n.bek. tba. t.b.d. t.b.a. t.b.c. siehe_oben platzhalter muster beispiel kein_verantwortlicher
inconnu inconnue aucun aucune personne néant vide rien à_définir a_definir à_déterminer à_préciser à_confirmer
à_compléter à_venir à_renseigner non_défini non_renseigné non_connu non_disponible non_attribué sans_objet s/o
sans n.c. n.d.
n.r. nr pas_encore pas_de_nom personne_encore exemple essai
por_definir por_determinar por_confirmar por_asignar sin_definir sin_asignar sin_datos sin_dato sin_nombre
sin_responsable
desconocido desconocida ninguno ninguna ningún nadie nada vacío vacio pendiente no_aplica no_disponible
no_definido
no_asignado no_sabe no_se_sabe no_hay s/d s/n prueba anónimo anónima ejemplo
a_definir por_atribuir a_confirmar a_designar desconhecido desconhecida nenhum nenhuma ninguém não_aplicável
não_se_aplica
não_definido não_disponível não_informado não_sei sem_dados sem_nome sem_responsável vazio pendente teste
anônimo anônima
da_definire da_determinare da_confermare da_assegnare sconosciuto sconosciuta ignoto nessuno nessuna niente
vuoto
non_definito non_disponibile non_assegnato non_applicabile non_noto in_attesa prova anonimo anonima esempio
onbekend geen geen_eigenaar niemand niets leeg nog_te_bepalen nog_onbekend nog_niet_bekend n.t.b. ntb nvt n.v.t.
n.n.b.
niet_van_toepassing niet_bekend niet_beschikbaar anoniem voorbeeld volgt
okänd okänt ingen inget ingenting saknas ej_angivet ej_bestämt ej_tillämpligt ej_känd tom ska_bestämmas anonymt
ukendt ukjent ingen_ejer intet ikke_angivet ikke_angitt ikke_kendt ikke_relevant skal_avklares mangler tomt
tuntematon ei_kukaan ei_tiedossa ei_ole ei_määritelty puuttuu tyhjä avoin
nieznany nieznana nieznane brak brak_danych nikt nic do_ustalenia do_uzupełnienia do_określenia nie_dotyczy
puste anonimowy
neznámý neznámá neznámé nikdo nic žádný žádná bude_doplněno bude_upřesněno není_k_dispozici nevyplněno není
neznámy nikto nezistené ismeretlen nincs senki nincs_adat üres később nem_ismert necunoscut nimeni niciunul
de_stabilit
nepoznato nepoznat nitko nema nije_poznato neznan nihče ni_podatka
bilinmiyor bilinmeyen yok hiçbiri hiç_kimse belirlenecek belli_değil boş
неизвестно неизвестен неизвестный нет нет_данных никто не_указано не_указан не_определено не_определен
не_назначен
уточняется будет_уточнено пусто аноним тест невідомо немає ніхто
άγνωστος άγνωστο κανένας κανείς δεν_υπάρχει εκκρεμεί κενό
待定 未定 待确认 待確認 待补充 待補充 无 無 没有 沒有 不详 不詳 不明 未知 未填 未填写 未指定 空 暂无 暫無 匿名
不适用 不適用 测试 測試
なし 無し 該当なし 未記入 未設定 未確認 要確認 不在 テスト 匿名希望 名無し わからない 後日
없음 미정 미상 불명 모름 해당_없음 해당없음 확인_중 확인중 익명 테스트
अज्ञात कोई_नहीं नहीं लागू_नहीं उपलब्ध_नहीं
غير_معروف مجهول لا_يوجد لا_أحد غير_محدد غير_متوفر לא_ידוע אין אף_אחד לא_רלוונטי
ไม่ทราบ ไม่มี ไม่ระบุ tidak_ada tidak_diketahui belum_ada belum_ditentukan không_có không_rõ chưa_xác_định
chưa_biết
"""
_SHEET_ERRORS = """
#N/A #NA #REF! #VALUE! #NAME? #DIV/0! #NULL! #NUM! #SPILL! #CALC! #GETTING_DATA #FIELD! #BLOCKED! #CONNECT!
#UNKNOWN! #BUSY!
#PYTHON! #ERROR! #EXTERNAL! #TIMEOUT!
#NV #BEZUG! #WERT! #ZAHL! #ÜBERLAUF! #KALK! #FELD! #BLOCKIERT! #VERBINDEN! #UNBEKANNT!
#VALEUR! #NOM? #NUL! #NOMBRE! #PROPAGATION! #EPARS! #CALCUL! #CHAMP! #BLOQUE! #CONNEXION!
#¡REF! #¡VALOR! #¿NOMBRE? #¡DIV/0! #¡NULO! #¡NUM! #¡DESBORDAMIENTO! #¡CALC! #VALOR! #NOMBRE? #NULO!
#DESBORDAMIENTO!
#N/D #RIF! #VALORE! #NOME? #NULLO! #ESPANSIONE! #DESPEJO! #DESPEJAR! #DESPEJARE!
#N/B #NB #VERW! #WAARDE! #NAAM? #DEEL/0! #LEEG! #GETAL! #OVERLOOP! #BEREKEN!
#N/D! #ADR! #ARG! #NAZWA? #DZIEL/0! #LICZBA! #ZERO! #ROZLANIE! #OBL!
#SAKNAS! #REFERENS! #VÄRDEFEL! #NAMN? #DIVISION/0! #SKÄRNING! #OGILTIGT! #SPILL #BERÄKNA!
#I/T #I/T! #REFERENCE! #VÆRDI! #NAVN? #NUL! #OVERLØB! #VERDI! #DIV/0 #OVERFLYT!
#PUUTTUU! #VIITTAUS! #ARVO! #NIMI? #JAKO/0! #TYHJÄ! #LUKU! #LEVIÄ!
#NENÍ_K_DISPOZICI #ODKAZ! #HODNOTA! #NÁZEV? #DĚLENÍ_NULOU! #ČÍSLO! #PRESAH! #PŘESAH!
#HIÁNYZIK #HIV! #ÉRTÉK! #NÉV? #ZÉRÓOSZTÓ! #SZÁM! #NULLA! #KIBONTÁS!
#YOK #BAŞV! #DEĞER! #AD? #SAYI/0! #SAYI! #BOŞ! #TAŞMA!
#Н/Д #ССЫЛКА! #ЗНАЧ! #ИМЯ? #ДЕЛ/0! #ЧИСЛО! #ПУСТО! #ПЕРЕНОС! #ВЫЧИСЛ!
"""

SHEET_ERRORS = frozenset(_SHEET_ERRORS.split())
OFFICE_ERROR = re.compile(r"Err:5[0-9]{2}|#+|Loading\.\.\.|Wird geladen\.\.\.|#[A-Z]+[!?]")
"""LibreOffice's errors, a column too narrow for its numbers, Google Sheets before it has loaded."""
AROUND = re.compile(r"^[\s\W_]+|[\s\W_]+$")
SPACES = re.compile(r"[\s_]+")
STARTS = re.compile(
    r"(?:none|nobody|no one|niemand|vacant"
    r"|tbd|tba|tbc|t\.b\.d\.?|to be (?:determined|decided|defined|confirmed|announced|named|assigned)|n/a|n\.a\."
    r"|k\. ?a\.|unknown|unbekannt|noch offen|unassigned|à définir|por definir|da definire|待定)"
    r"\s*(?:[-–—:,;/(\[?!]|by |with |in |until |bis )",
    re.IGNORECASE,
)
"""A placeholder with a remark: TBD (HR), unknown - ask Dana."""
ENDS = re.compile(
    r"(?:team|owner|name|person|contact|herr|frau|hr|fr|mr|mrs|ms|m|mme|sr|sra|wer|who)[.:]?\s*[-–—:]?\s*"
    r"[(\[]?(?:tbd|tba|tbc|n\.? ?n\.?|\?+|xxx?)[)\]]?",
    re.IGNORECASE,
)
"""A placeholder behind the word for what is missing: Team TBD, Herr N.N."""
TEMPLATE = re.compile(r"<[^<>]*>|\{+[^{}]*\}+|\[+[^\[\]]*\]+|%[^%\s]+%|\$\{[^}]*\}")
NAMES = frozenset(["Na", "Nan", "Ka", "Tom", "Non", "Nn", "Nr", "Ingen", "Yok", "Nema", "Brak", "Geen"])
"""Names of people in this very spelling, though not in another: "Nan" is one, "NaN" isn't."""
EXAMPLE_HOSTS = re.compile(
    r"(?:www\.)?(?:(?:example|domain|yourcompany)\.(?:com|org|net)|tbd\.[a-z]+)", re.IGNORECASE
)
ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://(?P<host>[^/:?#\s]*)", re.IGNORECASE)


def _plain(text: str) -> str:
    """Return `text` without case, accents, spaces and dots, so that each placeholder has one spelling."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    words = SPACES.sub(" ", plain.replace(".", " ").replace("’", "'")).split()
    return ("" if all(len(word) == 1 for word in words) else " ").join(words)  # k. A. is k.A.


PLACEHOLDERS = frozenset(_plain(word.replace("_", " ")) for word in _WORDS.split())


@lru_cache(maxsize=4096)
def is_placeholder(text: str) -> bool:
    """Return whether `text` stands for nothing: a placeholder of some language, a sheet's error, signs alone."""
    text = unicodedata.normalize("NFC", text).strip()
    if len(text) > MAX_CHARACTERS:
        return False
    if is_sheet_error(text) or not any(c.isalnum() for c in text) or set(text) == {"0"}:
        return True
    if TEMPLATE.fullmatch(text) or STARTS.match(text) or ENDS.fullmatch(text):
        return True
    bare = AROUND.sub("", text)
    return bare not in NAMES and bool({_plain(text), _plain(bare)} & PLACEHOLDERS)


def is_evidence(text: str | None) -> bool:
    """Return whether `text`, an owner, interviewee, source or fallback, names one rather than standing for nothing."""
    return bool(text) and not is_placeholder(text or "")


def is_sheet_error(text: str) -> bool:
    """Return whether `text` is what a spreadsheet shows in place of a value, in any of its languages: #N/A, #NV."""
    return text.strip().upper() in SHEET_ERRORS or OFFICE_ERROR.fullmatch(text.strip()) is not None


def is_placeholder_link(text: str) -> bool:
    """Return whether a link leads nowhere: a placeholder, or an address that is an example."""
    address = ADDRESS.match(text.strip())
    if address is None:
        return is_placeholder(text)
    host = address["host"].rpartition("@")[2]
    return EXAMPLE_HOSTS.fullmatch(host) is not None or is_placeholder(host)
