"""Words for units and currencies as files write them, in the words of the unit table: Std. is h, zł is PLN."""

from __future__ import annotations

import re
from functools import lru_cache

from models.unit_table import CURRENCIES, CURRENCY_SIGNS, DURATIONS, SHARES

# The unit table's word, and what it is called elsewhere; words of one letter only where nothing else is meant by them.
_DURATION_WORDS = """
ms: Millisekunde Millisekunden milliseconde millisecondes milisegundo milisegundos мс 毫秒 ミリ秒
s: Sek Sekunde Sekunden seconde secondes segundo segundos seg secondi secondo seconden sekund sekunder sekundy сек с 秒 초
min: Minute Minuten minuto minutos minuti minuut minuten minuter minuty мин 分 分钟 分鐘 분
h: Std Stunde Stunden heure heures hora horas ora ore uur uren timme timmar timer time godz godzin hodin ч час часа часов
h: घंटा घंटे 小时 小時 時間 시간 saat jam
day: Tag Tage Tagen jour jours jrs día días dia dias giorno giorni dag dagen dagar dage dni dzień den dnů день дня дней
day: दिन 天 日 일 gün hari
week: Woche Wochen Wo semaine semaines semana semanas settimana settimane weken vecka veckor uge uger недель недели неделя
week: हफ़्ते सप्ताह tydzień tygodni 周 週 週間 주
month: Monat Monate Monaten mois mes meses mês mese mesi maand maanden månad månader måned måneder месяц месяца месяцев
month: महीना महीने miesiąc miesiące miesięcy 个月 個月 ヶ月 か月 개월
year: Jahr Jahre Jahren ans année années año años ano anos anno anni jaar år год года лет rok lat 年 년
working day: Arbeitstag Arbeitstage Arbeitstagen AT Personentag Personentage PT Manntag Manntage man-day man-days
working day: person-day person-days jour_ouvré jours_ouvrés día_hábil días_hábiles dia_útil dias_úteis 営業日 工作日
%: Prozent pour_cent por_cento por_ciento per_cento procent процент процентов v.H v._H pct. 百分比
"""
_CURRENCY_WORDS = """
USD: US-Dollar US-$ U$S
EUR: Euro Euros евро
GBP: Pfund Sterling
CHF: Fr SFr Franken
JPY: 円 yen
CNY: 元 人民币 RMB yuan
INR: Rs rupee rupees रुपये ₹
PLN: zł zl złotych
CZK: Kč Kc korun
HUF: Ft forint
HKD: HK$
SGD: S$
NZD: NZ$
MXN: MX$ MXN$
ZAR: ZAR
AED: Dhs Dh
SEK: SKr Skr
"""


def _table(text: str) -> dict[str, str]:
    words: dict[str, str] = {}
    for line in text.strip().splitlines():
        unit, _, others = line.partition(": ")
        words |= {word.replace("_", " ").casefold(): unit for word in others.split()}
    return words


DURATION_WORDS = _table(_DURATION_WORDS)
CURRENCY_WORDS = _table(_CURRENCY_WORDS)
SIGNS = {sign.casefold(): sign for sign in CURRENCY_SIGNS}
UPPER_CASE_ONLY = {"at", "pt"}
"""Words that are something else in lower case: at, pt."""


@lru_cache(maxsize=4096)
def currency_named(word: str) -> str | None:
    """Return the currency, or the sign of several, that `word` is: "EUR", "$". None where it is neither."""
    plain = word.removesuffix(".").strip()
    if plain.upper() in CURRENCIES:
        return plain.upper()
    return SIGNS.get(plain.casefold()) or CURRENCY_WORDS.get(plain.casefold())


@lru_cache(maxsize=4096)
def unit_named(word: str) -> str | None:
    """Return the unit table's word for a duration or share: "h" of Std., "%" of Prozent. None where it is neither."""
    plain = " ".join(word.removesuffix(".").split())
    folded = plain.casefold()
    if folded in UPPER_CASE_ONLY and not plain.isupper():
        return None
    if folded in DURATIONS or folded in SHARES:
        return folded
    return DURATION_WORDS.get(folded)


WORDS_AROUND_A_STROKE = re.compile(r"\s*/\s*|\s+(?:per|pro|par|por|je|each)\s+", re.IGNORECASE)


def in_table_words(text: str, money: bool = True) -> str:
    """Return a unit with its words in those of the unit table: "€ / Std." is "EUR / h".

    `money`: a word that is a currency and a unit, such as Sek, is the currency.
    """
    parts = WORDS_AROUND_A_STROKE.split(text.strip())
    first, second = (currency_named, unit_named) if money else (unit_named, currency_named)
    known = [first(part) or second(part) or part for part in parts]
    return known[0] if len(known) == 1 else " / ".join(known).strip()
