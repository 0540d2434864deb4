"""Days and times as people and programs write them, and what a column of them tells of their order.

03/04/2026 can be 3 April or 4 March, and 25/10/26 can be 25 October 2026 or 26 October 2025. A column follows the order
under which all of its cells are days; where that leaves more than one, a doubtful cell has no meaning. With points
between (03.04.2026) the day is always first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from services.parsing.cell import EXCEL_EPOCH
from services.parsing.displayed import SPACES, UNSEEN

DAY_FIRST, MONTH_FIRST, YEAR_FIRST = "day first", "month first", "year first"
ORDERS = (DAY_FIRST, MONTH_FIRST, YEAR_FIRST)
FIRST_SHORT_YEAR = 2020
"""The first year that two digits in front may mean: 05/10/26 is no day of 2005."""
MAX_CHARACTERS = 60
LAST_SERIAL = 80_000  # a day of 2119

_MONTHS = """
1 january jan januar jänner jän janvier janv enero ene gennaio gen janeiro januari sty styczeń stycznia leden ledna ocak
1 января янв ianuarie tammikuu
2 february feb februar februari février févr fév febrero febbraio fevereiro fev luty lutego únor února şubat февраля фев
3 march mar märz mär mrz mars marzo março maart mrt marzec marca březen března mart марта мар
4 april apr avril avr abril abr aprile kwiecień kwietnia kwi duben dubna nisan апреля апр
5 may mai mayo maggio mag maio mei maj maja květen května mayıs мая май
6 june jun juni juin junio giugno giu junho czerwiec czerwca cze červen června haziran июня июн
7 july jul juli juillet juil julio luglio lug julho lipiec lipca lip červenec července temmuz июля июл
8 august aug août aou agosto ago augustus augusti sierpień sierpnia sie srpen srpna ağustos августа авг
9 september sep sept septembre septiembre settembre set setembro wrzesień września wrz září eylül сентября сен сент
10 october oct oktober okt octobre octubre ottobre ott outubro out październik października paź říjen října ekim октября
10 окт
11 november nov novembre noviembre novembro kasım ноября ноя нояб
12 december dec dezember dez décembre déc diciembre dic dicembre dezembro grudzień grudnia gru prosinec prosince aralık
12 декабря дек desember
"""
MONTHS = {
    name: int(number) for number, *names in map(str.split, _MONTHS.strip().splitlines()) for name in names
}

CLOCK = (
    r"(?:(?:T|,? +|, ?| um | at )(?P<clock>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?)"
    r"(?P<half> ?[AaPp]\.?[Mm]\.?)?(?: Uhr)?)?"
)
ZONE = r"(?P<zone> ?Z| ?UTC| ?GMT| ?[+-][0-9]{2}:?[0-9]{2})?"
WEEKDAY = r"(?:[^\W\d_]{2,10}\.?,? )?"
NAME = r"(?P<name>[^\W\d_]{3,12})\.?"
YEAR = r"(?P<y>[0-9]{4}|'?[0-9]{2})"
PATTERNS = [
    re.compile(pattern + CLOCK + ZONE)
    for pattern in (
        r"(?P<y>[0-9]{4})(?P<s>[-/.])(?P<m>[0-9]{1,2})(?P=s)(?P<d>[0-9]{1,2})",
        r"(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})",
        r"(?P<y>[0-9]{4}) ?[年년] ?(?P<m>[0-9]{1,2}) ?[月월] ?(?P<d>[0-9]{1,2}) ?[日일]",
        rf"{WEEKDAY}(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th|\.|º|er)?(?:[ /-]| de ){NAME}(?:[ /-]|, ?| de ){YEAR}",
        rf"(?P<d>[0-9]{{1,2}})\.?{NAME}[ -]?{YEAR}",
        rf"{WEEKDAY}{NAME}[ /-](?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)?(?:[ /-]|, ?)(?P<y>[0-9]{{4}})",
    )
]
NUMERIC = re.compile(
    r"(?P<a>[0-9]{1,2})(?P<s>[-/.])(?P<b>[0-9]{1,2})(?P=s)(?P<c>[0-9]{4}|[0-9]{2})" + CLOCK + ZONE
)
SERIAL = re.compile(r"[0-9]{5}(\.[0-9]+)?")


def readings(text: str, epoch: date = EXCEL_EPOCH) -> dict[str, datetime]:
    """Return what `text` says under each order of day, month and year; under all of them where none matters."""
    text = SPACES.sub(" ", UNSEEN.sub("", text[: MAX_CHARACTERS + 1])).strip()
    if len(text) > MAX_CHARACTERS:
        return {}
    if SERIAL.fullmatch(text):
        return under_every_order(from_serial(float(text), epoch))
    if match := NUMERIC.fullmatch(text):
        return _by_order(match)
    for pattern in PATTERNS:
        if match := pattern.fullmatch(text):
            month = MONTHS.get(match["name"].lower()) if "name" in pattern.groupindex else int(match["m"])
            return under_every_order(_moment(match, match["y"], month, int(match["d"])))
    return {}


def under_every_order(moment: datetime | None) -> dict[str, datetime]:
    """Return the readings of a moment that has one meaning."""
    return dict.fromkeys(ORDERS, moment) if moment else {}


def _by_order(match: re.Match[str]) -> dict[str, datetime]:
    a, b, c = match["a"], match["b"], match["c"]
    if match["s"] == ".":
        return under_every_order(_moment(match, c, int(b), int(a)))
    meant = {
        DAY_FIRST: _moment(match, c, int(b), int(a)),
        MONTH_FIRST: _moment(match, c, int(a), int(b)),
        YEAR_FIRST: _moment(match, a, int(b), int(c)) if len(c) == len(a) == 2 else None,
    }
    if (first := meant[YEAR_FIRST]) and first.year < FIRST_SHORT_YEAR:
        del meant[YEAR_FIRST]
    return {order: moment for order, moment in meant.items() if moment}


def _moment(match: re.Match[str], year: str, month: int | None, day: int) -> datetime | None:
    """Return the moment of these parts and of the clock in `match`; None where there is no such day or time."""
    year = year.lstrip("'")
    zone = (
        (match["zone"] or "").strip().replace("Z", "+00:00").replace("UTC", "+00:00").replace("GMT", "+00:00")
    )
    try:
        clock = time.fromisoformat(_iso_clock(match["clock"] or "0:00") + zone)
        moment = datetime.combine(date(int(year) + (2000 if len(year) == 2 else 0), month or 0, day), clock)
    except ValueError:
        return None
    return _of_half(moment, re.sub(r"[ .]", "", match["half"] or "").lower())


def _iso_clock(clock: str) -> str:
    clock = clock.zfill(len(clock) + (clock[1] == ":")).replace(",", ".")
    whole, point, fraction = clock.partition(".")
    return f"{whole}.{fraction[:6]:<06}" if point else whole


def _of_half(moment: datetime, half: str) -> datetime | None:
    """Return the moment of a 12-hour clock: 12 am is midnight, 12 pm is noon."""
    if not half:
        return moment
    return moment.replace(hour=moment.hour % 12 + 12 * (half == "pm")) if 1 <= moment.hour <= 12 else None


def from_serial(serial: float, epoch: date = EXCEL_EPOCH) -> datetime | None:
    """Return the moment of Excel's serial number: days since `epoch` and the part of a day, to the millisecond."""
    if not 0 <= serial < LAST_SERIAL:
        return None
    days, part = divmod(serial, 1)
    return datetime.combine(epoch, time()) + timedelta(days=days, milliseconds=round(part * 86_400_000))


def order_of(dates: Iterable[dict[str, datetime]]) -> str | None:
    """Return the only order under which every cell of a column is a day; None where there are more, or none."""
    left = set(ORDERS)
    for options in dates:
        if options:
            left &= options.keys()
    return left.pop() if len(left) == 1 else None


def both_readings(options: dict[str, datetime]) -> str:
    """Return what a doubtful cell could be, for its refusal: 5 Oct 2026 or 10 May 2026."""
    days = dict.fromkeys(f"{moment.day} {moment:%b %Y}" for moment in options.values())
    return " or ".join(days)
