"""Which encoding a file without a byte order mark is in, by whether its words read as words.

Spreadsheets save in the code page of their country and say so nowhere. Windows-1252 can spell nearly any bytes, so
"Иванова" comes out as "Èâàíîâà". A word fits if some language has all of its letters, its case is a word's, and no sign
stands among its letters. What reads well in Windows-1252 is left so; else the code page under which more words fit is
taken, and both readings are shown.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from charset_normalizer import from_bytes

WESTERN = "cp1252"
SAMPLE = 60_000  # bytes that are looked at
FITS, BETTER = 0.75, 0.2
"""From which share of words on an encoding fits, and by how much more another one has to fit to be taken instead."""

_ALPHABETS = {
    "cp1252": "äöüß àâæçéèêëîïôœùûüÿ áéíñóúüª ãáàâçéêíóôõúü àèéìîòù åäöæøéü ëïéèüöóá áðéíóúýþæö àçèéíïòóúü äöõüšž",
    "cp1250": "ąćęłńóśźż áčďéěíňóřšťúůýž áäčďéíĺľňóôŕšťúýž áéíóöőúüű čćđšž ăâîșțşţ",
    "cp1254": "çğıiöşüâîû",
    "cp1257": "ąčęėįšųūž āčēģīķļņšūž äöõüšž",
    "cp1251": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя абвгґдеєжзиіїйклмнопрстуфхцчшщьюя’' абвгдђежзијклљмнњопрстћуфхцчџш",
    "cp1253": "αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώϊϋ",
    "cp1255": "אבגדהוזחטיכלמנסעפצקרשתךםןףץ",
    "cp1256": "ابتثجحخدذرزسشصضطظعغفقكلمنهويةىءآأؤإئپچژگ",
}
_SAME_LETTERS = {"mac_roman": "cp1252", "mac_latin2": "cp1250", "koi8_r": "cp1251", "cp866": "cp1251"}
_SAME_LETTERS |= {"mac_cyrillic": "cp1251", "cp850": "cp1252", "cp852": "cp1250"}
NAMES = {
    "cp1250": "Windows-1250", "cp1251": "Windows-1251", "cp1252": "Windows-1252", "cp1253": "Windows-1253",
    "cp1254": "Windows-1254", "cp1255": "Windows-1255", "cp1256": "Windows-1256", "cp1257": "Windows-1257",
    "mac_roman": "Mac Roman", "mac_latin2": "Mac Central European", "mac_cyrillic": "Mac Cyrillic", "koi8_r": "KOI8-R",
    "cp866": "DOS code page 866", "cp850": "DOS code page 850", "cp852": "DOS code page 852", "gb18030": "GBK",
    "big5": "Big5", "cp932": "Shift-JIS", "cp949": "EUC-KR",
}  # fmt: skip
SINGLE_BYTE = (
    WESTERN,
    "mac_roman",
    *list(_ALPHABETS)[1:],
    "koi8_r",
    "cp866",
    "mac_cyrillic",
    "mac_latin2",
    "cp850",
    "cp852",
)
DOUBLE_BYTE = ("gb18030", "cp932", "big5", "cp949")
COMMON_LEADS = {"gb18030": (0xB0, 0xD7), "cp932": (0x82, 0x97), "big5": (0xA4, 0xC6), "cp949": (0xB0, 0xC8)}
"""The first bytes of the characters that texts are made of; others are rare, or come about by chance."""

WORD = re.compile(r"[^\s,;|\t\"()/<>=:]*[^\x00-\x7f][^\s,;|\t\"()/<>=:]*")
TYPOGRAPHY = set("’‘“”„«»–—…€£¥°²³®™©ºª·•½¼¾×µ§‚¿¡\u00a0")
GREEK_ACCENTS = set("άέήίόύώ")
SEPARATE_SIGNS = set("§½¼¾×•°²³®™©")


@dataclass(frozen=True)
class Decoded:
    """The text of a file, and the encoding that it was read in.

    Where that is a guess, `seen` is a word as Windows-1252 has it and `read` the same as it was read.
    """

    text: str
    encoding: str
    seen: str = ""
    read: str = ""

    @property
    def name(self) -> str:
        """The encoding as people call it."""
        return NAMES.get(self.encoding, self.encoding)


def decode_unmarked(data: bytes) -> Decoded | None:
    """Return the text of bytes that are neither marked nor UTF-8; None where no encoding makes words of them."""
    sample = data[:SAMPLE]
    plain = fit(sample, WESTERN)
    best = max(SINGLE_BYTE, key=lambda encoding: (fit(sample, encoding), -SINGLE_BYTE.index(encoding)))
    best = "mac_roman" if is_from_a_mac(sample) else best
    best_fit = fit(sample, best)
    if plain >= FITS and best != "mac_roman" and best_fit <= plain + BETTER:
        return Decoded(data.decode(WESTERN, errors="replace"), WESTERN)
    asian = of_east_asia(data) if best_fit < 1 else None
    return asian or (_guessed(data, best) if best_fit >= FITS else None)


def is_from_a_mac(sample: bytes) -> bool:
    """Return whether all letters are at 0x80 to 0x9F, as on a Mac: Windows has those of its languages from 0xC0 on."""
    high = {byte for byte in sample if byte > 0x7F}
    if max(high, default=0xFF) >= 0xA0 or fit(sample, "mac_roman") < 1:
        return False
    words = WORD.findall(sample.decode(WESTERN, errors="replace"))
    return not any(word[0].isupper() and word[0] > "\x7f" and word[1:].isascii() for word in words)  # Škoda


def fit(sample: bytes, encoding: str) -> float:
    """Return the share of the words beyond ASCII that read as words in a single-byte `encoding`; 0 if it has none."""
    try:
        text = sample.decode(encoding)
    except UnicodeDecodeError:
        return 0.0
    words = WORD.findall(text)
    alphabets = alphabets_of(_SAME_LETTERS.get(encoding, encoding))
    small = encoding in ("cp1251", "cp1253") and not any(word[0].isupper() for word in words)
    fitting = sum(is_word(word, alphabets) for word in words) - (0.1 if small else 0)  # names have capitals
    return fitting / len(words) if words else 1.0


@lru_cache(maxsize=16)
def alphabets_of(encoding: str) -> tuple[frozenset[str], ...]:
    """Return the letters beyond ASCII of each language that writes in this encoding."""
    return tuple(frozenset(letters) for letters in _ALPHABETS[encoding].split())


def is_word(word: str, alphabets: tuple[frozenset[str], ...]) -> bool:
    """Return whether a language of `alphabets` could spell `word` so."""
    word = unicodedata.normalize("NFC", word)
    if any(c in SEPARATE_SIGNS and _inside(word, i) for i, c in enumerate(word)):
        return False
    letters = {c for c in word.lower() if c > "\x7f" and c not in TYPOGRAPHY}
    if not letters:
        return True
    if not any(letters <= alphabet for alphabet in alphabets) or ODD.search(word):
        return False
    own = "".join(c for c in word if c.isalpha())
    two_scripts = bool(letters & _BEYOND_LATIN) and min(own) < "\u0250"
    return not two_scripts and _is_spelled(own)


ODD = re.compile(
    "[a-zß-öø-ÿ][À-ÖØ-ÞŸŠŽŒ]|[а-яёα-ωά-ώ][А-ЯЁΑ-Ω]|[A-Z][À-ÖØ-ÞŸŠŽŒ][a-zß-ÿ]"
    "|(?![ąćęłńóśźżŁŚŹŻ]{3})[\u00c0-\u024f]{3}|[ךםןףץ](?=[א-ת])"
)
"""A capital within a word, three Latin letters beyond ASCII in a row (unless they are Polish, as in Żółkiewski), a Hebrew
letter for the end of a word before it."""
_BEYOND_LATIN = frozenset(
    letter
    for name in ("cp1251", "cp1253", "cp1255", "cp1256")
    for letter in _ALPHABETS[name]
    if letter.isalpha()
)


def _inside(word: str, i: int) -> bool:
    """Return whether letters stand on both sides of a place in a word."""
    return 0 < i < len(word) - 1 and word[i - 1].isalpha() and word[i + 1].isalpha()


def _is_spelled(word: str) -> bool:
    """Return whether a Greek word has its one accent and a Cyrillic one a vowel, if they aren't in capitals."""
    if len(word) < 4 or word.isupper():
        return True
    if re.search("[α-ω]", word):
        return len(GREEK_ACCENTS & set(word.lower())) == 1
    return not re.search("[а-я]", word) or bool(re.search("[аеёиоуыэюяіїєј]", word.lower()))


