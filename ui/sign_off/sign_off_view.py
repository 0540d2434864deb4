"""Sign-off on the metrics page: what waits for whose signature, asking for it, links, and what happened to requests."""

from __future__ import annotations

from html import escape

import streamlit as st
from markupsafe import Markup

from models.engagement import Engagement
from models.metrics import Metric, SignOff, latest_responses_on
from models.permissions import Action
from models.sign_off import LINK_LIFETIME
from models.wording import count, day_month
from reports.metrics.definitions import Difference, difference
from reports.metrics.outcomes import promise
from reports.sign_off.cards import waiting_for
from services.core.site_url import sign_off_url
from services.sign_off import links
from services.sign_off import requests as sign_off_requests
from store.sign_off import Request, identities, requests, sponsors
from ui import current_user as who
from ui import drawer, feedback, frame, html
from ui.current_user import actor
from ui.frame import escaped

REQUEST = Markup(
    '<div class="hw hw-part"><p>{badge} {by} asked <strong>{of}</strong> on {on}: {names}</p>{note}{events}</div>'
)
SIGNATURE = Markup("<div><p>{mark} {said}{receipt}</p>{beside}</div>")
RECEIPT = Markup(
    ' <a href="/api/v1/engagements/{slug}/sign-offs/{record}/receipt.pdf" target="_blank">Receipt</a>'
)
CLOSED = Markup('<section class="hw-card">{}</section>')
BADGES = {
    "changes asked for": ("orange", "edit_note", "Changes asked for"),
    "signed": ("blue", "verified", "Signed"),
    "taken back": ("gray", "block", "Taken back"),
    "link expired": ("orange", "timer_off", "Link expired"),
    "waiting": ("gray", "hourglass_empty", "Waiting"),
}
HOURS = int(LINK_LIFETIME.total_seconds() // 3600)
MOST_REQUESTS = 20
# A form leads on in the same tab; Streamlit's own link button opens another one.
LIKE_A_PRIMARY_BUTTON = (
    "font: inherit; font-weight: 600; color: #FFF; background: #1D4F91; border: 1px solid #1D4F91; border-radius: .5rem; "
    "padding: .45rem 1rem; cursor: pointer"
)


def waiting_section(engagement: Engagement) -> None:
    """What waits for a signature: to a sponsor with the way to sign it, to the others in a sentence."""
    unsigned = waiting_for(engagement)
    mine = _asked_of_me(engagement)
    if (unsigned or mine) and frame.may(engagement, Action.SIGN):
        _mine(engagement, unsigned, mine)
    elif unsigned:
        active = [metric for metric in engagement.metrics if metric.active]
        # Whose signatures they are stands beside each: the name in the settings is a word of the lead's.
        signed = sum(metric.seal == "signed" for metric in active)
        st.caption(f"{signed} of {count(len(active), 'metric')} signed. What isn't signed is never on track.")


def _asked_of_me(engagement: Engagement) -> list[Request]:
    if not frame.may(engagement, Action.SIGN):
        return []
    mine = who.user_id()
    return [one for one in requests(actor(), engagement.slug) if one.is_open and one.asked_of_id == mine]


def _mine(engagement: Engagement, unsigned: list[Metric], mine: list[Request]) -> None:
    with st.container(border=True):
        st.header("Waiting for your signature")
        for request in mine:
            note = f": {escaped(request.note)}" if request.note else ""
            on, asked = day_month(engagement.date_of(request.asked_at)), count(len(request.metrics), "metric")
            st.markdown(f"**{escaped(request.asked_by)}** asked you on {on} for {asked}{note}")
            _way(
                engagement, f"Read and sign {count(len(request.metrics), 'metric')}", request=str(request.id)
            )
        if mine:
            return
        for metric in unsigned:
            broken = " :orange-badge[:material/lock_open: Changed since it was signed]"
            said = f"{escaped(promise(metric, engagement))}."
            st.markdown(f"**{escaped(metric.name)}**{broken if metric.seal == 'broken' else ''}  \n{said}")
        st.caption(
            "You sign exactly what you read there. Any later change of it breaks the seal, for everybody to see."
        )
        _way(engagement, f"Read and sign {count(len(unsigned), 'metric')}")


def _way(engagement: Engagement, label: str, **query: str) -> None:
    fields = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in {"engagement": engagement.slug, **query}.items()
    )
    st.html(
        f'<form method="get" action="/sign/metrics">{fields}'
        f'<button type="submit" style="{LIKE_A_PRIMARY_BUTTON}">{escape(label)}</button></form>'
    )


