"""Names as people spell them: cleaned when they are entered, compared by one key, found in other texts.

One name reaches the program in many spellings: composed or decomposed ("é" as one character or as "e" with an accent),
full-width, in capitals, with a no-break space, a soft hyphen or a zero-width space in it. `clean_name` and `clean_text`
say what is stored, `normalize_name` whether two names are the same, `NameFinder` where a text says a name.

Sources: Unicode Standard Annex 15 (normalization forms), The Unicode Standard section 3.13 (compatibility caseless
matching, D146), DerivedCoreProperties.txt of Unicode 16 (Default_Ignorable_Code_Point).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from itertools import pairwise
from unicodedata import category, combining, normalize

SOFT_HYPHEN = "\u00ad"
# Zero-width characters that change nothing about how a name is read: grapheme joiner, zero-width space and word joiner,
# direction marks, embeddings and isolates, invisible operators, deprecated formats, byte order mark.
_MEANINGLESS = re.compile("[\u00ad\u034f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
# Scripts whose letters join or form clusters: Arabic to Thaana, Devanagari to Sinhala, Tibetan, Myanmar, Khmer,
# Mongolian and further Brahmic scripts, Arabic presentation forms, and those of the supplementary plane.
_JOINING = (
    "\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\u1900-\u1cff\ua800-\uabff\ufb50-\ufdff\ufe70-\ufefc"
    "\U00010a00-\U00011fff\U0001e900-\U0001e95f"
)
_EMOJI = "\u2190-\u2bff\U0001f000-\U0001fbff"
_EMOJI_ENDS = f"{_EMOJI}\ufe0f\u20e3\U000e007f"
_JOINER = re.compile(
    f"((?<=[{_JOINING}])[\u200c\u200d]|(?<=[{_EMOJI_ENDS}])\u200d(?=[{_EMOJI}]))|[\u200c\u200d]"
)
# What no comparison looks at: Default_Ignorable_Code_Point.
_IGNORABLES = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_IGNORABLE = re.compile(f"[{_IGNORABLES}]")
# What keyboards and word processors write for one and the same: apostrophes, hyphens and dashes, the dotless Turkish i.
_ALIKE = str.maketrans(
    dict.fromkeys("`\u00b4\u02b9\u02bb\u02bc\u02c8\u02ca\u02cb\u2018\u2019\u201b\u2032\u2035", "'")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
    | {"\u0131": "i"}
)
_DOTTED_I = re.compile("i\u0307+")
# Scripts that are written without spaces between words, or (Hangul) with particles after a name. NFKD has no others.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\ua960-\ua97f\ud7b0-\ud7ff\U00020000-\U0003ffff]"
)
_LATER_JAMO = "\u1160-\u11ff"
"""Vowels and final consonants of a Hangul syllable: what begins with one isn't the next syllable."""


def clean_text(text: str) -> str:
    """Return `text` as it is stored: composed (NFC) and without soft hyphens, which show nowhere and find nothing."""
    return text if text.isascii() else normalize("NFC", text.replace(SOFT_HYPHEN, ""))


def clean_name(name: str) -> str:
    """Return `name` as it is stored: one line, composed (NFC), with single plain spaces and none at its ends.

    Zero-width characters go, but for joiners where they matter: U+200C and U+200D stay after a letter or mark of a
    script whose letters join or form clusters (Persian, the Indic scripts and their kin), and U+200D stays between two
    emoji. Variation selectors stay, too: they tell Japanese family names and coloured emoji from others.
    """
    if not name.isascii():
        visible = _MEANINGLESS.sub("", name)
        name = normalize("NFC", _JOINER.sub(lambda joiner: joiner[1] or "", visible))
    return " ".join(name.split())


def clean_email(address: str) -> str:
    """Return an e-mail address as it is stored and looked up: cleaned like a name, in small letters."""
    return normalize("NFC", clean_name(address).lower())


def normalize_name(name: str) -> str:
    """Return the key by which names are compared: two names are the same where their keys are equal.

    It looks through Unicode composition and compatibility forms (NFKC: full-width letters, ligatures), case ("ß" is "ss",
    the four Turkish letters i are one), white space, everything that has no width, and the kinds of apostrophes and
    hyphens. It keeps accents: "José" and "Jose" are two names. It is idempotent.
    """
    return " ".join(normalize("NFC", _folded(name)).split())


