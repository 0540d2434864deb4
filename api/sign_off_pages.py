"""The sheet that a sponsor signs, as plain HTML: one card a metric with its answers; and what was signed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.responses import HTMLResponse

from api import html_pages
from models.metrics import APPROVED, CHANGES_REQUESTED
from models.sign_off import CONSENT
from models.wording import count, day_month, local_time
from reports.metrics.definitions import Difference
from reports.sign_off.cards import Card
from reports.sign_off.sheet import Sheet
from store.sign_off import SignedRecord

STYLE, SCRIPT = "sign.css", "sign.js"
ALL = "all"
"""The name of the answer to every metric without one of its own."""
SHORT_DIGEST = 12
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
    """Return the page to sign on; after a refusal with what was `typed`, and with what changed meanwhile."""
    typed = typed or {}
    title = f"{count(len(sheet.cards), 'metric')} to sign" if sheet.cards else "Nothing to sign"
    changed = "".join(_differences(name, changes) for name, changes in (differences or {}).items())
    content = html_pages.fragment(
        "sign-sheet",
        html={
            "message": html_pages.refusal(refused, f"<ul>{changed}</ul>" if changed else ""),
            "ask": _ask(sheet),
            "cards": "\n".join(_card(card, typed, alone=len(sheet.cards) == 1) for card in sheet.cards),
            "answer": _name_and_button(sheet, typed) if sheet.cards else "",
            "note": _back_link(sheet) if sheet.expires_at is None else "",
        },
        scope=f"{sheet.name}, {sheet.client}",
        action=action,
    )
    return html_pages.full_page(title, content, status=status, script=SCRIPT, style=STYLE)


def ended_page(sheet: Sheet, sentence: str, status: int = 409) -> HTMLResponse:
    """Return the page that says why this can't be signed any more, and what changed."""
    changed = "".join(_differences(name, changes) for name, changes in sheet.changed.items())
    html = {"message": html_pages.refusal(sentence, f"<ul>{changed}</ul>" if changed else "")}
    content = f'<p class="scope">{escape(sheet.name)}, {escape(sheet.client)}</p>{html["message"]}'
    return html_pages.full_page("Nothing was signed", content, status=status, style=STYLE)


def done_page(sheet: Sheet, signed: SignedRecord, receipt: str, overview: str) -> HTMLResponse:
    """Return the page that says what was signed, with links to its `receipt` and the `overview` (addresses)."""
    record = signed.record
    items = record["items"]
    approved = [item for item in items if item["meaning"] == APPROVED]
    asked = len(items) - len(approved)
    done = [f"You signed {count(len(approved), 'metric')}"] if approved else []
    done += [f"{'you' if done else 'You'} asked for changes to {count(asked, 'metric')}"] if asked else []
    content = html_pages.fragment(
        "sign-done",
        html={
            "items": "\n".join(_signed_item(item) for item in items),
            "receipt": f'<p><a class="button" href="{escape(receipt)}" download>Download the receipt</a></p>',
            "back": f'<p><a class="button second" href="{escape(overview)}">See the overview</a></p>',
        },
        scope=f"{sheet.name}, {sheet.client}",
        done=" and ".join(done) + ".",
        name=record["signer"]["name"],
        at=local_time(datetime.fromisoformat(record["at"]), sheet.zone),
        digest=signed.digest,
    )
    return html_pages.full_page("Thank you", content, style=STYLE)


def _ask(sheet: Sheet) -> str:
    request = sheet.request
    if request is None:
        return ""
    asked = request.asked_at.astimezone(ZoneInfo(sheet.zone))
    on = f"{day_month(asked)} {asked.year}"
    until = ""
    if sheet.expires_at is not None:
        until = f" This link is for {sheet.signer} alone, until {local_time(sheet.expires_at, sheet.zone)}."
    note = f"<p>{escape(request.note)}</p>" if request.note else ""
    asks = escape(f"{request.asked_by} asked you on {on}.{until}")
    return f'<div class="ask">{note}<p class="note">{asks}</p></div>'


def _card(card: Card, typed: Mapping[str, str], *, alone: bool) -> str:
    key = str(card.metric_id)
    changes = "".join(f"<li>{_difference(change)}</li>" for change in card.changes)
    legend = "Your answer" if alone else f"Your answer to “{card.name}”"
    hidden = f'<input type="hidden" name="shown-{key}" value="{card.sha256}.{card.shown}">'
    return html_pages.fragment(
        "sign-card",
        html={
            "changes": f'<ul class="changes">{changes}</ul>' if changes else "",
            "lines": "\n".join(
                f"<dt>{escape(label)}</dt><dd>{escape(text)}</dd>" for label, text in card.lines
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
        short=card.sha256[:SHORT_DIGEST],
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


def _name_and_button(sheet: Sheet, typed: Mapping[str, str]) -> str:
    number = len(sheet.cards)
    every = ""
    if number > 1:
        legend = f"All {number} at once, or answer each one above"
        every = _answer(ALL, legend, typed, f"Approve all {number}", f"Ask for changes to all {number}")
    return html_pages.fragment(
        "sign-name",
        html={"all": every},
        name=typed.get("name", ""),
        consent=CONSENT,
        button=f"Sign {count(number, 'metric')}",
    )


def _difference(change: Difference) -> str:
    return f"{escape(change.field)}: <s>{escape(change.before)}</s> → <strong>{escape(change.after)}</strong>"


def _differences(name: str, changes: list[Difference]) -> str:
    text = "; ".join(map(_difference, changes)) or "reads differently now"
    return f"<li><strong>{escape(name)}</strong>: {text}</li>"


def _signed_item(item: Mapping[str, Any]) -> str:
    name, shown = escape(item["shown"]["name"]), item["shown"]
    change = f"{escape(shown['baseline'])} → {escape(shown['target'])}"
    comment = f"<br>“{escape(item['words'])}”" if item["words"] else ""
    return f"<li><strong>{name}</strong>, {change}: {escape(item['meaning'])}, version {item['version']}{comment}</li>"


def _back_link(sheet: Sheet) -> str:
    query = escape(urlencode({"engagement": sheet.slug}))
    return f'<p class="note"><a href="/metrics?{query}">Back to the metrics</a></p>'
