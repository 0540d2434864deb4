"""The links by which one metric's page offers what may be done (`?do=change`): each opens a dialog once.

A button would do as much, but the first one on a page costs the browser a script and another pass over the page.
"""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from ui import html, navigation

Act = Mapping[str, str]
"""What the address of an act asks for: `do`, and the row that it is done about."""


def address(act: Act) -> str:
    """Return the address of this page that asks for an act."""
    return navigation.here("metrics", **act)


def act_links(label: str, acts: Mapping[str, Act], first: Markup = html.NONE) -> Markup:
    """Return acts, by their labels, as links beside each other, `first` before them; empty if there are none.

    `label` says to those who can't see it what they are about.
    """
    if not acts and not first:
        return Markup()
    return html.link_group(label, {text: address(act) for text, act in acts.items()}, "", first)
