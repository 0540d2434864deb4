"""Texts of a column that look odd: placeholders, several codes in one cell, names that only look the same, gibberish."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from models.names import normalize_name
from models.placeholders import is_placeholder
from models.same_person import likely_same
from services.parsing.cell import shown
from services.parsing.displayed import UNSEEN, NumberCell, plain_text
from services.parsing.doubts import Doubt, doubt
from services.parsing.forced_text import forced_text
from services.parsing.text_encoding import Decoded, repaired

PLACEHOLDER, SEVERAL_CODES, FORCED_TEXT = "placeholder", "several codes", "forced text"
NUMBER_FORMAT, LOOK_ALIKE, GIBBERISH, SAME_PERSON = (
    "number format",
    "look-alike names",
    "gibberish",
    "same person",
)
ENCODING = "encoding"

CODE = re.compile(r"[A-Z]{2,}[A-Z0-9]*[-_. ]?[0-9]{2,}|[A-Z]+-[0-9]+")
SEPARATORS = re.compile(r"\s*(?:[,;/|+&\n]|\band\b|\bund\b)\s*")
LOST = "\N{REPLACEMENT CHARACTER}"

# Letters of other scripts that look like Latin ones.
CYRILLIC = str.maketrans("асеорхуіјѕԁһАВЕКМНОРСТУХІЈЅ", "aceopxyijsdhABEKMHOPCTYXIJS")
GREEK = str.maketrans("οαικνρτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "oaiknptuxABEZHIKMNOPTYX")


def forced_texts(cells: Sequence[Any], lines: Sequence[int], column: str) -> list[Doubt]:
    """Return the doubt about formulas that only keep a text a text."""
    return _one(
        FORCED_TEXT, cells, lines, column, forced_text,
        "“{seen}” was read as “{read}”, the text that it keeps.",
    )  # fmt: skip


def placeholders(cells: Sequence[Any], lines: Sequence[int], column: str) -> list[Doubt]:
    """Return the doubt about cells that stand for nothing. Ask it of owners, interviewees, sources, fallbacks, links."""
    return _one(
        PLACEHOLDER, cells, lines, column, lambda text: "nothing" if text.strip() and is_placeholder(text) else None,
        "“{seen}” was read as nothing, as it stands for none.",
    )  # fmt: skip


def several_codes(cells: Sequence[Any], lines: Sequence[int], column: str) -> list[Doubt]:
    """Return the doubt about cells of more than one code, such as APP-0012, APP-0013, in a column of one each."""
    return _one(
        SEVERAL_CODES, cells, lines, column, lambda text: text if len(codes_in(text)) > 1 else None,
        "“{seen}” holds several codes and was read as one name; give each a row of its own, if they are several.",
    )  # fmt: skip


def codes_in(text: str) -> list[str]:
    """Return the codes of a text that is nothing but codes: ["APP-0012", "APP-0013"]."""
    parts = [part for part in SEPARATORS.split(text.strip()) if part]
    return list(dict.fromkeys(parts)) if parts and all(CODE.fullmatch(part) for part in parts) else []


def gibberish(cells: Sequence[Any], lines: Sequence[int], column: str) -> list[Doubt]:
    """Return the doubts about texts that were written in one encoding and read in another before they came here."""
    doubly = _one(
        GIBBERISH, cells, lines, column, lambda text: repaired(text) if not text.isascii() else None,
        "“{seen}” was read as it stands; it probably was “{read}” before a program mistook its encoding.",
    )  # fmt: skip
    lost = _one(
        GIBBERISH, cells, lines, column, lambda text: text if LOST in text else None,
        "“{seen}” was read as it stands; characters of it were lost before the file came here.",
    )  # fmt: skip
    return doubly + lost


def shown_by_format(cells: Sequence[Any], lines: Sequence[int], column: str) -> list[Doubt]:
    """Return the doubt about numbers in a column of texts that look different by their number format: 00123, 7.10."""
    odd = [
        (line, cell)
        for line, cell in zip(lines, cells, strict=True)
        if isinstance(cell, NumberCell) and cell.text != plain_text(cell.number)
    ]
    if not odd:
        return []
    seen, held = odd[0][1].text, plain_text(odd[0][1].number)
    sentence = f"“{seen}” was read as it is seen; the cell holds the number {held}."
    return [doubt(NUMBER_FORMAT, (line for line, _ in odd), seen, seen, sentence, column)]


def look_alikes(
    cells: Sequence[Any], lines: Sequence[int], column: str, known: Iterable[str] = ()
) -> list[Doubt]:
    """Return the doubts about names that differ by what can't be seen, among themselves or from `known` names."""
    by_look: dict[str, dict[str, list[int]]] = {}
    written: dict[str, str] = {}
    for name in known:
        by_look.setdefault(look_of(name), {}).setdefault(normalize_name(name), [])
        written.setdefault(normalize_name(name), name)
    for line, cell in zip(lines, cells, strict=True):
        if isinstance(cell, str) and cell.strip():
            by_look.setdefault(look_of(cell), {}).setdefault(normalize_name(cell), []).append(int(line))
            written.setdefault(normalize_name(cell), cell)
    doubts = []
    for spellings in by_look.values():
        rows = [row for each in spellings.values() for row in each]
        if len(spellings) > 1 and rows:
            by_row = sorted(spellings, key=lambda text: (min(spellings[text], default=0), text))
            doubts.append(_looking_like(written[by_row[0]], written[by_row[1]], rows, column))
    return doubts


