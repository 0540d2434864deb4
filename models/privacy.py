"""Erasure of an interviewee's personal data.

The journal's entries about that person lose what they said (payload and salt), so that nothing is left to read or to
guess against; their places in the chain stay. What remains of each entry, with the person taken out of it, is kept
beside the chain as `redacted`, so that earlier states can still be rebuilt. The erasure itself is journalled, and its
entry holds the digest of each redacted text: so those can't be altered unseen either. Frozen weeks lose their
interviews, and what else they say of the person.

Signatures and erasures stay as they are (models/append_only.py): who agreed to what is kept as long as it may be
disputed.
"""

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import Mapped

from models.base import Part
from models.journal import ERASURE

# What an interview says of the person, and of nothing else.
PERSONAL = ("role", "team", "summary")
# Words of ours, not of people: a person called "Call" is no kind of dependency.
CODES = {
    "criticality", "criterion", "digest", "direction", "frequency", "key", "kind", "lifecycle", "pitfall", "said",
    "says", "slug", "state", "status", "unit",
}  # fmt: skip


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
    """What an erased person is called: distinct from everybody else, so that counts of people stay right."""
    return f"Erased person {interview_id}"


def named(name: str) -> re.Pattern[str]:
    """Finds `name` in a text, however it is spaced and capitalised."""
    words = r"\s+".join(re.escape(word) for word in name.split())
    return re.compile(rf"(?<!\w){words}(?!\w)", re.IGNORECASE)


def redact_fields(fields: dict[str, Any], *, own: bool, name: str, instead: str) -> dict[str, Any]:
    """A row's fields (all, or the changed ones) with `instead` wherever the person's name stands.

    In the person's `own` interviews, whatever else describes them is taken out as well.
    """
    pattern = named(name)
    left: dict[str, Any] = {}
    for column, value in fields.items():
        if own and column in PERSONAL:
            left[column] = None
        elif own and column == "interviewee" and value is not None:
            left[column] = instead
        else:
            left[column] = pattern.sub(instead, value) if isinstance(value, str) else value
    return left


def contains_name(value: Any, pattern: re.Pattern[str]) -> bool:
    """Whether a JSON value says the name anywhere."""
    return bool(replace_name(value, pattern, "") != value)


def find_texts(value: Any, pattern: re.Pattern[str], where: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a JSON value that says the name, with its place in it, such as "state/system/0/owner"."""
    if isinstance(value, str):
        if pattern.search(value):
            yield where, value
        return
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        if key not in CODES or not isinstance(part, str):
            yield from find_texts(part, pattern, f"{where}/{key}".lstrip("/"))


def replace_name(value: Any, pattern: re.Pattern[str], instead: str) -> Any:
    """A JSON value with `instead` wherever the name stands in what people wrote."""
    if isinstance(value, dict):
        return {
            key: part if key in CODES and isinstance(part, str) else replace_name(part, pattern, instead)
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [replace_name(part, pattern, instead) for part in value]
    return pattern.sub(instead, value) if isinstance(value, str) else value
