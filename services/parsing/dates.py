"""
Dates as people and spreadsheets write them.

03/04/2026 can be 3 April or 4 March. The column decides: it follows the cells that are beyond doubt, such as
20/11/2026. Without any, or when they contradict each other, a doubtful cell is refused: a wrong month would
stay unnoticed. With points between (03.04.2026) the day is always first.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from services.parsing.cells import Read
from services.parsing.sheet import EXCEL_EPOCH, BadCell, Cell

FIRST_YEAR, LAST_YEAR = 2000, 2100
DAY_FIRST, MONTH_FIRST = "day first", "month first"
MONTH_NAMES = {
    name: number
    for number, full in enumerate(
        [
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
        ],
        1,
    )
    for name in (full, full[:3], full[:4])
}
CLOCK = r"(?:(?:T|,? +)(?P<clock>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)(?P<half> ?[AaPp][Mm])?)?"
ZONE = r"(?P<zone> ?Z| ?[+-][0-9]{2}:?[0-9]{2})?"
YEAR_FIRST = re.compile(
    rf"(?P<y>[0-9]{{4}})(?P<s>[-/.])(?P<m>[0-9]{{1,2}})(?P=s)(?P<d>[0-9]{{1,2}}){CLOCK}{ZONE}"
)
COMPACT = re.compile(r"(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})")
YEAR_LAST = re.compile(
    rf"(?P<a>[0-9]{{1,2}})(?P<s>[-/.])(?P<b>[0-9]{{1,2}})(?P=s)(?P<y>[0-9]{{4}}){CLOCK}{ZONE}"
)
NAMED = re.compile(
    r"(?P<d>[0-9]{1,2})[ .-]{0,2}(?P<name>[A-Za-z]{3,9})\.?[ ,-]{1,2}"
    rf"(?P<y>[0-9]{{4}}|[0-9]{{2}}){CLOCK}"
)
NAMED_FIRST = re.compile(rf"(?P<name>[A-Za-z]{{3,9}})\.? (?P<d>[0-9]{{1,2}}),? (?P<y>[0-9]{{4}}){CLOCK}")
SERIAL = re.compile(r"[0-9]{5}(\.[0-9]+)?")
LONGEST = 60  # characters
EXAMPLE = "a date such as 2026-11-20"
OUT_OF_RANGE = f"a date from {FIRST_YEAR} to {LAST_YEAR}, such as 2026-11-20"
DOUBTFUL = "a date that can be read one way only, such as 2026-11-20 (day and month could be swapped here)"


def readings(text: str, epoch: date = EXCEL_EPOCH) -> dict[str, datetime]:
    """What `text` says with the day first and with the month first; the same twice where it can't matter."""
    text = " ".join(text[:LONGEST].split())
    if SERIAL.fullmatch(text):
        return _both(_from_serial(float(text), epoch))
    for pattern in (YEAR_FIRST, COMPACT):
        if match := pattern.fullmatch(text):
            return _both(_moment(match, int(match["m"]), int(match["d"])))
    if match := NAMED.fullmatch(text) or NAMED_FIRST.fullmatch(text):
        month = MONTH_NAMES.get(match["name"].lower())
        return _both(_moment(match, month, int(match["d"]))) if month else {}
    if match := YEAR_LAST.fullmatch(text):
        a, b = int(match["a"]), int(match["b"])
        if match["s"] == ".":
            return _both(_moment(match, b, a))
        found = {DAY_FIRST: _moment(match, b, a), MONTH_FIRST: _moment(match, a, b)}
        return {order: moment for order, moment in found.items() if moment}
    return {}


def _both(moment: datetime | None) -> dict[str, datetime]:
    return {DAY_FIRST: moment, MONTH_FIRST: moment} if moment else {}


def _moment(match: re.Match[str], month: int, day: int) -> datetime | None:
    parts = match.groupdict()
    year = int(parts["y"]) + (2000 if len(parts["y"]) == 2 else 0)
    zone = (parts.get("zone") or "").strip()
    try:
        clock = time.fromisoformat(_iso_clock(parts.get("clock") or "0:00") + zone.replace("Z", "+00:00"))
        moment = datetime.combine(date(year, month, day), clock)
        return _by_half(moment, (parts.get("half") or "").strip().lower())
    except ValueError:
        return None


def _iso_clock(clock: str) -> str:
    clock = clock.zfill(len(clock) + (clock[1] == ":"))
    whole, point, fraction = clock.partition(".")
    return f"{whole}.{fraction:<06}" if point else whole


def _by_half(moment: datetime, half: str) -> datetime | None:
    """12-hour clocks: 12 am is midnight, 12 pm is noon."""
    if not half:
        return moment
    if not 1 <= moment.hour <= 12:
        return None
    return moment.replace(hour=moment.hour % 12 + (12 if half == "pm" else 0))


def _from_serial(serial: float, epoch: date) -> datetime | None:
    """Excel's serial date: days since `epoch`, the time of day as the fraction, to the millisecond."""
    if not 0 <= serial < 80_000:
        return None
    days, part = divmod(serial, 1)
    return datetime.combine(epoch, time()) + timedelta(days=days, milliseconds=round(part * 86_400_000))


def _readings_of(cell: Cell, epoch: date) -> dict[str, datetime]:
    match cell:
        case bool():
            return {}
        case datetime():
            return _both(cell)
        case date():
            return _both(datetime.combine(cell, time()))
        case int() if 19_000_000 <= cell < 22_000_000:
            return readings(str(cell))
        case int() | float():
            return _both(_from_serial(cell, epoch))
        case str():
            return readings(cell, epoch)
    return {}


def order_of(found: Iterable[dict[str, datetime]]) -> str | None:
    """The order that the clear cells of a column agree on, if any."""
    clear = {next(iter(options)) for options in found if len(options) == 1}
    return clear.pop() if len(clear) == 1 else None


def _reader(cells: Sequence[Cell], epoch: date, finish: Callable[[datetime], date]) -> Read:
    order = order_of(_readings_of(cell, epoch) for cell in cells)

    def read(cell: Cell) -> date | BadCell:
        readings = _readings_of(cell, epoch)
        if not readings:
            return BadCell(EXAMPLE)
        options = set(readings.values())
        if len(options) == 1:
            moment = options.pop()
        elif order is None:
            return BadCell(DOUBTFUL)
        else:
            moment = readings[order]
        return finish(moment) if FIRST_YEAR <= moment.year <= LAST_YEAR else BadCell(OUT_OF_RANGE)

    return read


@dataclass(frozen=True)
class Day:
    """A calendar day; a time of day behind it is left out."""

    expected = EXAMPLE

    def for_column(self, cells: Sequence[Cell], epoch: date = EXCEL_EPOCH) -> Read:
        return _reader(cells, epoch, datetime.date)


@dataclass(frozen=True)
class Moment:
    """A day with or without a time (midnight then). Aware only where the cell names an offset."""

    expected = "a date such as 2026-11-20, or with a time such as 2026-11-20 14:30"

    def for_column(self, cells: Sequence[Cell], epoch: date = EXCEL_EPOCH) -> Read:
        return _reader(cells, epoch, lambda moment: moment)
