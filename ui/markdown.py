"""Texts for Streamlit's Markdown: what somebody typed, a status, a link."""

from __future__ import annotations

from models.status import Status
from reports.charts.theme import LOOKS

_SPECIAL = str.maketrans({character: f"\\{character}" for character in "\\`*_{}[]()#+-.!|<>~$:&^="})
_SPECIAL_IN_ADDRESS = str.maketrans({character: f"%{ord(character):02X}" for character in "()[]<>\\`$|\"'"})


def escaped(text: str) -> str:
    """Return what somebody typed so that Markdown shows it as it is: no links, images, formulas or colours."""
    return text.translate(_SPECIAL).replace("\n", " ")


def escaped_address(text: str) -> str:
    """Return an address that somebody typed, without the characters that would end it in Markdown or HTML."""
    return text.translate(_SPECIAL_IN_ADDRESS)


def external_link(text: str, address: str) -> str:
    """Return a link whose text and address somebody typed."""
    return f"[{escaped(text)}]({escaped_address(address)})"


def badge(status: Status, label: str | None = None) -> str:
    """Return a status as its icon, colour and `label` (its own one if there is none)."""
    look = LOOKS[status]
    return f":{look.markdown}-badge[{look.icon} {label or status.label}]"
