"""Erasure of an interviewee's personal data, under every spelling of the name (models/names.py).

The journal's entries about that person lose what they said (payload and salt), so that nothing is left to read or to
guess against; their places in the chain stay. What remains of each entry, with the person taken out of it, is kept
beside the chain as `redacted`, so that earlier states can still be rebuilt. The erasure itself is journalled, and its
entry holds the digest of each redacted text: so those can't be altered unseen either. Frozen weeks lose their
interviews, and what else they say of the person.

Signatures and erasures stay as they are (models/append_only.py): who agreed to what is kept as long as it may be
disputed.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import Mapped

from models.base import Part
from models.journal import ERASURE
from models.names import NameFinder

# What an interview says of the person, and of nothing else.
PERSONAL = ("role", "team", "summary")
# Columns with words of ours, not of people: a person called "Call" is no kind of dependency.
CODES = {
    "criterion", "criticality", "digest", "digests", "direction", "findings", "frequency", "head", "key", "kind",
    "lifecycle", "owner_kind", "pitfall", "pseudonym", "says", "slug", "snapshots", "state", "status", "template",
    "unit", "zone",
}  # fmt: skip
# A member's role decides what they may do; an interviewee's is what people call it.
_CODES_OF = {("member", "role"), ("invitation", "role")}
# What sort of thing a system is, people say in their own words.
_FREE_TEXT = {("system", "kind")}


class Erasure(Part):
    """That somebody's data was erased, and by which name they go since; not who it was.

    `digests` is JSON: the SHA-256 of each redacted entry, by its sequence. `snapshots` is JSON, too: of each frozen week
    that it reached, by its address, the SHA-256 of what is left of it, or null where only its interviews are gone.
    """

    __tablename__ = ERASURE

    pseudonym: Mapped[str]
    reason: Mapped[str]
    digests: Mapped[str]
    snapshots: Mapped[str | None]


class Handover(Part):
    """That a copy of all that is held of an interviewee was handed out; not of whom, so that it outlives an erasure.

    `interviews` is how many interviews the copy told of.
    """

    __tablename__ = "handover"

    interviews: Mapped[int]


def pseudonym(interview_id: int) -> str:
    """Return what an erased person is called: distinct from everybody else, so that counts of people stay right."""
    return f"Erased person {interview_id}"


def is_code(kind: str, column: str) -> bool:
    """Return whether a column of the table `kind` holds words of ours, in which nobody's name is looked for."""
    return (kind, column) in _CODES_OF or (column in CODES and (kind, column) not in _FREE_TEXT)


def redact_fields(
    kind: str, fields: dict[str, Any], *, own: bool, finder: NameFinder, instead: str
) -> dict[str, Any]:
    """Return fields of a row of the table `kind` (all, or the changed ones) with `instead` for the person's name.

    In the person's `own` interviews, whatever else describes them is taken out as well.
    """
    left: dict[str, Any] = {}
    for column, value in fields.items():
        if own and column in PERSONAL:
            left[column] = None
        elif own and column in ("interviewee", "same_as") and value is not None:
            left[column] = instead
        elif isinstance(value, str) and not is_code(kind, column):
            left[column] = finder.replace(value, instead)
        else:
            left[column] = value
    return left


def contains_name(kind: str, fields: dict[str, Any], finder: NameFinder) -> bool:
    """Return whether fields of a row of the table `kind` say the name."""
    return any(
        isinstance(value, str) and not is_code(kind, column) and finder.is_in(value)
        for column, value in fields.items()
    )


def find_texts(value: Any, finder: NameFinder, where: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of a JSON value that says the name, with its place in it, such as "state/system/0/owner"."""
    if isinstance(value, str):
        if finder.is_in(value):
            yield where, value
        return
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        if not _is_code_at(where, key, part):
            yield from find_texts(part, finder, f"{where}/{key}".lstrip("/"))


def replace_name(value: Any, finder: NameFinder, instead: str, where: str = "") -> Any:
    """Return a JSON value with `instead` wherever the name stands in what people wrote."""
    if isinstance(value, dict):
        return {
            key: part
            if _is_code_at(where, key, part)
            else replace_name(part, finder, instead, f"{where}/{key}")
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [replace_name(part, finder, instead, f"{where}/{place}") for place, part in enumerate(value)]
    return finder.replace(value, instead) if isinstance(value, str) else value


def _is_code_at(where: str, key: str | int, part: Any) -> bool:
    """Whether a text of a JSON value is a word of ours. `where` is "state/system/0" for a row of the table `system`."""
    if not isinstance(key, str) or not isinstance(part, str):
        return False
    _, _, kind = where.rpartition("/")[0].rpartition("/")
    return is_code(kind, key)