def ask_for_sign_off(engagement: Engagement) -> None:
    """Open a drawer that asks a sponsor for signatures."""
    ready = {one.id: one.name for one in engagement.metrics if one.active and one.target is not None}
    of_whom = sponsors(actor(), engagement.slug)

    def body() -> None:
        if not of_whom:
            st.write(
                "Nobody is a sponsor of this engagement yet, so nobody can sign. Add the sponsor as a member in the "
                "settings first; who asks can't be the one who signs."
            )
            return
        if not ready:
            st.write("A metric needs a target before there is something to agree on. Set one first.")
            return
        drawer.form(
            "sign-off",
            lambda key: _ask_fields(key, engagement, ready, of_whom),
            lambda who, given: sign_off_requests.ask(
                who, engagement.slug, given["metrics"], of=given["of"], note_to_them=given["note"]
            ),
            button="Ask for sign-off",
            said="Asked for sign-off. Hand over a link below, or let them sign in",
        )

    drawer.drawer("Ask for sign-off", body)


def _ask_fields(key, engagement: Engagement, ready: dict[int, str], of_whom: dict[int, str]) -> None:
    unsigned = [metric.id for metric in waiting_for(engagement)]
    st.multiselect("Metrics", list(ready), unsigned, format_func=ready.get, key=key("metrics"))
    st.selectbox("Who is to sign", list(of_whom), format_func=of_whom.get, key=key("of"))
    st.text_area(
        "Note to them", key=key("note"), max_chars=2_000, placeholder="What changed, and by when you need it"
    )
    st.caption(
        "They are asked for exactly these definitions. If one changes before they sign, the request ends by itself."
    )


def requests_section(engagement: Engagement) -> None:
    """What was asked for and what became of it; to who may ask, with links to make and requests to take back."""
    found = requests(actor(), engagement.slug)
    if not found or frame.revision() is not None:
        return
    may_ask = frame.may(engagement, Action.ASK_FOR_SIGN_OFF)
    told = [html.section("Asked for sign-off")]
    for request in found[:MOST_REQUESTS]:
        if not request.is_open or not may_ask:
            told.append(CLOSED.format(_request(engagement, request)))
            continue
        html.show(html.stack(told))
        told = []
        with st.container(border=True):
            html.show(_request(engagement, request))
            _link_of(engagement, request)
    html.show(html.stack(told))
    if len(found) > MOST_REQUESTS:
        st.caption(f"And {count(len(found) - MOST_REQUESTS, 'earlier request')}.")


def _request(engagement: Engagement, request: Request) -> Markup:
    """Who asked whom for what, and what happened since."""
    return REQUEST.format(
        badge=html.coloured_badge(*BADGES[request.status_at(who.now())]),
        by=request.asked_by,
        of=request.asked_of,
        on=day_month(engagement.date_of(request.asked_at)),
        names=", ".join(request.metrics.values()),
        note=html.caption(f"“{request.note}”") if request.note else "",
        events=html.collapsible(
            "What happened", html.plain_list(_event(engagement, one) for one in request.events)
        ),
    )


def _until(engagement: Engagement, request: Request) -> str:
    """How long the newest link signs, or since when it doesn't; empty where there is none."""
    if request.link_until is None:
        return ""
    until = f"{request.link_until.astimezone(frame.zone_of(engagement)):%d %b, %H:%M}"
    if request.status_at(who.now()) == "link expired":
        return f"The link expired on {until}. Make a new one, or let them sign in."
    return f"The newest link signs until {until}."