def _looking_like(one: str, other: str, rows: list[int], column: str) -> Doubt:
    sentence = (
        f"“{shown(other)}” looks like “{shown(one)}”, but {difference(one, other)}; they are two names."
    )
    return doubt(LOOK_ALIKE, rows, other, other, sentence, column)


def look_of(name: str) -> str:
    """Return what is seen of a name: without invisible characters, with the Latin letters that others look like."""
    plain = UNSEEN.sub("", unicodedata.normalize("NFKC", name))
    latin = plain.translate(CYRILLIC).translate(GREEK)
    if latin.isascii() or any(c.isascii() and c.isalpha() for c in plain):
        plain = latin
    return " ".join(re.sub("[\u2010-\u2015\u2212]", "-", plain).replace("’", "'").casefold().split())


def difference(one: str, other: str) -> str:
    """Return how two names that look the same differ, naming the character."""
    for c in (set(one) ^ set(other)) - {" "}:
        name = unicodedata.name(c, f"U+{ord(c):04X}")
        if not c.isascii():
            return f"one has the character {name.lower()}"
    return "one is spelled with other characters"


def same_people(
    cells: Sequence[Any],
    lines: Sequence[int],
    column: str,
    known: Iterable[str] = (),
    merged: Mapping[str, str] = MappingProxyType({}),
) -> list[Doubt]:
    """Return a doubt for each person who may be there in more than one spelling, or is `known` in another.

    `merged` has the person's key by the key of a spelling of which somebody said whose it is: nobody is asked again.
    """
    rows: dict[str, list[int]] = {name: [] for name in known}
    for line, cell in zip(lines, cells, strict=True):
        if isinstance(cell, str) and cell.strip():
            rows.setdefault(" ".join(cell.split()), []).append(int(line))
    doubts = []
    for group in likely_same(rows):
        lines_of = [row for name in group for row in rows[name]]
        keys = map(normalize_name, group)
        people = len({merged.get(key, key) for key in keys})
        if people > 1 and lines_of:
            quoted = [f"“{shown(name)}”" for name in group]
            names = f"{', '.join(quoted[:-1])} and {quoted[-1]}"
            sentence = f"{names} may be the same person; they were read as {people}."
            doubts.append(
                doubt(SAME_PERSON, lines_of, " / ".join(group), f"{people} people", sentence, column)
            )
    return doubts


def odd_encoding(decoded: Decoded) -> list[Doubt]:
    """Return the doubt about a file whose encoding was guessed by its words; no row of it is meant."""
    if not decoded.seen:
        return []
    sentence = (
        f"The file doesn't tell its encoding. It was read as {decoded.name}, so “{shown(decoded.read)}” rather than "
        f"“{shown(decoded.seen)}”. If that is wrong, save it as CSV UTF-8."
    )
    return [doubt(ENCODING, (), decoded.seen, decoded.read, sentence)]


def _one(
    kind: str, cells: Sequence[Any], lines: Sequence[int], column: str, read: Callable[[str], str | None], sentence: str
) -> list[Doubt]:  # fmt: skip
    """Return one doubt about all texts of which `read` makes something, with the first of them as its example."""
    odd = [
        (line, cell, result)
        for line, cell in zip(lines, cells, strict=True)
        if isinstance(cell, str) and (result := read(cell)) is not None
    ]
    if not odd:
        return []
    _, seen, meant = odd[0]
    full = sentence.format(seen=shown(seen), read=shown(meant))
    return [doubt(kind, (line for line, _, _ in odd), seen, meant, full, column)]