def same_text(old: object, new: object) -> bool:
    """Return whether `new` equals `old`, or is the text that `old`, from before texts were cleaned, is stored as now."""
    return old == new or (isinstance(old, str) and new in (clean_text(old), clean_name(old)))


def _folded(text: str) -> str:
    """`text` decomposed and without what names aren't compared by; white space is left as it is.

    Each character is folded by itself, but for the order of accents on one letter: so `_segments` can be folded one by
    one.
    """
    if text.isascii():
        return text.lower().replace("`", "'")
    # D146: the first decomposition is for the iota below Greek letters, the second case folding for letters in circles.
    bare = normalize("NFD", _IGNORABLE.sub("", text))
    once = normalize("NFKD", bare.translate(_ALIKE).casefold())
    twice = normalize("NFKD", once.casefold()).translate(_ALIKE)
    return _DOTTED_I.sub("i", twice)


class NameFinder:
    """Finds names in texts, in whatever spelling has the same key, as whole words.

    Where a name begins or ends in a script that puts no spaces between words, letters may stand right beside it there,
    unless the name is a single character.
    """

    def __init__(self, names: Iterable[str]) -> None:
        """`names` without a letter in them are found nowhere; of two that begin alike, the longer one is found."""
        keys = {" ".join(_folded(name).split()) for name in names} - {""}
        self._pattern = re.compile("|".join(map(_as_pattern, sorted(keys, key=len, reverse=True))) or "(?!)")

    def is_in(self, text: str) -> bool:
        """Return whether `text` says one of the names."""
        return self._pattern.search(_folded(text)) is not None

    def replace(self, text: str, instead: str | Callable[[str], str]) -> str:
        """Return `text` with `instead`, or what it returns for the spelling found, in the place of each name.

        All else stays as it was, to the character.
        """
        if not self.is_in(text):
            return text
        spans = _segments(text)
        folds = [_folded(text[start:end]) for start, end in spans]
        places = [span for span, fold in zip(spans, folds, strict=True) for _ in fold]
        parts, done = [], 0
        for match in self._pattern.finditer("".join(folds)):
            start, end = _trimmed(text, max(places[match.start()][0], done), places[match.end() - 1][1])
            spelled = text[start:end]
            parts += [text[done:start], instead if isinstance(instead, str) else instead(spelled)]
            done = end
        return "".join(parts) + text[done:]


@lru_cache(maxsize=64)
def finder_of(*names: str) -> NameFinder:
    """Return a finder of these names, made once: a page asks about the same names for each of its texts."""
    return NameFinder(names)


def _as_pattern(key: str) -> str:
    """Return the regular expression that finds `key`, a folded name, in folded text."""
    word, mark = r"[^\W_]", f"[{_marks()}]"
    long_enough = len(normalize("NFC", key)) > 1
    letters = [letter for letter in key if not category(letter).startswith("M")] or [key]
    before = "" if long_enough and _UNSPACED.match(letters[0]) else f"(?<!{word})(?<!{mark})"
    after = f"(?![{_LATER_JAMO}])" if long_enough and _UNSPACED.match(letters[-1]) else f"(?!{word})"
    words = r"\s+".join(map(re.escape, key.split()))
    return f"{before}{words}(?!{mark}){after}"


@cache
def _marks() -> str:
    """Return all combining marks, as ranges of a character class: what `\\w` doesn't know to be a part of a word."""
    ranges: list[list[int]] = []
    for code in (*range(0x300, 0x20000), *range(0xE0100, 0xE01F0)):
        if category(chr(code)).startswith("M"):
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)


def _segments(text: str) -> list[tuple[int, int]]:
    """The stretches of `text` that fold independently of each other, as (start, end): a letter with all its accents."""
    starts = [
        place
        for place, letter in enumerate(text)
        if place == 0 or not (_IGNORABLE.match(letter) or combining(normalize("NFKD", letter)[0]))
    ]
    return list(pairwise([*starts, len(text)]))


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The same stretch of `text` without what has no width at its ends, such as the end of an isolate around it."""
    while start < end and _IGNORABLE.match(text[end - 1]):
        end -= 1
    while start < end and _IGNORABLE.match(text[start]):
        start += 1
    return start, end