def _guessed(data: bytes, encoding: str) -> Decoded:
    """Return the text, with a word that shows the difference."""
    text, western = (data.decode(each, errors="replace") for each in (encoding, WESTERN))
    for read, seen in zip(WORD.findall(text), WORD.findall(western), strict=False):
        if read != seen:
            return Decoded(text, encoding, seen, read)
    return Decoded(text, encoding)


def of_east_asia(data: bytes) -> Decoded | None:
    """Return the text in one of the double-byte encodings, if it is nearly all of common characters."""
    fitting = [encoding for encoding in DOUBLE_BYTE if _common(data[:SAMPLE], encoding) >= FITS]
    if not fitting:
        return None
    best = fitting[0] if len(fitting) == 1 else _detected(data[:SAMPLE], fitting)
    text = data.decode(best, errors="replace")
    seen = WORD.findall(data.decode(WESTERN, errors="replace"))
    return Decoded(text, best, seen[0] if seen else "", next(iter(WORD.findall(text)), ""))


def _detected(sample: bytes, encodings: list[str]) -> str:
    """Return the one of `encodings` that charset-normalizer finds the least messy."""
    matches = from_bytes(sample, cp_isolation=encodings)
    known = [match for match in matches if match.encoding in encodings]
    return min(known, key=lambda match: (match.chaos, -match.coherence)).encoding if known else encodings[0]


def _common(sample: bytes, encoding: str) -> float:
    """Return the share of characters beyond ASCII that are common ones of a double-byte encoding; 0 if it isn't one."""
    for cut in range(2):  # the sample may end within a character
        try:
            text = sample[: len(sample) - cut].decode(encoding)
        except UnicodeDecodeError:
            continue
        return _share_of_common(text, encoding)
    return 0.0


def _share_of_common(text: str, encoding: str) -> float:
    low, high = COMMON_LEADS[encoding]
    beyond = [c.encode(encoding) for c in text if c > "\x7f"]
    return sum(len(c) == 2 and low <= c[0] <= high for c in beyond) / len(beyond) if beyond else 0.0


DOUBLY_ENCODED = re.compile(
    "[\u00c2-\u00c5\u00ce-\u00d1\u00e2][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u02c6\u02dc\u2013-\u203a\u20ac\u2122]+"
)


def repaired(text: str) -> str | None:
    """Return what a text was before UTF-8 was read as Windows-1252: Müller of MÃ¼ller. None where it wasn't."""
    if not DOUBLY_ENCODED.search(text):
        return None
    try:
        plain = text.encode(WESTERN).decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return None
    return plain if plain != text else None
