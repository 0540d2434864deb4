"""What a sponsor signs, as plain HTML: one card a metric, the answers, and what was signed afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import Any
from urllib.parse import urlencode

from starlette.responses import HTMLResponse

from api import html_pages
from models.metrics import APPROVED, CHANGES_REQUESTED
from models.sign_off import CONSENT
from models.wording import count, day_month
from reports.metrics.definitions import Difference
from reports.sign_off.cards import Card
from reports.sign_off.sheet import Sheet
from store.sign_off import SignedRecord

STYLE, SCRIPT = "sign.css", "sign.js"
ALL = "all"
"""The name of the answer that goes for every metric without one of its own."""
SHORT = 12
"""Characters of a digest that people compare by eye."""


def sheet_page(
    sheet: Sheet,
    *,
    action: str,
    typed: Mapping[str, str] | None = None,
    refused: str = "",
    differences: Mapping[str, list[Difference]] | None = None,
    status: int = 200,
) -> HTMLResponse:
    """The page to sign on; after a refusal with what was `typed`, and what changed meanwhile."""
    typed = typed or {}
    title = f"{count(len(sheet.cards), 'metric')} to sign" if sheet.cards else "Nothing to sign"
    changed = "".join(_differences(name, found) for name, found in (differences or {}).items())
    content = html_pages.fragment(
        "sign-sheet",
        html={
            "message": html_pages.refusal(refused, f"<ul>{changed}</ul>" if changed else ""),
            "ask": _ask(sheet),
            "cards": "\n".join(_card(card, typed, alone=len(sheet.cards) == 1) for card in sheet.cards),
            "answer": _name(sheet, typed) if sheet.cards else "",
            "note": _back(sheet) if sheet.expires_at is None else "",
        },
        scope=f"{sheet.name}, {sheet.client}",
        action=action,
    )
    return html_pages.full_page(title, content, status=status, script=SCRIPT, style=STYLE)


def ended_page(sheet: Sheet, sentence: str, status: int = 409) -> HTMLResponse:
    """Instead of the page to sign on: why nothing can be signed by this any more, and what changed."""
    changed = "".join(_differences(name, found) for name, found in sheet.changed.items())
    html = {"message": html_pages.refusal(sentence, f"<ul>{changed}</ul>" if changed else "")}
    content = f'<p class="scope">{escape(sheet.name)}, {escape(sheet.client)}</p>{html["message"]}'
    return html_pages.full_page("Nothing was signed", content, status=status, style=STYLE)


def done_page(sheet: Sheet, kept: SignedRecord, receipt: str) -> HTMLResponse:
    """What was signed, with the way to its receipt."""
    record = kept.record
    items = record["items"]
    approved = [item for item in items if item["meaning"] == APPROVED]
    asked = len(items) - len(approved)
    said = [f"You signed {count(len(approved), 'metric')}"] if approved else []
    said += [f"{'you' if said else 'You'} asked for changes to {count(asked, 'metric')}"] if asked else []
    content = html_pages.fragment(
        "sign-done",
        html={
            "items": "\n".join(_said(item) for item in items),
            "receipt": f'<p><a class="button" href="{escape(receipt)}" download>Download the receipt</a></p>',
            "back": _back(sheet) if sheet.expires_at is None else "",
        },
        scope=f"{sheet.name}, {sheet.client}",
        said=" and ".join(said) + ".",
        name=record["signer"]["name"],
        at=f"{datetime.fromisoformat(record['at']):%d %b %Y at %H:%M}",
        digest=kept.digest,
    )
    return html_pages.full_page("Thank you", content, style=STYLE)


def _ask(sheet: Sheet) -> str:
    request = sheet.request
    if request is None:
        return ""
    on = f"{day_month(request.asked_at.date())} {request.asked_at.year}"
    until = ""
    if sheet.expires_at is not None:
        ends = f"{day_month(sheet.expires_at)} at {sheet.expires_at:%H:%M} UTC"
        until = f" This link is for {sheet.signer} alone, until {ends}."
    note = f"<p>{escape(request.note)}</p>" if request.note else ""
    asks = escape(f"{request.asked_by} asked you on {on}.{until}")
    return f'<div class="ask">{note}<p class="note">{asks}</p></div>'


def _card(card: Card, typed: Mapping[str, str], *, alone: bool) -> str:
    key = str(card.metric_id)
    changes = "".join(f"<li>{_change(one)}</li>" for one in card.changes)
    legend = "Your answer" if alone else f"Your answer to “{card.name}”"
    hidden = f'<input type="hidden" name="shown-{key}" value="{card.sha256}.{card.shown}">'
    return html_pages.fragment(
        "sign-card",
        html={
            "changes": f'<ul class="changes">{changes}</ul>' if changes else "",
            "lines": "\n".join(
                f"<dt>{escape(word)}</dt><dd>{escape(text)}</dd>" for word, text in card.lines
            ),
            "answer": hidden + _answer(key, legend, typed, "Approve", "Ask for changes"),
        },
        name=card.name,
        plain=card.plain,
        baseline=card.baseline,
        target=card.target,
        since=card.since,
        version=str(card.version),
        sha256=card.sha256,
        short=card.sha256[:SHORT],
    )


def _answer(key: str, legend: str, typed: Mapping[str, str], approve: str, request: str) -> str:
    chosen = typed.get(key)
    return html_pages.fragment(
        "sign-answer",
        html={
            "approved": " checked" if chosen == APPROVED else "",
            "asks": " checked" if chosen == CHANGES_REQUESTED else "",
        },
        key=key,
        legend=legend,
        approve=approve,
        request=request,
        words=typed.get(f"words-{key}", ""),
    )


def _name(sheet: Sheet, typed: Mapping[str, str]) -> str:
    some = len(sheet.cards)
    every = ""
    if some > 1:
        legend = f"All {some} at once, or answer each one above"
        every = _answer(ALL, legend, typed, f"Approve all {some}", f"Ask for changes to all {some}")
    return html_pages.fragment(
        "sign-name",
        html={"all": every},
        name=typed.get("name", ""),
        consent=CONSENT,
        button=f"Sign {count(some, 'metric')}",
    )


def _change(one: Difference) -> str:
    return f"{escape(one.field)}: <s>{escape(one.before)}</s> → <strong>{escape(one.after)}</strong>"


def _differences(name: str, found: list[Difference]) -> str:
    told = "; ".join(map(_change, found)) or "reads differently now"
    return f"<li><strong>{escape(name)}</strong>: {told}</li>"


def _said(item: Mapping[str, Any]) -> str:
    name, shown = escape(item["shown"]["name"]), item["shown"]
    way = f"{escape(shown['baseline'])} → {escape(shown['target'])}"
    said = f"<strong>{name}</strong>, {way}: {escape(item['meaning'])}, version {item['version']}"
    words = f"<br>“{escape(item['words'])}”" if item["words"] else ""
    return f"<li>{said}{words}</li>"


def _back(sheet: Sheet) -> str:
    query = escape(urlencode({"engagement": sheet.slug}))
    return f'<p class="note"><a href="/metrics?{query}">Back to the metrics</a></p>'
