"""Receipts over HTTP: for members, for who signed by a link, and a page on which strangers check theirs."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database import engine
from models.people import Role
from models.sign_off import SignOffReceipt
from services.sign_off import links, requests, signing
from tests.api.conftest import COOKIE, HOME, sign_in_once
from tests.builders import a_metric, a_session, a_user, an_actor, an_engagement, the_state

FORM = {"origin": HOME}


@pytest.fixture
def acme(client) -> str:
    """An engagement in which Dana signs by a link; the link's token. (Only one that is asked for can be opened.)"""
    an_engagement()
    a_metric(name="Decision time", baseline="4 h", target="90 s")
    now = datetime.now(UTC)
    mei = an_actor("Mei Tan", role=Role.LEAD)
    dana = an_actor("Dana Ruiz", role=Role.SPONSOR)
    mei = type(mei)(mei.name, now, "test", mei.user_id)
    request = requests.ask(mei, "acme", [the_state().metrics[0].id], of=dana.user_id)
    sign_in_once(client, "dana.ruiz@example.org")
    return links.make_link(mei, "acme", request)


@pytest.fixture
def signed(acme) -> str:
    """The address of the receipt for members, after a sponsor signed."""
    dana = an_actor("Omar Aziz", role=Role.SPONSOR)
    shown = {metric.id: metric.digest() for metric in the_state().metrics}
    record_id = signing.sign(dana, "acme", signing.approvals(shown), name="Omar Aziz")
    return f"/api/v1/engagements/acme/sign-offs/{record_id}/receipt.pdf"


def come_as(client, name: str | None) -> None:
    client.cookies.clear()
    if name is not None:
        _, token = a_session(a_user(name), datetime.now(UTC))
        client.cookies.set(COOKIE, token, domain="localhost.local")


def checked(client, data: bytes, **more):
    return client.post(
        "/sign/verify", files={"receipt": ("r.pdf", data, "application/pdf")}, headers=FORM | more
    )


@pytest.mark.parametrize("role", [Role.LEAD, Role.SPONSOR, Role.VIEWER])
def test_a_member_downloads_the_receipt_and_the_journal_knows(client, signed, role):
    an_actor("Rae", role=role)
    come_as(client, "Rae")
    answer = client.get(signed)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.headers["content-disposition"] == 'attachment; filename="acme-sign-off-1.pdf"'
    assert answer.headers["cache-control"] == "private, no-store"
    with Session(engine()) as session:
        assert session.scalars(select(SignOffReceipt.by)).all() == ["Rae"]


def test_for_others_there_is_no_receipt(client, signed):
    assert client.get(signed).status_code == 401
    come_as(client, "Eve")
    assert client.get(signed).status_code == 404
    an_actor("Rae", role=Role.VIEWER)
    come_as(client, "Rae")
    assert client.get(signed.replace("/1/", "/999/")).status_code == 404


def test_who_signed_by_a_link_gets_the_receipt_by_it_and_checks_it_without_signing_in(client, acme):
    entered = client.post("/sign/link", data={"token": acme}, headers=FORM)
    assert entered.headers["location"] == "/sign/metrics"
    page = client.get("/sign/metrics").text
    name = page.split('name="shown-')[1].split('"')[0]
    shown = page.split(f'name="shown-{name}" value="')[1].split('"')[0]
    answers = {f"shown-{name}": shown, "all": "approved", name: "approved", "name": "Dana Ruiz"}
    done = client.post("/sign/metrics", data=answers, headers=FORM)
    assert done.headers["location"] == "/sign/signed/1"
    assert "/sign/receipt/1.pdf" in client.get("/sign/signed/1").text
    receipt = client.get("/sign/receipt/1.pdf")
    assert (receipt.status_code, receipt.content[:5]) == (200, b"%PDF-")
    assert client.get("/sign/receipt/2.pdf").status_code == 404
    come_as(client, None)
    assert client.get("/sign/receipt/1.pdf").status_code == 401
    answer = checked(client, receipt.content)
    assert answer.status_code == 200
    assert "This receipt is genuine, and what it shows holds today." in answer.text
    assert "What this doesn't prove" in answer.text


@pytest.mark.usefixtures("signed")
def test_the_page_is_there_for_everybody_and_tells_strangers_nothing(client, signed):
    assert "Check this receipt" in client.get("/sign/verify").text
    come_as(client, "Mei Tan")
    receipt = client.get(signed).content
    come_as(client, None)
    start = receipt.index(b"/EmbeddedFile")
    altered = receipt[: start + 300] + b"\0" + receipt[start + 301 :]
    for data in (altered, b"%PDF-1.7 nothing", b"", b"<html>"):
        answer = checked(client, data)
        assert answer.status_code in (200, 422)
        assert "genuine" not in answer.text
        for secret in ("Acme", "Lending", "Omar", "Decision time", "90 s"):
            assert secret not in answer.text


def test_only_our_own_page_sends_files_and_none_too_large(client):
    assert checked(client, b"%PDF-", origin="https://elsewhere.example").status_code == 403
    answer = checked(client, b"%PDF-" + b"x" * 5_100_000)
    assert (answer.status_code, "too large" in answer.text) == (422, True)
    for kind in ("multipart/form-data", "multipart/form-data; boundary=", "text/plain", "x" * 500):
        answer = client.post("/sign/verify", content=b"x", headers=FORM | {"content-type": kind})
        assert answer.status_code == 422
        assert "Choose the PDF" in answer.text
