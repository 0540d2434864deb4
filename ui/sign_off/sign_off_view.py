"""Sign-off on the metrics pages: what waits for a signature, the requests with their links, and a metric's signatures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import streamlit as st
from markupsafe import Markup

from models.engagement import Engagement
from models.errors import Invalid
from models.metrics import Metric, SignOff, latest_responses_on
from models.people import Actor
from models.permissions import Action
from models.wording import count, day_month
from reports.metrics.definitions import Difference, difference
from reports.metrics.outcomes import promise
from reports.sign_off.cards import waiting_for
from services.engagement.sponsors import NamedSponsor, ask_by_email, named_sponsors
from services.sign_off import requests as sign_off_requests
from store.sign_off import Event, Request, identities, requests, sponsors
from ui import current_user, drawer, feedback, frame, html
from ui.current_user import actor, reader
from ui.markdown import escaped
from ui.memoize import memoize
from ui.sign_off import hand_over

REQUEST = Markup(
    '<div class="hw hw-part"><p>{badge} {by} asked <strong>{of}</strong> on {on}: {names}</p>{note}{events}</div>'
)
SIGNATURE = Markup("<div><p>{icon} {text}{receipt}</p>{details}</div>")
RECEIPT = Markup(
    ' <a href="/api/v1/engagements/{slug}/sign-offs/{record}/receipt.pdf" target="_blank">Receipt</a>'
)
CLOSED_REQUEST = Markup('<section class="hw-card">{}</section>')
BADGES = {
    "changes asked for": ("orange", "edit_note", "Changes asked for"),
    "signed": ("blue", "verified", "Signed"),
    "taken back": ("gray", "block", "Taken back"),
    "link expired": ("orange", "timer_off", "Link expired"),
    "waiting": ("gray", "hourglass_empty", "Waiting"),
}
MAX_REQUESTS = 20
JUST_ASKED = "just asked for sign-off"
# A form opens its page in the same tab; Streamlit's own link button opens another one.
PRIMARY_BUTTON_STYLE = (
    "font: inherit; font-weight: 600; color: #FFF; background: #1D4F91; border: 1px solid #1D4F91; border-radius: .5rem; "
    "padding: .45rem 1rem; cursor: pointer"
)


def waiting_section(engagement: Engagement) -> Markup:
    """Draw what waits for a sponsor's signature, with a button to sign it. Returns a sentence of it for the others."""
    unsigned = memoize("waiting for a signature", engagement, lambda: waiting_for(engagement))
    own_requests = _own_requests(engagement)
    if (unsigned or own_requests) and frame.may(engagement, Action.SIGN):
        _waiting_card(engagement, unsigned, own_requests)
    elif unsigned:
        return memoize("how many are signed", engagement, lambda: _how_many_signed(engagement))
    return Markup()


def _how_many_signed(engagement: Engagement) -> Markup:
    active = [metric for metric in engagement.metrics if metric.active]
    # Each metric says who signed it; the sponsor in the settings is only a name that the lead typed.
    signed = sum(metric.seal == "signed" for metric in active)
    return html.caption(
        f"{signed} of {count(len(active), 'metric')} signed. What isn't signed is never on track."
    )


def _own_requests(engagement: Engagement) -> list[Request]:
    if not frame.may(engagement, Action.SIGN):
        return []
    user_id = current_user.user_id()
    rows = requests(reader(), engagement.slug)
    return [request for request in rows if request.is_open and request.asked_of_id == user_id]


def _waiting_card(engagement: Engagement, unsigned: list[Metric], own_requests: list[Request]) -> None:
    with st.container(border=True):
        st.header("Waiting for your signature")
        for request in own_requests:
            note = f": {escaped(request.note)}" if request.note else ""
            on, asked = day_month(engagement.date_of(request.asked_at)), count(len(request.metrics), "metric")
            st.markdown(f"**{escaped(request.asked_by)}** asked you on {on} for {asked}{note}")
            _sign_button(
                engagement, f"Read and sign {count(len(request.metrics), 'metric')}", request=str(request.id)
            )
        if own_requests:
            return
        for metric in unsigned:
            broken = " :orange-badge[:material/lock_open: Changed since it was signed]"
            text = f"{escaped(promise(metric, engagement))}."
            st.markdown(f"**{escaped(metric.name)}**{broken if metric.seal == 'broken' else ''}  \n{text}")
        st.caption(
            "You sign exactly what you read there. Any later change of it breaks the seal, for everybody to see."
        )
        _sign_button(engagement, f"Read and sign {count(len(unsigned), 'metric')}")


