"""The sidebar: the pages in their sections, who is signed in, and the way out.

It is one piece of HTML. As Streamlit's own links, a score of elements, it took the browser longer than what a short page
is about. `follow.js` makes its links lead on within the open page, as Streamlit's do; without it they load it anew.
"""

from __future__ import annotations

from html import escape

import streamlit as st

from models.people import User
from ui import navigation, served
from ui.navigation import PLACES, SECTIONS, Place

STYLE = """
<style>
  .places { font-size: .875rem }
  .places p { margin: .875rem 0 .25rem; padding-left: .5rem; font-size: .8125rem; opacity: .75 }
  .places p:first-child { margin-top: 0 }
  .stHtml .places ul { list-style: none; margin: 0; padding: 0 }
  .places li { margin: 0 }
  .places a { display: flex; align-items: center; gap: .5rem; margin: .125rem 0; padding: 0 .5rem; border-radius: .5rem;
    line-height: 2; color: inherit !important; text-decoration: none !important }
  .places a span:first-child { flex: none; width: 1rem; overflow: hidden; font: 1rem/1 "Material Symbols Rounded";
    font-feature-settings: "liga"; user-select: none }
  .places a span:last-child { overflow: hidden; white-space: nowrap; text-overflow: ellipsis }
  .places a:hover, .places a:focus-visible { background: color-mix(in srgb, currentColor 6%, transparent) }
  .places a[aria-current] { font-weight: 600; background: color-mix(in srgb, currentColor 9%, transparent) }
  .places button { display: inline-block; margin-top: .5rem; padding: .4rem .75rem; font: inherit; font-size: .875rem;
    line-height: 1.6; color: inherit; background: transparent; border-radius: .5rem; cursor: pointer;
    border: 1px solid color-mix(in srgb, currentColor 22%, transparent) }
  .places button:hover, .places button:focus-visible { background: color-mix(in srgb, currentColor 10%, transparent) }
</style>
"""
# Ending a session is a post of its own: a page elsewhere can't make a browser do it.
SIGN_OUT = '<form method="post" action="/session/sign-out"><button type="submit">Sign out</button></form>'


def show(me: User, slug: str | None, current: str) -> None:
    """Draw the sidebar for `me`, with links into the engagement `slug` (None: only to pages of none), and the page
    `current` marked."""
    parts = []
    for section, places in SECTIONS.items():
        shown = [place for place in places if navigation.is_shown(place, slug, me.administrator)]
        if shown:
            parts.append(_section(section, [_link(place, slug, place.key == current) for place in shown]))
    account = _link(PLACES["account"], slug, current == "account", me.name)
    parts.append(_section("Signed in as", [account]))
    with st.sidebar:
        st.html(f'<nav class="places" aria-label="Pages">{"".join(parts)}{SIGN_OUT}</nav>')
        # Apart from the names that people typed: here scripts may run.
        st.html(f'<script src="{served.address("follow.js")}"></script>', unsafe_allow_javascript=True)


def _section(name: str, links: list[str]) -> str:
    return f'<p>{name}</p><ul aria-label="{name}">{"".join(links)}</ul>'


def _link(place: Place, slug: str | None, is_current: bool, label: str | None = None) -> str:
    current = ' aria-current="page"' if is_current else ""
    icon = f'<span aria-hidden="true" translate="no">{place.icon}</span>'
    href = escape(navigation.address(place.key, slug))
    return f'<li><a class="within" href="{href}"{current}>{icon}<span>{escape(label or place.title)}</span></a></li>'
