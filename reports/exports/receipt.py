"""A receipt as a PDF/A-3: everything in the record on its pages, and the JSON that was signed embedded in it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from models.metrics import APPROVED
from models.receipt import Receipt
from models.status import Status
from models.wording import count
from reports.charts.theme import LOOKS
from reports.exports import tables
from reports.exports.paper import HERE, WITH_FILES, typeset

_EVENTS = {
    "asked": "asked for the signature",
    "link made": "made the link",
    "opened": "opened the link",
    "viewed": "looked at what was to be signed",
    "signed": "signed",
    "declined": "asked for changes",
    "expired": "let the link expire",
    "revoked": "took the link back",
}


def pdf(receipt: Receipt) -> bytes:
    """The receipt on pages. Every byte follows from the receipt."""
    files = {"main": (HERE / "receipt.typ").read_bytes(), "week.typ": (HERE / "week.typ").read_bytes()}
    files |= receipt.files()
    files["told.json"] = json.dumps(receipt_content(receipt)).encode()
    return typeset(files, datetime.fromisoformat(receipt.content["at"]), WITH_FILES)


def file_name(receipt: Receipt) -> str:
    """acme-sign-off-12.pdf"""
    return f"{receipt.content['engagement']['slug'][:60]}-sign-off-{receipt.rest['record']['id']}.pdf"


def receipt_content(receipt: Receipt) -> dict[str, Any]:
    """What is on the pages, in words."""
    record, signer, rest = receipt.content, receipt.content["signer"], receipt.rest
    at = moment(record["at"])
    return {
        "title": "Receipt of a sign-off",
        "scope": [
            record["engagement"]["name"],
            record["engagement"]["client"],
            f"Record {rest['record']['id']}",
        ],
        "proof": f"Record {receipt.digest[:16]}, journal {rest['journal']['head'][:16]} at {rest['journal']['revision']}",
        "statement": f"{signer['name']} {_did(record['items'])}.",
        "at": f"{at}, by {record['clock'].removesuffix(', in UTC')}",
        "items": [
            tables.break_long_words(_item(item)) | {"sha256": item["sha256"]} for item in record["items"]
        ],
        "signer": tables.break_long_words(_signer(signer)),
        "consent": record["consent"],
        "requests": tables.break_long_words([_request(each) for each in rest["requests"]]),
        "sha256": receipt.digest,
        "before": {name: record["engagement"][name] for name in ("head", "revision")},
        "head": rest["journal"]["head"],
        "revision": rest["journal"]["revision"],
        "signatures": _entries(rest["journal"]["signatures"]),
        "slug": record["engagement"]["slug"],
    }


def moment(text: str) -> str:
    """2026-11-20T14:03:22.123456+00:00 -> 20 Nov 2026, 14:03:22 UTC"""
    return f"{datetime.fromisoformat(text):%-d %b %Y, %H:%M:%S} UTC"


def _did(items: list[dict[str, Any]]) -> str:
    approved = sum(item["meaning"] == APPROVED for item in items)
    asked = len(items) - approved
    acts = [f"approved {count(approved, 'metric definition')}"] if approved else []
    acts += [f"asked for changes to {count(asked, 'metric definition')}"] if asked else []
    return " and ".join(acts)


def _item(item: dict[str, Any]) -> dict[str, Any]:
    """A metric with the card that the signer had before them. A record that was made without one has the definition."""
    shown = item["shown"]
    look = LOOKS[Status.DONE if item["meaning"] == APPROVED else Status.AT_RISK]
    return {
        "name": shown["name"],
        "badge": {"word": item["meaning"].capitalize(), "glyph": look.glyph, "colour": look.colour},
        "plain": shown["plain"],
        "baseline": shown["baseline"],
        "target": shown["target"],
        "lines": shown["lines"],
        "since": shown["since"],
        "changes": shown["changes"],
        "words": item["words"] or "",
        "version": item["version"],
        "sha256": item["sha256"],
    }


def _signer(signer: dict[str, Any]) -> list[list[str]]:
    rows = [
        ("Printed name", signer["name"]),
        ("Account", signer["account"]),
        ("Role", signer["role"]),
        ("Authority", signer["authority"]),
        ("How identity was checked", signer["identity"]),
        ("Address", signer["address"]),
        ("Browser", signer["browser"]),
        ("Session", signer["session"] and f"number {signer['session']}"),
    ]
    return [[label, str(text or "not known")] for label, text in rows]


def _request(request: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": f"Request {request['id']}, by {request['asked_by']}",
        "note": request["note"] or "",
        "events": [[moment(each["at"]), _event(each)] for each in request["events"]],
    }


def _event(event: dict[str, Any]) -> str:
    text = f"{event['by']} {_EVENTS.get(event['kind'], event['kind'])}"
    return f"{text}: {event['detail']}" if event["detail"] else text


def _entries(sequences: list[int]) -> str:
    return f"{'entry' if len(sequences) == 1 else 'entries'} {', '.join(map(str, sequences))}"
