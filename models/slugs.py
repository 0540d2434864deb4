"""Short names for addresses: "corvid-insurance"."""

import re

_SLUG = re.compile(r"^[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?$")


def is_slug(text: str) -> bool:
    """Return whether `text` can stand in an address: lower-case letters, digits and dashes, 60 at most."""
    return _SLUG.match(text) is not None


def slug_for(name: str) -> str:
    """Return an address made from a name: "Corvid Insurance" -> "corvid-insurance"; empty where no letter is left."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60].strip("-")
