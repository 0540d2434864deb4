"""Excel's number formats: which section of a format holds for a number, and what its characters mean.

Grammar as in ECMA-376 part 1, 18.8.31. `number_format("0.0%").show(0.62)` is what Excel shows. A format is compiled
once; what it can't be sure to show as Excel does has a `problem`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

from services.parsing.number_rendering import (
    CLOCK,
    DATE,
    NOT_EXCEL,
    Section,
    Shown,
    Token,
    general,
    show_section,
)

TOKEN = re.compile(
    r"""(?P<literal>"[^"]*"?)|\\(?P<escaped>.)|_(?P<space>.)|\*(?P<fill>.)|\[(?P<bracket>[^\]]*)\]
    |(?P<general>General|Standard)|(?P<half>AM/PM|A/P|上午/下午)|(?P<digit>[0#?])|(?P<exponent>[eE][+-])
    |(?P<date>y+|m+|d+|h+|s+|b{2,}|g+|e+|a{3,})|(?P<text>@)|(?P<other>.)""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
CONDITION = re.compile(r"(<=|>=|<>|<|>|=)(-?[0-9.]+(?:[eE][+-]?[0-9]+)?)")
ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)
MAX_CHARACTERS = 255  # of a format, as in Excel
MAX_NUMBER = 1e290
COMPARE: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b, "=": lambda a, b: a == b, "<>": lambda a, b: a != b,
}  # fmt: skip


@dataclass(frozen=True)
class NumberFormat:
    """A compiled number format. `kind` is that of its first section: general, number, clock, date or text."""

    code: str
    sections: tuple[Section, ...]
    problem: str = ""

    @property
    def kind(self) -> str:
        """What numbers are shown as: "general", "number", "clock", "date" or "text"."""
        return self.sections[0].kind if self.sections else "general"

    @property
    def is_plain(self) -> bool:
        """Whether every number is shown as it is, by Excel's own General."""
        return not self.problem and self.kind == "general" and len(self.sections[0].tokens) == 1

    def show(self, number: float) -> Shown:
        """Return what Excel shows of `number`."""
        if self.problem:
            return Shown(general(number), problem=self.problem)
        if not abs(number) < MAX_NUMBER:
            return Shown(str(number), problem="holds no number that can be measured")
        value = Fraction(repr(number))
        section, own_sign = self._section(value)
        if section is None:
            return Shown("#" * 8, problem=f"holds a number that its format “{self.code}” doesn't show")
        if value < 0 and section.kind in (CLOCK, DATE):
            return Shown("#" * 8, problem="holds a time below zero, which Excel doesn't show")
        seen = show_section(section, abs(value))
        return seen if value >= 0 else negated(seen, own_sign)

    def _section(self, value: Fraction) -> tuple[Section | None, bool]:
        """Return the section for `value`, and whether that section itself says that the number is below zero."""
        sections = [section for section in self.sections if section.kind != "text"] or list(self.sections)
        if any(section.condition for section in sections):
            return self._by_condition(sections, value)
        if value < 0 and len(sections) > 1:
            return sections[1], True
        return (sections[2] if value == 0 and len(sections) > 2 else sections[0]), False

    def _by_condition(self, sections: list[Section], value: Fraction) -> tuple[Section | None, bool]:
        for place, section in enumerate(sections):
            if section.condition is None and place < len(sections) - 1 and not usual(place, value):
                continue
            if section.condition is None or COMPARE[section.condition[0]](value, section.condition[1]):
                return section, value < 0 and only_below_zero(section)
        return None, False


def usual(place: int, value: Fraction) -> bool:
    """Return whether a section without a condition, beside others with one, takes `value` at its place."""
    return (value > 0, value < 0, True)[min(place, 2)]


def only_below_zero(section: Section) -> bool:
    """Return whether a section is for numbers below zero alone, so that it says their sign itself."""
    if section.condition is None:
        return False
    compare, limit = section.condition
    return compare in ("<", "<=", "=") and limit <= 0 and (compare == "<" or limit < 0)


def negated(seen: Shown, own_sign: bool) -> Shown:
    """Return what is seen of a number below zero; without a section of its own Excel puts a minus before all."""
    minus = "" if own_sign or seen.shown == 0 else "-"
    behind, shown = (None if each is None else -each for each in (seen.behind, seen.shown))
    return replace(seen, text=minus + seen.text, before=minus + seen.before, behind=behind, shown=shown)


