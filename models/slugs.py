"""Short names for addresses: "corvid-insurance"."""

import re
import unicodedata
from collections.abc import Collection
from itertools import chain, count

MAX_LENGTH = 60
_SLUG = re.compile(r"^[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?$")
# Letters that Unicode doesn't take apart into a plain one and its accent.
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"})
_ROOM_FOR_NUMBER = 10


def is_slug(text: str) -> bool:
    """Return whether `text` can stand in an address: lower-case letters, digits and dashes, 60 at most."""
    return _SLUG.match(text) is not None


def slug_for(name: str) -> str:
    """Return an address made from a name: "Žižkov Bank" -> "zizkov-bank"; empty where no letter or digit is left."""
    apart = unicodedata.normalize("NFKD", name.casefold().translate(_PLAIN))
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:MAX_LENGTH].strip("-")


def free_slug(name: str, taken: Collection[str], otherwise: str) -> str:
    """Return an address made from a name that isn't `taken`: "acme", else "acme-2" and so on.

    `otherwise` is taken for a name of which no letter is left.
    """
    base = slug_for(name)[: MAX_LENGTH - _ROOM_FOR_NUMBER].strip("-") or otherwise
    return next(
        slug for slug in chain([base], (f"{base}-{number}" for number in count(2))) if slug not in taken
    )