def _event(engagement: Engagement, event) -> str:
    at = event.at.astimezone(frame.zone_of(engagement))
    said = f"{at:%d %b, %H:%M}: {event.kind} by {event.by}"
    return f"{said} ({event.detail})" if event.detail else said


def _link_of(engagement: Engagement, request: Request) -> None:
    name = f"link of {request.id}"

    def make() -> None:
        who = actor(once=feedback.submission(name))

        def use_case() -> None:
            st.session_state[name] = links.make_link(who, engagement.slug, request.id)

        if feedback.attempt(use_case, f"Made a link for {request.asked_of}"):
            feedback.renew(name)

    def take_back() -> None:
        reason = st.session_state.get(f"why {request.id}", "")
        drawer.attempt(
            f"take back {request.id}",
            lambda who: sign_off_requests.withdraw(who, engagement.slug, request.id, reason),
            "Took the request back",
        )

    token = st.session_state.pop(name, None)
    if token is not None:
        st.markdown(
            f"For **{escaped(request.asked_of)}** alone, for {HOURS} hours, shown once. It asks for no password in a "
            "browser in which they signed in before; in any other they sign in first, so it opens for nobody else. "
            "Hand it over in a way that reaches only them all the same."
        )
        st.code(sign_off_url(token), language=None, wrap_lines=True)
    elif until := _until(engagement, request):
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
    """Everybody's word on a metric, the newest first: whether it holds, and if not, what changed since."""
    if not metric.sign_offs:
        return [
            html.paragraph("Nobody has signed this definition. Until a sponsor does, it is never on track.")
        ]
    records = {sign.record_id for sign in metric.sign_offs if sign.record_id is not None}
    known = identities(actor(), engagement.slug, records)
    return [
        _signature(engagement, metric, sign_off, known.get(sign_off.record_id))
        for sign_off in reversed(metric.sign_offs)
    ]


def _signature(engagement: Engagement, metric: Metric, sign_off: SignOff, identity: str | None) -> Markup:
    on = engagement.date_of(sign_off.signed_at)
    version = "" if sign_off.number is None else f", version {sign_off.number}"
    mark, stands = _stands(metric, sign_off)
    receipt, beside = "", []
    if sign_off.record_id is not None:
        receipt = RECEIPT.format(slug=engagement.slug, record=sign_off.record_id)
        beside.append(f"How identity was checked: {identity}")
    if sign_off.words:
        beside.append(f"“{sign_off.words}”")
    beside += map(html.difference, _changed_since(metric, sign_off))
    return SIGNATURE.format(
        mark=mark,
        said=f"{sign_off.signed_by}, {day_month(on)} {on.year}{version}: {stands}",
        receipt=receipt,
        beside=html.bullet_list(beside),
    )


def _stands(metric: Metric, sign_off: SignOff) -> tuple[Markup, str]:
    """What somebody's word is worth today: a mark, and in words."""
    in_force = sign_off.digest == metric.digest()
    is_last = sign_off in latest_responses_on(metric.sign_offs, sign_off.digest)
    if not sign_off.approves:
        stands = "asked for changes"
        return html.coloured(
            "orange", html.icon("edit_note")
        ), stands if in_force and is_last else f"{stands}, before"
    broken = html.coloured("orange", html.icon("lock_open"))
    if in_force and metric.baseline_data_differ:
        return broken, "the data of its baseline changed since"
    if in_force:
        return (html.icon("verified"), "holds") if is_last else (html.icon("undo"), "taken back")
    return broken, "the definition was changed since"


def _changed_since(metric: Metric, sign_off: SignOff) -> list[Difference]:
    if not sign_off.approves or sign_off.digest == metric.digest():
        return []
    then = next((one for one in metric.definitions if one.digest == sign_off.digest), None)
    return [] if then is None else difference(then, metric)
