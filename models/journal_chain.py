"""Whether a journal is still what was written: its entries whole, in order, none missing, up to heads known elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from models.journal import ADDED, ERASURE, digest_of, fields_of, hash_of, sha256_of

# Of a head, as people note it down, at least so many hex digits: more than anybody can make a journal fit.
SHORTEST_HEAD = 16


@dataclass(frozen=True)
class Head:
    """The hash, or the beginning of it, that the entry `revision` had when `where` was made."""

    revision: int
    hash: str
    where: str


@dataclass(frozen=True)
class Break:
    """The first entry of a journal that doesn't hold, if it is an entry that doesn't, and what is wrong."""

    sequence: int | None
    what: str


def first_break(
    entries: Iterable[Mapping[str, Any]], head: str, revision: int, published: Iterable[Head] = ()
) -> Break | None:
    """The first bad entry of one engagement's journal, given in order as columns' values, or None where it holds.

    `head` and `revision` are what the engagement says its newest entry is; `published` are heads that were told before.
    """
    previous, expected = "", 1
    emptied: dict[int, Any] = {}
    left: dict[int, str] = {}
    known: dict[int, list[Head]] = {}
    for each in published:
        known.setdefault(each.revision, []).append(each)
    for entry in entries:
        broken = problem_with(entry, expected, previous) or _unlike(entry, known.get(expected, []))
        if broken is not None:
            return Break(expected, broken)
        if entry["payload"] is None:
            emptied[expected] = entry["redacted"]
        if entry["kind"] == ERASURE and entry["change"] == ADDED:
            left |= _digests_in(entry)
        previous, expected = entry["hash"], expected + 1
    return (
        _cut_off(expected, known)
        or _miscounted(expected, previous, head, revision)
        or _unaccounted(emptied, left)
    )


def problem_with(entry: Mapping[str, Any], expected: int, previous: str) -> str | None:
    """What is wrong with an entry by itself, or with its place."""
    if entry["sequence"] != expected:
        return f"entry {expected} is missing: {entry['sequence']} follows {expected - 1}"
    if entry["previous"] != previous:
        return f"entry {expected} doesn't follow from entry {expected - 1}: it was moved, or what it follows was altered"
    payload = entry["payload"]
    if payload is not None and digest_of(payload, entry["salt"]) != entry["digest"]:
        return f"what entry {expected} says was altered"
    # Nothing is left of what was never taken away, and no salt without its payload.
    if entry["redacted" if payload is not None else "salt"] is not None or not _is_itself(entry):
        return f"entry {expected} was altered"
    return None


def _is_itself(entry: Mapping[str, Any]) -> bool:
    try:
        return hash_of(entry) == entry["hash"]
    except (AttributeError, TypeError, ValueError, OverflowError):
        # A value that no entry of ours can have.
        return False


def _unlike(entry: Mapping[str, Any], heads: Iterable[Head]) -> str | None:
    for head in heads:
        if not entry["hash"].startswith(head.hash):
            another = f"entry {head.revision} isn't the one that {head.where} names"
            return f"{another}: the journal up to there was written anew"
    return None


def _cut_off(expected: int, known: Mapping[int, list[Head]]) -> Break | None:
    newest = max(known, default=0)
    if newest < expected:
        return None
    named = known[newest][0].where
    what = f"the entries from {expected} on are missing: {named} names entry {newest}, and the journal ends before it"
    return Break(expected, what)


def _miscounted(expected: int, previous: str, head: str, revision: int) -> Break | None:
    if expected - 1 == revision and previous == head:
        return None
    if expected - 1 == revision:
        return Break(revision, f"the engagement names another head than entry {revision} has")
    if expected - 1 > revision:
        extra = f"entry {revision + 1} is one more than the engagement has"
        return Break(revision + 1, f"{extra}: it counts {revision}")
    return Break(expected, f"entry {expected} is missing: the engagement counts {revision} of them")


def _unaccounted(emptied: Mapping[int, Any], left: Mapping[int, str]) -> Break | None:
    for sequence, redacted in emptied.items():
        if not isinstance(redacted, str) or sha256_of(redacted) != left.get(sequence):
            what = f"entry {sequence} was emptied, and no erasure in the journal accounts for it"
            return Break(sequence, what)
    return None


def _digests_in(erasure: Mapping[str, Any]) -> dict[int, str]:
    """What an erasure says it left of each entry; of two erasures of one entry, the later one's word counts."""
    after = fields_of(erasure["payload"], erasure["redacted"])["after"]
    return {int(sequence): digest for sequence, digest in json.loads(after["digests"]).items()}