def _sign_button(engagement: Engagement, label: str, **query: str) -> None:
    fields = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in {"engagement": engagement.slug, **query}.items()
    )
    st.html(
        f'<form method="get" action="/sign/metrics">{fields}'
        f'<button type="submit" style="{PRIMARY_BUTTON_STYLE}">{escape(label)}</button></form>'
    )


def ask_for_sign_off(engagement: Engagement) -> None:
    """Open a dialog that asks a sponsor for signatures."""
    ready = {
        metric.id: metric.name for metric in engagement.metrics if metric.active and metric.target is not None
    }
    known = _known_sponsors(engagement)

    def body() -> None:
        if not ready:
            st.write("A metric needs a target before there is something to agree on. Set one first.")
            return
        drawer.form(
            "sign-off",
            lambda key: _ask_fields(key, engagement, ready, known),
            lambda actor, values: _ask(actor, engagement, values),
            button="Ask for sign-off",
            done="Asked for sign-off: the link is mailed to them"
            if hand_over.is_mailed()
            else "Asked for sign-off: send them the link below",
        )

    drawer.drawer("Ask for sign-off", body)


Sponsor = int | NamedSponsor
"""Somebody who can be asked: a member, by their user id, or who is named and hasn't joined yet."""


def _known_sponsors(engagement: Engagement) -> dict[Sponsor, str]:
    known: dict[Sponsor, str] = {}
    known.update(sponsors(actor(), engagement.slug).items())
    for one in named_sponsors(actor(), engagement.slug):
        known[one] = f"{one.name} ({one.email})"
    return known


def _ask(sender: Actor, engagement: Engagement, values: Mapping[str, Any]) -> None:
    """Ask, invite and enrol in one act, and make the link that does it all for the sponsor, unless it is mailed."""
    slug, of, note = engagement.slug, values.get("of"), values["note"]
    if values["email"].strip():
        of = NamedSponsor(values["name"], values["email"])
    if of is None:
        raise Invalid("Give the sponsor's name and e-mail. Nothing was saved.")
    if isinstance(of, int):
        request = sign_off_requests.ask(sender, slug, values["metrics"], of=of, note_to_them=note)
    else:
        request = ask_by_email(
            sender, slug, values["metrics"], name=of.name, email=of.email, note_to_them=note
        )
    st.session_state[JUST_ASKED] = True
    if not hand_over.is_mailed():
        hand_over.make(engagement, request)


def _ask_fields(
    key: drawer.FieldKey, engagement: Engagement, ready: dict[int, str], known: dict[Sponsor, str]
) -> None:
    unsigned = [metric.id for metric in waiting_for(engagement)]
    st.multiselect("Metrics", list(ready), unsigned, format_func=ready.__getitem__, key=key("metrics"))
    if known:
        st.selectbox("Who is to sign", list(known), format_func=known.__getitem__, key=key("of"))
    with st.expander("Somebody else is to sign", expanded=not known):
        st.text_input("Sponsor's name", "" if known else engagement.sponsor, key=key("name"), max_chars=300)
        st.text_input("Sponsor's e-mail", key=key("email"), max_chars=300)
    st.text_area(
        "Note to them", key=key("note"), max_chars=2_000, placeholder="What changed, and by when you need it"
    )
    st.caption(
        "They are asked for exactly these definitions. If one changes before they sign, the request ends by itself."
    )


def requests_section(engagement: Engagement, above: Sequence[Markup] = ()) -> None:
    """Draw what stands `above`, in one component with the first of the requests, and the requests with what happened to
    them; for those who may ask, with buttons to make links and to take requests back."""
    rows = [] if frame.revision() is not None else requests(reader(), engagement.slug)
    may_ask = frame.may(engagement, Action.ASK_FOR_SIGN_OFF)
    components = [*above, html.section("Asked for sign-off")] if rows else list(above)
    for request in rows[:MAX_REQUESTS]:
        if not request.is_open or not may_ask:
            components.append(CLOSED_REQUEST.format(_request(engagement, request)))
            continue
        html.show(html.stack(components))
        components = []
        with st.container(border=True):
            html.show(_request(engagement, request))
            _request_actions(engagement, request)
    if len(rows) > MAX_REQUESTS:
        components.append(html.caption(f"And {count(len(rows) - MAX_REQUESTS, 'earlier request')}."))
    html.show(html.stack(components))


