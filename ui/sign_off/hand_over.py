"""A new link for a sponsor, shown once, with a text that is ready to be sent with it."""

from __future__ import annotations

from urllib.parse import quote

import streamlit as st
from markupsafe import Markup

from models.engagement import Engagement
from models.sign_off import LINK_LIFETIME
from reports.mail import letters
from reports.mail.letter import as_text
from services.core.site_url import sign_off_url
from services.engagement.engagements import members
from services.engagement.sponsors import named_sponsors
from services.mail import smtp
from services.sign_off import links
from store.sign_off import Request
from ui import current_user, frame, html
from ui.current_user import actor
from ui.markdown import escaped

HOURS = int(LINK_LIFETIME.total_seconds() // 3600)
MAIL_LINK = Markup('<a class="hw-button" href="{href}" style="{style}">Send it by e-mail</a>')


def is_mailed() -> bool:
    """Return whether Headway mails the link itself."""
    return not smtp.why_off()


def key_of(request_id: int) -> str:
    """Return the key under which a new link waits to be shown."""
    return f"link of {request_id}"


def make(engagement: Engagement, request_id: int, once: str | None = None) -> None:
    """Make a link for a request, to be shown when the page is drawn next."""
    token = links.make_link(actor(once=once), engagement.slug, request_id)
    st.session_state[key_of(request_id)] = token


def _email(engagement: Engagement, request: Request) -> str:
    """Return the e-mail of who was asked: of a member, or as the person who asked gave it."""
    by_name = {one.name: one.email for one in named_sponsors(actor(), engagement.slug)}
    by_id = {one.user_id: one.email for one in members(actor(), engagement.slug)}
    return by_id.get(request.asked_of_id) or by_name.get(request.asked_of, "")


def show(engagement: Engagement, request: Request) -> bool:
    """Draw the request's new link and the text to send with it, if one was just made. Returns whether there was one."""
    token = st.session_state.pop(key_of(request.id), None)
    if token is None:
        return False
    st.markdown(
        f"For **{escaped(request.asked_of)}** alone, for {HOURS} hours, shown once. Whoever is new chooses a password "
        "with it; others sign in first, unless their browser is known. It doesn't open in yours. Send it privately."
    )
    url = sign_off_url(token)
    st.code(url, language=None, wrap_lines=True)
    metrics = [metric for metric in engagement.metrics if metric.id in request.metrics]
    letter = letters.sign_off(
        engagement, metrics, request.asked_by, request.note, url, current_user.now() + LINK_LIFETIME, reminder=False
    )  # fmt: skip
    text = as_text(letter)
    with st.expander("The text to send, with the link in it"):
        st.code(text, language=None, wrap_lines=True)
    address = f"mailto:{quote(_email(engagement, request), safe='@')}?subject={quote(letter.subject)}&body={quote(text)}"
    html.show(MAIL_LINK.format(href=address, style=frame.BUTTON_STYLE), width="content")
    return True
