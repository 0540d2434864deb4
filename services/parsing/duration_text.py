"""Durations of more than one part, as issue trackers and databases write them: 1d 4h, 1 h 30 min, 1 day 02:30:00."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

from models.unit_table import DAY, DURATIONS, HOUR, MINUTE, WORKING_DAY
from services.parsing.displayed import tidy
from services.parsing.numerals import readings
from services.parsing.unit_words import unit_named

WORKING_DAYS_A_WEEK = 5
MAX_CHARACTERS = 60
PART = re.compile(r"([0-9]+(?:[.,][0-9]+)?) ?([^\W\d_]+\.?)(?:,? and |,? und |,? et |, ?| |$|(?=[0-9]))")
CLOCK = re.compile(
    r"(?:(?P<days>[0-9]+) ?(?P<word>[^\W\d_]+),? )?(?P<h>[0-9]+):(?P<m>[0-5][0-9])"
    r"(?::(?P<s>[0-5][0-9](?:[.,][0-9]+)?))?"
)
HOURS_AND_MINUTES = re.compile(r"([0-9]+) ?[hH] ?([0-5][0-9])")
"""As French and Portuguese write them: 1h30."""
ISO = re.compile(
    r"P(?:(?P<day>[0-9]+)D)?(?:T(?:(?P<h>[0-9]+)H)?(?:(?P<min>[0-9]+)M)?(?:(?P<s>[0-9]+(?:\.[0-9]+)?)S)?)?"
)
DAYS = ("day", "week")
MANY = 3
"""Parts of a text that only a duration is, so that it is read as one whatever stands beside it."""


@dataclass(frozen=True, slots=True)
class Duration:
    """A duration in seconds, with days of 24 h and weeks of 7 days; `working`: with days of 8 h and weeks of 5 days.

    `working` is None where no day is in it. `mixed` where hours stand beside days, which is how people write working
    time. `problem` says why it can be meant in more than one way.
    """

    seconds: Fraction
    working: Fraction | None = None
    mixed: bool = False
    parts: int = 1
    problem: str = ""


@lru_cache(maxsize=16384)
def duration_in(text: str) -> Duration | None:
    """Return the duration that `text` is; None where it isn't written as one."""
    text = tidy(text[: MAX_CHARACTERS + 1])
    if len(text) > MAX_CHARACTERS:
        return None
    if clock := CLOCK.fullmatch(text):
        return _of_clock(clock)
    if short := HOURS_AND_MINUTES.fullmatch(text):
        return _of_parts([(Fraction(short[1]), "h"), (Fraction(short[2]), "min")])
    if (iso := ISO.fullmatch(text)) and len(text) > 2 and not text.endswith("T"):
        written = [(Fraction(iso[name]), name) for name in ("day", "h", "min", "s") if iso[name]]
        return replace(_of_parts(written), parts=MANY)
    parts = PART.findall(text)
    if not parts or "".join(f"{number}{word}" for number, word in parts) != _without_fillers(text):
        return None
    return _of_words(parts)


def _without_fillers(text: str) -> str:
    return re.sub(r",? (?:and|und|et) |,(?= )| ", "", text)


def _of_words(parts: list[tuple[str, str]]) -> Duration | None:
    sizes = []
    for place, (number, word) in enumerate(parts):
        name = "min" if word == "m" and (place or len(parts) > 1) else unit_named(word)
        values = set(readings(number).values())
        if name not in DURATIONS or len(values) != 1:
            return None
        sizes.append((values.pop(), DURATIONS[name].one))
    order = [DURATIONS[name].size for _, name in sizes]
    return _of_parts(sizes) if order == sorted(set(order), reverse=True) else None


def _of_parts(parts: list[tuple[Fraction, str]]) -> Duration:
    seconds = sum((number * DURATIONS[name].size for number, name in parts), Fraction(0))
    has_days = any(name in DAYS for _, name in parts)
    working = sum((number * _working_size(name) for number, name in parts), Fraction(0)) if has_days else None
    return Duration(
        seconds, working, has_days and any(name in ("h", "min", "s") for _, name in parts), len(parts)
    )


def _working_size(name: str) -> Fraction:
    days = {"day": 1, "week": WORKING_DAYS_A_WEEK}.get(name)
    return Fraction(days * WORKING_DAY) if days else DURATIONS[name].size


def _of_clock(clock: re.Match[str]) -> Duration | None:
    if clock["days"] and unit_named(clock["word"]) not in ("d", "day", "days"):
        return None
    hours, minutes = int(clock["h"]), int(clock["m"])
    seconds = Fraction((clock["s"] or "0").replace(",", "."))
    total = int(clock["days"] or 0) * DAY + hours * HOUR + minutes * MINUTE + seconds
    if clock["s"] or clock["days"]:
        return Duration(Fraction(total), parts=MANY)
    problem = f"can be {hours} h {minutes} min or {hours} min {minutes} s"
    return Duration(Fraction(total), parts=2, problem=problem)
