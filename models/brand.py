"""A firm's own look of a week's files: its logo and two colours, which are frozen with the week."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

COLOURS = ("#1D4F91", "#1D4F91")
"""Of headings and rules, and of today's line, where a firm has set none."""
MAX_LOGO = 100_000
"""Bytes: the logo is in every snapshot."""
MIN_CONTRAST = 3.0
"""Of large text on white, by WCAG 2.2 (1.4.3)."""
_BEGINS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


@dataclass(frozen=True)
class Brand:
    """Two colours ("#1D4F91"), and the logo as a PNG or JPEG file, or None."""

    colours: tuple[str, str] = COLOURS
    logo: bytes | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as it is stored in a snapshot. The logo is in hexadecimal: no name is ever found in that."""
        return {"colours": list(self.colours), "logo": self.logo.hex() if self.logo else None}

    @staticmethod
    def of(body: dict[str, Any]) -> Brand:
        """Return the brand of a snapshot's body; the standard one where it has none."""
        stored = body.get("brand")
        if not stored:
            return Brand()
        first, second = stored["colours"]
        return Brand((first, second), bytes.fromhex(stored["logo"]) if stored["logo"] else None)


def read_colours(text: str) -> tuple[str, str]:
    """Return the two colours of a text such as "#1D4F91 #C77700". Raises ValueError with a sentence."""
    colours = text.upper().split()
    if len(colours) != 2 or not all(map(_is_colour, colours)):
        raise ValueError("two colours are needed, such as “#1D4F91 #C77700”")
    for colour in colours:
        if contrast_with_white(colour) < MIN_CONTRAST:
            raise ValueError(f"{colour} is too light to be read on white")
    return colours[0], colours[1]


def read_logo(path: Path) -> bytes:
    """Return the logo of a file. Raises ValueError with a sentence unless it is a small PNG or JPEG."""
    if not path.is_file():
        raise ValueError("there is no such file")
    if path.stat().st_size > MAX_LOGO:
        raise ValueError(f"a logo has {MAX_LOGO // 1000} KB at most")
    data = path.read_bytes()
    if not data.startswith(_BEGINS):
        raise ValueError("a logo is a PNG or JPEG file")
    return data


def contrast_with_white(colour: str) -> float:
    """Return the contrast ratio of a colour with white, 1 to 21 (WCAG 2.2, relative luminance)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)


def _is_colour(text: str) -> bool:
    return len(text) == 7 and text[0] == "#" and all(letter in "0123456789ABCDEF" for letter in text[1:])
