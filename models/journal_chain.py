"""Verification of a journal: no entry is altered, missing or moved, and it contains the heads published elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from models.journal import ADDED, ERASURE, entry_fields, entry_hash, payload_digest, sha256_of

# Hex digits that somebody has to give of a head: so many that nobody can forge a journal that fits.
MIN_HEAD_DIGITS = 16


@dataclass(frozen=True)
class PublishedHead:
    """The hash, or its first digits, of the entry `revision`, as `where` ("the frozen week 9") recorded it."""

    revision: int
    hash: str
    where: str


@dataclass(frozen=True)
class Break:
    """The first broken entry of a journal (None if no single entry is at fault), and what is wrong."""

    sequence: int | None
    what: str


def first_break(
    entries: Iterable[Mapping[str, Any]],
    head: str,
    revision: int,
    published: Iterable[PublishedHead] = (),
    since: PublishedHead | None = None,
) -> Break | None:
    """Return the first broken entry of an engagement's journal, or None if the journal is intact.

    `entries` are given in order, as the values of their columns. `head` and `revision` are the hash and the sequence of
    the newest entry according to the engagement; `published` are heads that were recorded elsewhere. With `since`, of
    which the whole hash is known, `entries` begin after it: up to there the journal was verified before.
    """
    previous, expected = (since.hash, since.revision + 1) if since else ("", 1)
    redacted: dict[int, str | None] = {}
    erasure_digests: dict[int, str] = {}
    heads = _by_revision(published)
    for entry in entries:
        broken = problem_with(entry, expected, previous) or _contradiction(entry, heads.get(expected, []))
        if broken is not None:
            return Break(expected, broken)
        if entry["payload"] is None:
            text = entry["redacted"]
            redacted[expected] = sha256_of(text) if isinstance(text, str) else None
        if entry["kind"] == ERASURE and entry["change"] == ADDED:
            # Of two erasures of one entry the later one counts.
            erasure_digests |= _digests_in(entry)
        previous, expected = entry["hash"], expected + 1
    return (
        _truncated(expected, heads)
        or _wrong_head(expected, previous, head, revision)
        or _unaccounted(redacted, erasure_digests)
    )


def _by_revision(published: Iterable[PublishedHead]) -> dict[int, list[PublishedHead]]:
    heads: dict[int, list[PublishedHead]] = {}
    for head in published:
        heads.setdefault(head.revision, []).append(head)
    return heads


def problem_with(entry: Mapping[str, Any], expected: int, previous: str) -> str | None:
    """Return what is wrong with an entry or with its position in the chain, or None."""
    if entry["sequence"] != expected:
        return f"entry {expected} is missing: {entry['sequence']} follows {expected - 1}"
    if entry["previous"] != previous:
        return f"entry {expected} doesn't follow from entry {expected - 1}: it was moved, or what it follows was altered"
    payload = entry["payload"]
    if payload is not None and payload_digest(payload, entry["salt"]) != entry["digest"]:
        return f"what entry {expected} says was altered"
    # An entry has either a payload with its salt, or a redacted text without a salt.
    if entry["redacted" if payload is not None else "salt"] is not None or not _matches_hash(entry):
        return f"entry {expected} was altered"
    return None


def _matches_hash(entry: Mapping[str, Any]) -> bool:
    try:
        return bool(entry_hash(entry) == entry["hash"])
    except (AttributeError, TypeError, ValueError, OverflowError):
        # A forged value that canonical JSON can't hold.
        return False


def _contradiction(entry: Mapping[str, Any], heads: Iterable[PublishedHead]) -> str | None:
    """Return which of the published `heads` of an entry has another hash, or None."""
    for head in heads:
        if not entry["hash"].startswith(head.hash):
            another = f"entry {head.revision} isn't the one that {head.where} names"
            return f"{another}: the journal up to there was written anew"
    return None


def _truncated(expected: int, heads: Mapping[int, list[PublishedHead]]) -> Break | None:
    newest = max(heads, default=0)
    if newest < expected:
        return None
    where = heads[newest][0].where
    what = f"the entries from {expected} on are missing: {where} names entry {newest}, and the journal ends before it"
    return Break(expected, what)


def _wrong_head(expected: int, previous: str, head: str, revision: int) -> Break | None:
    if expected - 1 == revision and previous == head:
        return None
    if expected - 1 == revision:
        return Break(revision, f"the engagement names another head than entry {revision} has")
    if expected - 1 > revision:
        extra = f"entry {revision + 1} is one more than the engagement has"
        return Break(revision + 1, f"{extra}: it counts {revision}")
    return Break(expected, f"entry {expected} is missing: the engagement counts {revision} of them")


def _unaccounted(redacted: Mapping[int, str | None], erasure_digests: Mapping[int, str]) -> Break | None:
    """Return the first redacted entry of whose text no erasure in the journal has recorded the digest."""
    for sequence, digest in redacted.items():
        if digest is None or digest != erasure_digests.get(sequence):
            what = f"entry {sequence} was emptied, and no erasure in the journal accounts for it"
            return Break(sequence, what)
    return None


def _digests_in(erasure: Mapping[str, Any]) -> dict[int, str]:
    """Return the digest of each entry's redacted text, as an erasure recorded it, by sequence."""
    after = entry_fields(erasure["payload"], erasure["redacted"])["after"]
    return {int(sequence): digest for sequence, digest in json.loads(after["digests"]).items()}
