"""What the words around a number mean for a metric: "T€" for one in EUR is a thousand, "h" for one in minutes is sixty.

Every word has to be known. Whatever a number is followed by and nobody here knows could change it a million times.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from math import prod

from models.errors import Invalid
from models.unit_table import CURRENCIES, CURRENCY_SIGNS
from models.units import Unit, unit
from services.parsing.numerals import LARGEST
from services.parsing.scale_words import Scale, scale_named
from services.parsing.unit_words import currency_named, in_table_words

ONE = Fraction(1)
MONEY_ONLY = {"mm", "MM"}
SLASH = re.compile(r"\s*/\s*")
CURRENCY_MARKS = sorted(
    {*CURRENCY_SIGNS, *CURRENCIES, "Kč", "zł", "Ft", "円", "元", "원"}, key=len, reverse=True
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a number is multiplied by to be in the metric's unit. `problem` says why there is no such factor.

    `scale` is the part of `factor` that its scale words make, `word` those words, and `others` the factors that they
    have in other files.
    """

    factor: Fraction = ONE
    scale: Fraction = ONE
    word: str = ""
    others: tuple[Fraction, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Words:
    """Scale words and what is left beside them; `hint` is the group of files that their spelling tells."""

    scales: tuple[Scale, ...] = ()
    rest: str = ""
    hint: str = ""


@lru_cache(maxsize=8192)
def meaning(before: str, after: str, unit_name: str, groups: frozenset[str] = frozenset()) -> Meaning:
    """Return what `before` and `after` a number mean for a metric in `unit_name`, in a column of these groups."""
    declared = unit(unit_name)
    if not before and not after.strip():
        return Meaning()
    front, behind = _taken_apart(before, declared), _taken_apart(after, declared)
    if front.rest and currency_named(front.rest) is None:
        return Meaning(problem=_unknown(front.rest, declared))
    if front.rest and after in ("T", "t"):
        behind = replace(behind, hint="english")  # $2T, as Headway itself writes it
    scales = (*front.scales, *behind.scales)
    if problem := _not_scaled(scales, declared):
        return Meaning(problem=problem)
    groups = groups | {"indian"} if declared.measure.family == "INR" else groups
    hints = frozenset(filter(None, (front.hint, behind.hint)))
    factors = [scale.factor(hints or groups) for scale in scales]
    known = [factor for factor in factors if factor is not None]
    if len(known) < len(factors):
        return Meaning(
            word=scales[0].word, others=tuple(scales[0].all_factors), problem=_of_two_scales(scales, factors)
        )
    given = _unit_of(_joined(front.rest, behind.rest), declared, bool(scales))
    if isinstance(given, str):
        return Meaning(problem=given)
    decided = len(scales) == 1 and scales[0].is_decided_by(hints or groups)
    return _meant(declared, given, scales, prod(known, start=ONE), decided)


def _meant(
    declared: Unit, given: Unit | None, scales: tuple[Scale, ...], scale: Fraction, decided: bool
) -> Meaning:
    in_unit = ONE if given is None else given.factor(declared)
    others = tuple(factor * in_unit for factor in scales[0].all_factors if factor != scale) if decided else ()
    return Meaning(scale * in_unit, scale, " ".join(each.word for each in scales), others)


def _taken_apart(text: str, declared: Unit) -> _Words:
    """Return the scale words at the start of `text`, on their own or grown together with a currency, and the rest."""
    text, scales, hint = SLASH.sub(" / ", text.strip()), [], ""
    while text and not _is_own(text, declared):
        first, _, others = text.partition(" ")
        two = " ".join(text.split(" ", 2)[:2])
        if two != first and (scale := scale_named(two)):
            scales.append(scale)
            text = text[len(two) :].strip()
        elif scale := scale_named(first):
            scales.append(scale)
            text = others.strip()
        elif grown := _grown_together(first):
            scale, currency, hint = grown
            scales.append(scale)
            return _Words(tuple(scales), f"{currency} {others}".strip(), hint)
        else:
            break
    return _Words(tuple(scales), text.strip(), hint)


def _grown_together(word: str) -> tuple[Scale, str, str] | None:
    """Return the scale and the currency in k€, €k, TEUR, USDm. A T before its currency is the thousand of Germans."""
    for mark in CURRENCY_MARKS:
        if word.endswith(mark) and (scale := scale_named(word.removesuffix(mark))):
            return scale, mark, "german" if scale.word == "T" else ""
        if word.startswith(mark) and (scale := scale_named(word.removeprefix(mark))):
            return scale, mark, ""
    return None


def _is_own(text: str, declared: Unit) -> bool:
    """Return whether `text` is how the metric's own unit is written, whatever else it could be."""
    one = declared.measure.one if declared.size == declared.measure.size and not declared.per else ""
    own = (declared.name, declared.noun if declared.size == 1 and not declared.per else "", one)
    return text.casefold() in {word.casefold() for word in own if word}


def _joined(front: str, behind: str) -> str:
    """Return the unit that stands on both sides of a number: € and / h, $ and USD."""
    sign, code = currency_named(front), currency_named(behind)
    if sign and code and (sign == code or code in CURRENCY_SIGNS.get(sign, ())):
        return code
    return f"{front} {behind}".strip()


def _unit_of(text: str, declared: Unit, scaled: bool) -> Unit | None | str:
    """Return the unit that `text` names, None where it is the metric's own, or why it can't be."""
    if not text:
        return (
            replace(declared, size=declared.measure.size)
            if scaled and declared.kind in ("money", "count")
            else None
        )
    if _is_own(text, declared):
        return None
    try:
        given = _as_declared(
            unit(_in_own_currency(in_table_words(text, declared.kind == "money"), declared)), declared
        )
    except Invalid:
        return _unknown(text, declared)
    if not _is_known(given, declared):
        return _unknown(text, declared)
    if given.is_compatible_with(declared):
        return given
    return f"it is in {given.name}, but the metric is measured in {declared.name}"


def _in_own_currency(text: str, declared: Unit) -> str:
    """A sign that several currencies share is the metric's own, if it is one of them."""
    first, space, others = text.partition(" ")
    shared = CURRENCY_SIGNS.get(first)
    if not shared:
        return text
    own = declared.measure.family if declared.kind == "money" else ""
    return f"{own if own in shared else shared[0]}{space}{others}"


def _as_declared(given: Unit, declared: Unit) -> Unit:
    """Return `given` with what the metric's unit says and it leaves out: / min of calls, $ per invoice."""
    is_bare_rate = given.per and declared.per and given.kind == "count" and not given.noun
    if is_bare_rate and declared.kind in ("count", "money"):
        size = given.size * declared.measure.size
        return replace(given, kind=declared.kind, measure=declared.measure, size=size, noun=declared.noun)
    if given.kind == "money" and not given.per and declared.per and declared.per.kind == "count":
        return replace(given, per=declared.per)
    return given


def _is_known(given: Unit, declared: Unit) -> bool:
    """Whether each word of `given` is one of the unit table, or the metric's own. "times" and "count" say nothing."""
    if given.per and not _is_known(given.per, declared.per or declared):
        return False
    if not given.noun or given.noun == "times":
        return True
    if given.kind == "share":
        return given.noun == declared.noun or (not declared.noun and given.noun.startswith("of "))
    alike = replace(given, per=None), replace(declared, per=None)
    return bool(declared.noun) and declared.kind == "count" and alike[0].is_compatible_with(alike[1])


def _not_scaled(scales: tuple[Scale, ...], declared: Unit) -> str:
    """Return why these scales can't be those of a value of this metric; empty where they can."""
    for scale in scales:
        if scale.word in ("m", "M") and declared.kind == "time":
            return f"“{scale.word}” could mean minutes, months or millions"
        if declared.kind == "share" or (declared.kind == "time" and scale.is_sign):
            return f"a value in {declared.name} has no scale such as “{scale.word}”"
        if scale.word in MONEY_ONLY and declared.kind != "money":
            return _unknown(scale.word, declared)
    return (
        f"“{' '.join(scale.word for scale in scales)}” are too many words for a scale"
        if len(scales) > 2
        else ""
    )


def _of_two_scales(scales: tuple[Scale, ...], factors: list[Fraction | None]) -> str:
    scale = scales[factors.index(None)]
    if len(scale.all_factors) == 1:
        return f"“{scale.word}” isn't known to be a scale here"
    meant = " or ".join(_written(factor) for factor in scale.all_factors)
    return f"“{scale.word}” can mean {meant}"


def _written(factor: Fraction) -> str:
    return f"{int(factor):,}" if factor < LARGEST else str(factor)


def _unknown(word: str, declared: Unit) -> str:
    return f"“{word}” is no unit, currency or scale that is known for a value in {declared.name}"