@lru_cache(maxsize=4096)
def number_format(code: str) -> NumberFormat:
    """Return the compiled format of `code`, as a workbook's styles spell it."""
    if len(code) > MAX_CHARACTERS:
        return NumberFormat(code[:MAX_CHARACTERS], (), "has a number format too long for Excel")
    parts = sections_of(code or "General")
    if len(parts) > 4:
        return NumberFormat(code, (), f"has a number format that isn't Excel's: “{code}”")
    sections = tuple(map(section_of, parts))
    return NumberFormat(code, sections)


def sections_of(code: str) -> list[str]:
    """Return the parts of a format between its semicolons, those in quotes and brackets left alone."""
    parts, start = [], 0
    for match in TOKEN.finditer(code):
        if match["other"] == ";":
            parts.append(code[start : match.start()])
            start = match.end()
    return [*parts, code[start:]]


def section_of(code: str) -> Section:
    """Return the compiled section."""
    tokens: list[Token] = []
    condition, problem = None, ""
    for match in TOKEN.finditer(code):
        kind, text = match.lastgroup or "", match[match.lastgroup or 0]
        if kind == "bracket":
            condition_match = CONDITION.fullmatch(text)
            condition = (condition_match[1], Fraction(condition_match[2])) if condition_match else condition
            problem = problem or unknown_bracket(text)
            tokens += bracket_tokens(text)
        elif kind == "fill":
            problem = problem if text == " " else "is filled up with characters by its number format"
        elif token := token_of(kind, text):
            tokens.append(token)
    return classified(tokens, condition, problem)


def token_of(kind: str, text: str) -> Token | None:
    """Return a token of a section: of the kinds literal, digit, point, comma, percent, exponent, slash, date, ..."""
    match kind:
        case "literal":
            return Token("literal", text.strip('"'))
        case "escaped":
            return Token("literal", text)
        case "space":
            return Token("literal", " ")
        case "other":
            return Token(
                {".": "point", ",": "comma", "%": "percent", "/": "slash"}.get(text, "literal"), text
            )
    return Token(kind, text)


def bracket_tokens(text: str) -> list[Token]:
    """[$€-407] is its currency, [h] a clock that runs on; colours and conditions show nothing."""
    if text.startswith("$"):
        sign = text[1:].partition("-")[0]
        return [Token("literal", sign)] if sign else []
    return [Token("elapsed", text.lower())] if ELAPSED.fullmatch(text) else []


def unknown_bracket(text: str) -> str:
    """Return why numbers under this bracket aren't read: other digits than 0 to 9, or a calendar of its own."""
    local = text.upper()
    if local.startswith(("DBNUM", "NATNUM")):
        return "is shown in digits other than 0 to 9"
    return "is shown in digits or a calendar of its own" if local.startswith("$-") and len(local) > 7 else ""


def classified(tokens: list[Token], condition: tuple[str, Fraction] | None, problem: str) -> Section:
    """Return the section of these tokens with the kind that its characters make it."""
    kinds = [token.kind for token in tokens]
    problem = problem or ("is a percentage of a percentage" if kinds.count("percent") > 1 else "")
    kind = "number"
    if "general" in kinds or "text" in kinds:
        kind = "general" if "general" in kinds else "text"
        whole = len({"general", "text", "literal", "percent"}.union(kinds)) == 4
        problem = problem or (
            "" if whole and kinds.count("general") + kinds.count("text") == 1 else NOT_EXCEL
        )
    elif {"elapsed", "date", "half"} & set(kinds):
        kind, wrong = clock_or_date(tokens)
        problem = problem or wrong
    return Section(kind, tuple(tokens), condition, problem)


def clock_or_date(tokens: list[Token]) -> tuple[str, str]:
    """Return clock for hours, minutes and seconds alone, else date, and what is wrong with it."""
    kinds = {token.kind for token in tokens}
    marks = {token.text[0].lower() for token in tokens if token.kind in ("date", "elapsed")}
    if "half" in kinds or not marks <= {"h", "m", "s"} or (marks == {"m"} and "elapsed" not in kinds):
        return DATE, ""
    spelled = "".join("0" if t.kind == "digit" else "." if t.kind == "point" else "x" for t in tokens)
    decimals_only = re.fullmatch(r"x*(\.0+)?x*", spelled) and ("s" in marks or "0" not in spelled)
    return CLOCK, "" if decimals_only and not kinds & {"percent", "exponent", "slash"} else NOT_EXCEL
