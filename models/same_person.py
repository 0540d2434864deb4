"""Whether two names may be one person's: Okafor, Sam; Sam Okafor; S. Okafor; sam.okafor@acme.com.

It is a question to be asked, never an answer: father and son share a name, and S. Okafor may be Sarah.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache

MIN_SHORT_NAME = 3  # letters from which Sam may be short for Samuel
_TITLES = """
mr mrs ms miss mx sir dr drs prof dipl ing msc bsc mba phd md herr frau fr hr hrn mme mlle sr sra srta dona doña sig sigra
dott dottssa jr ii iii pani ext extern external contractor
"""
TITLES = frozenset(_TITLES.split())
BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
MAIL = re.compile(r"(?P<name>[^@\s<>]+)@[^@\s<>]+\.[a-z]{2,}", re.IGNORECASE)
UMLAUTS = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "ß": "ss",
        "ø": "oe",
        "æ": "ae",
        "å": "aa",
        "ł": "l",
        "đ": "d",
        "ı": "i",
    }
)
ASIAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@lru_cache(maxsize=4096)
def name_parts(name: str) -> tuple[str, ...]:
    """Return the words of a person's name, surname last where a comma or the order tells: ("sam", "okafor")."""
    name = unicodedata.normalize("NFKC", BRACKETS.sub(" ", name)).casefold().strip()
    if mail := MAIL.search(name):
        outside = MAIL.sub(" ", name).strip(" <>;,\"'")
        name = outside or re.sub("[._-]+", " ", re.sub("[0-9]+$", "", mail["name"]))
    if ASIAN.search(name):
        return ("".join(name.split()),)
    surname, comma, given = name.partition(",")
    words = _words(f"{given} {surname}" if comma and _words(given) else name)
    return tuple(words)


def _words(text: str) -> list[str]:
    words = re.sub(r"(?<=[^\W\d_])\.(?=\S)", ". ", text).split()
    bare = [re.sub(r"[^\w'’-]", "", word).strip("-'’_") for word in words]
    return [_without_accents(word) for word in bare if word and _without_accents(word) not in TITLES]


def _without_accents(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word.translate(UMLAUTS))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).replace("’", "'")


def may_be_same_person(one: str, other: str) -> bool:
    """Return whether the names `one` and `other`, spelled differently or not, may be those of one person."""
    a, b = name_parts(one), name_parts(other)
    if not a or not b:
        return False
    if sorted(_joined(a)) == sorted(_joined(b)):
        return True
    if min(len(a), len(b)) < 2:
        return False
    pairs = [(a, b), *((a, turned) for turned in _turned(b)), *((turned, b) for turned in _turned(a))]
    return any(left[-1] == right[-1] and _given_agree(left, right) for left, right in pairs)


def _joined(parts: Sequence[str]) -> list[str]:
    """Return the words with those that a hyphen joins apart: Anna-Lena is Anna Lena."""
    return [word for part in parts for word in part.split("-")]


def _turned(parts: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return the name with its first word as the surname, as in Okafor Sam; initials are no surnames."""
    return [(*parts[1:], parts[0])] if len(parts[0]) > 1 else []


def _given_agree(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether the given names of the shorter can be those of the longer: an initial, a short form, one left out."""
    few, many = sorted((_joined(one[:-1]), _joined(other[:-1])), key=len)
    if len(one[-1]) < 2 or not few or not _agree(few[0], many[0]):
        return False
    rest = iter(many[1:])
    return all(any(_agree(name, candidate) for candidate in rest) for name in few[1:])


def _agree(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return long.startswith(short) and (len(short) == 1 or len(short) >= MIN_SHORT_NAME)


def likely_same(names: Iterable[str]) -> list[tuple[str, ...]]:
    """Return the groups of different spellings that may be one person's, each name first come first.

    Whoever two people may be stands in the group of each: ("S. Okafor", "Sam Okafor"), ("S. Okafor", "Sarah Okafor").
    """
    distinct = list(dict.fromkeys(name for name in names if name.strip()))
    groups: list[list[str]] = []
    by_word: defaultdict[str, list[list[str]]] = defaultdict(list)
    for name in sorted(distinct, key=lambda each: -len("".join(name_parts(each)))):
        words = {word for part in name_parts(name) for word in (part, *part.split("-"))}
        near = {id(group): group for word in words for group in by_word[word]}.values()
        fitting = [group for group in near if all(may_be_same_person(name, member) for member in group)]
        groups += [] if fitting else [[name]]
        for group in fitting or groups[-1:]:
            group += [name] if fitting else []
            for word in words:
                by_word[word].append(group)
    place = {name: i for i, name in enumerate(distinct)}
    return [tuple(sorted(group, key=place.__getitem__)) for group in groups if len(group) > 1]
