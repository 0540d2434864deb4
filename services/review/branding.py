"""The firm's logo and colours of the settings, as they are frozen with a week."""

from __future__ import annotations

from models.brand import COLOURS, Brand, read_colours, read_logo
from models.settings import settings


def current_brand() -> Brand | None:
    """Return the brand of the settings, or None where neither logo nor colours are set."""
    given = settings()
    if given.HEADWAY_LOGO is None and not given.HEADWAY_COLOURS:
        return None
    colours = read_colours(given.HEADWAY_COLOURS) if given.HEADWAY_COLOURS else COLOURS
    return Brand(colours, read_logo(given.HEADWAY_LOGO) if given.HEADWAY_LOGO else None)