def _request(engagement: Engagement, request: Request) -> Markup:
    """Return who asked whom for what, and what happened since."""
    return REQUEST.format(
        badge=html.coloured_badge(*BADGES[request.status_at(current_user.now())]),
        by=request.asked_by,
        of=request.asked_of,
        on=day_month(engagement.date_of(request.asked_at)),
        names=", ".join(request.metrics.values()),
        note=html.caption(f"“{request.note}”") if request.note else "",
        events=html.collapsible(
            "What happened", html.plain_list(_event(engagement, event) for event in request.events)
        ),
    )


def _until(engagement: Engagement, request: Request) -> str:
    """Return until when the newest link is valid, or since when it isn't; empty if there is none."""
    if request.link_until is None:
        return ""
    until = f"{request.link_until.astimezone(frame.zone_of(engagement)):%d %b, %H:%M}"
    if request.status_at(current_user.now()) == "link expired":
        return f"The link expired on {until}. Make a new one, or let them sign in."
    return f"The newest link is valid until {until}."


def _event(engagement: Engagement, event: Event) -> str:
    at = event.at.astimezone(frame.zone_of(engagement))
    text = f"{at:%d %b, %H:%M}: {event.kind} by {event.by}"
    return f"{text} ({event.detail})" if event.detail else text


def _request_actions(engagement: Engagement, request: Request) -> None:
    name = hand_over.key_of(request.id)

    def make() -> None:
        once = feedback.submission(name)
        if feedback.attempt(
            lambda: hand_over.make(engagement, request.id, once), f"Made a link for {request.asked_of}"
        ):
            feedback.renew(name)

    def take_back() -> None:
        reason = st.session_state.get(f"why {request.id}", "")
        drawer.attempt(
            f"take back {request.id}",
            lambda actor: sign_off_requests.withdraw(actor, engagement.slug, request.id, reason),
            "Took the request back",
        )

    shown = hand_over.show(engagement, request)
    if not shown and (until := _until(engagement, request)):
        st.caption(until)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(
            "Make a link to sign",
            key=f"make {name}",
            on_click=make,
            help="A new link replaces the one before.",
        )
        with st.popover("Take back"):
            st.text_input("Why", key=f"why {request.id}", max_chars=300)
            st.button("Take the request back", key=f"take back {request.id}", on_click=take_back)


def signatures(engagement: Engagement, metric: Metric) -> list[Markup]:
    """Return the signatures on a metric, the newest first: whether each is in force, and if not, what changed since."""
    if not metric.sign_offs:
        return [
            html.paragraph("Nobody has signed this definition. Until a sponsor does, it is never on track.")
        ]
    records = {sign.record_id for sign in metric.sign_offs if sign.record_id is not None}
    known = identities(reader(), engagement.slug, records)
    return [
        _signature(
            engagement, metric, sign_off, known.get(sign_off.record_id) if sign_off.record_id else None
        )
        for sign_off in reversed(metric.sign_offs)
    ]


def _signature(engagement: Engagement, metric: Metric, sign_off: SignOff, identity: str | None) -> Markup:
    on = engagement.date_of(sign_off.signed_at)
    version = "" if sign_off.number is None else f", version {sign_off.number}"
    icon, validity = _validity(metric, sign_off)
    receipt: str = ""
    details: list[object] = []
    if sign_off.record_id is not None:
        receipt = RECEIPT.format(slug=engagement.slug, record=sign_off.record_id)
        details.append(f"How identity was checked: {identity}")
    if sign_off.words:
        details.append(f"“{sign_off.words}”")
    details += map(html.difference, _changed_since(metric, sign_off))
    return SIGNATURE.format(
        icon=icon,
        text=f"{sign_off.signed_by}, {day_month(on)} {on.year}{version}: {validity}",
        receipt=receipt,
        details=html.bullet_list(details),
    )


def _validity(metric: Metric, sign_off: SignOff) -> tuple[Markup, str]:
    """Return whether a signature is in force today, as an icon and in words."""
    in_force = sign_off.digest == metric.digest()
    is_last = sign_off in latest_responses_on(metric.sign_offs, sign_off.digest)
    if not sign_off.approves:
        asked = "asked for changes" if in_force and is_last else "asked for changes, before"
        return html.coloured("orange", html.icon("edit_note")), asked
    broken = html.coloured("orange", html.icon("lock_open"))
    if in_force and metric.baseline_data_differ:
        return broken, "the data of its baseline changed since"
    if in_force:
        return (html.icon("verified"), "holds") if is_last else (html.icon("undo"), "taken back")
    return broken, "the definition was changed since"


def _changed_since(metric: Metric, sign_off: SignOff) -> list[Difference]:
    if not sign_off.approves or sign_off.digest == metric.digest():
        return []
    signed = next((row for row in metric.definitions if row.digest == sign_off.digest), None)
    return [] if signed is None else difference(signed, metric)
