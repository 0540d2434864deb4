"""The receipt of a sign-off: the same bytes from the same record, and whoever holds it finds out what it is worth."""

import hashlib
import io
import os
import zlib
from dataclasses import replace

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from models import append_only
from models.database import engine
from models.errors import Forbidden, Invalid, NotFound
from models.journal import JournalEntry
from models.journal_chain import PublishedHead
from models.metrics import CHANGES_REQUESTED, SignOff
from models.people import Role
from models.receipt import RECORD, REST, Receipt
from models.sign_off import SignOffReceipt, SignOffRecord
from reports.exports.receipt import file_name, pdf
from reports.sign_off.receipt_file import MAX_BYTES, embedded_in
from reports.sign_off.sheet import sheet
from services.metrics import definitions
from services.operations import journal_check
from services.people.client_info import ClientInfo
from services.sign_off import links, requests, signing
from services.sign_off.receipt_check import UNKNOWN, ReceiptCheck, check_receipt
from services.sign_off.receipts import issue_receipt
from services.sign_off.signing import Answer
from tests.builders import a_metric, an_actor, an_engagement, noon, signed_in_once, the_operator, the_state
from tests.services.sign_off.asking import PHONE

# Bytes that are flipped, in each file. The full check: HEADWAY_FULL=1.
FLIPPED = 100 if os.environ.get("HEADWAY_FULL") else 25


@pytest.fixture
def dana(mei):
    """The sponsor, who came by a link."""
    sponsor = an_actor("Dana Ruiz", role=Role.SPONSOR, day=5)
    ids = [metric.id for metric in the_state().metrics]
    request = requests.ask(mei, "acme", ids, of=sponsor.user_id, note_to_them="Before Friday")
    link = links.make_link(mei, "acme", request)
    signed_in_once(sponsor.user_id, PHONE, noon(3))
    begun = links.open_link(link, noon(5), PHONE)
    return links.link_session(begun.token, noon(5)).actor


@pytest.fixture
def record_id(dana) -> int:
    """Two approvals, and a wish for a change."""
    cards = sheet(dana, "acme").cards
    answers = [Answer(card.metric_id, card.sha256, card.shown) for card in cards[:2]]
    answers.append(
        Answer(cards[2].metric_id, cards[2].sha256, cards[2].shown, CHANGES_REQUESTED, "Count retries")
    )
    place = ClientInfo(PHONE.address, PHONE.browser)
    return signing.sign(dana, "acme", answers, name="Dana M. Ruiz", client=place)


@pytest.fixture
def receipt(mei, record_id) -> bytes:
    return issue_receipt(mei, "acme", record_id)[1]


def finding_on(check: ReceiptCheck, about: str) -> str:
    return " ".join(each.text for each in check.findings if each.about == about)


def forge(*statements) -> None:
    """What the database's owner can do."""
    with engine().begin() as connection:
        append_only.remove_triggers(connection)
        for statement in statements:
            connection.execute(statement)


def text_of(data: bytes) -> str:
    pages = "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)
    return " ".join(pages.replace("\u200b", "").split())


def test_the_same_record_gives_the_same_bytes_whoever_asks_and_whatever_happens_later(
    mei, dana, record_id, receipt
):
    definitions.change(the_operator(9), "acme", the_state().metrics[0].id, {"target": "2 min"}, seen=None)
    assert issue_receipt(dana, "acme", record_id)[1] == receipt
    assert issue_receipt(an_actor("Rae", role=Role.VIEWER, day=30), "acme", record_id)[1] == receipt
    with engine().connect() as connection:
        noted = connection.execute(select(SignOffReceipt.by, SignOffReceipt.sha256)).all()
    assert noted == [(name, hashlib.sha256(receipt).hexdigest()) for name in ("Mei", "Dana Ruiz", "Rae")]
    assert journal_check.verify(the_operator())[0].problem is None


def test_it_says_everything_in_the_record_and_embeds_the_json_that_was_signed(mei, record_id, receipt):
    made, _ = issue_receipt(mei, "acme", record_id)
    assert file_name(made) == "acme-sign-off-1.pdf"
    attached = pypdf.PdfReader(io.BytesIO(receipt)).attachments
    assert {name: parts[0] for name, parts in attached.items()} == made.files() == embedded_in(receipt)
    with engine().connect() as connection:
        record = connection.execute(select(SignOffRecord.digest, SignOffRecord.content)).one()
    assert (made.digest, made.record.decode()) == tuple(record)
    shown = text_of(receipt)
    for words in [
        "Dana M. Ruiz approved 2 metric definitions and asked for changes to 1 metric definition.",
        "9 Oct 2026, 12:00:00 UTC, by the clock of this server",
        "Decision time", "4 h", "90 s", "Changes requested", "Count retries", "203.0.113.7", "Mobile Safari", "sponsor",
        "opened a link that Mei made for this person alone", "By typing my name", "“Before Friday”",
        "Mei asked for the signature", "Dana Ruiz opened the link", "Dana Ruiz signed", made.digest, the_head(made).hash,
    ]:  # fmt: skip
        assert words in shown, words
    for item in made.content["items"]:
        assert item["sha256"] in shown


def the_head(made: Receipt) -> PublishedHead:
    return PublishedHead(made.rest["journal"]["revision"], made.rest["journal"]["head"], "the receipt")


def test_the_head_that_it_prints_is_that_of_the_journal_after_the_signing(mei, record_id):
    made, _ = issue_receipt(mei, "acme", record_id)
    head = the_head(made)
    with engine().connect() as connection:
        entry = JournalEntry.__table__.c
        then = connection.execute(
            select(entry.hash, entry.use_case).where(entry.sequence == head.revision)
        ).one()
        after = connection.scalar(select(entry.use_case).where(entry.sequence == head.revision + 1))
    assert tuple(then) == (head.hash, "sign metrics")
    assert after == "download a receipt"
    (verdict,) = journal_check.verify(the_operator(), "acme", head)
    assert verdict.problem is None


def test_a_receipt_that_holds_says_so_and_what_it_cant_prove(receipt):
    check = check_receipt(receipt)
    assert (check.genuine, check.holds) == (True, True)
    assert check.summary == "This receipt is genuine, and what it shows holds today."
    assert check.who.startswith("Dana M. Ruiz (Dana Ruiz, dana.ruiz@example.org)")
    assert "byte for byte" in finding_on(check, "file")
    assert "its chain is unbroken" in finding_on(check, "journal")
    assert "“Decision time”, version 1: holds" in finding_on(check, "signature")
    assert "“Errors”, version 1: changes were requested" in finding_on(check, "signature")
    assert "It can't prove who was at the keyboard" in check.limits[0]


def test_any_byte_of_the_file_that_is_flipped_is_found(receipt):
    @settings(max_examples=FLIPPED)
    @given(st.integers(0, len(receipt) - 1), st.integers(1, 255))
    def flipped(position: int, bits: int) -> None:
        altered = bytearray(receipt)
        altered[position] ^= bits
        try:
            check = check_receipt(bytes(altered))
        except Invalid:
            return
        assert not check.genuine
        assert not check.holds

    flipped()


def test_any_byte_of_the_embedded_record_that_is_flipped_is_found_and_nothing_is_told(receipt):
    parts = embedded_in(receipt)

    @settings(max_examples=FLIPPED)
    @given(st.sampled_from(sorted(parts)), st.data(), st.integers(1, 255))
    def flipped(name: str, data, bits: int) -> None:
        altered = bytearray(parts[name])
        altered[data.draw(st.integers(0, len(altered) - 1))] ^= bits
        try:
            check = check_receipt(wrapped(*(parts | {name: bytes(altered)}).values()))
        except Invalid:
            return
        assert not check.genuine
        assert not check.holds
        if name != REST:
            assert [each.text for each in check.findings] == [UNKNOWN]
            assert (check.who, check.what, check.limits) == ("", "", [])

    flipped()


def test_each_byte_of_the_embedded_record_is_under_the_digest_by_which_the_record_is_known(receipt):
    parts = embedded_in(receipt)
    whole = Receipt.of_files(parts)
    known = {hashlib.sha256(parts[RECORD]).hexdigest()}
    for name, part in parts.items():
        for place in range(len(part)):
            altered = bytearray(part)
            altered[place] ^= 1 << place % 8
            try:
                of_altered = Receipt.of_files(parts | {name: bytes(altered)})
            except Invalid:
                continue
            assert (of_altered.digest not in known) if name == RECORD else (of_altered.rest != whole.rest), (
                place
            )


def wrapped(*parts: bytes) -> bytes:
    """The least that has parts embedded as a receipt has them."""
    head = b"<</Type /EmbeddedFile /Filter /FlateDecode>>\nstream\n"
    streams = (head + zlib.compress(part) + b"\nendstream\n" for part in parts)
    return b"%PDF-1.7\n" + b"".join(streams)


def test_a_forger_who_sets_the_pages_anew_is_found(mei, record_id):
    made, _ = issue_receipt(mei, "acme", record_id)
    altered = replace(made, record=made.record.replace(b"90 s", b"10 s"))
    assert check_receipt(pdf(altered)).findings[0].text == UNKNOWN
    rest = made.rest | {"requests": []}
    check = check_receipt(pdf(replace(made, rest=rest)))
    assert not check.genuine
    assert "isn't what is kept here" in finding_on(check, "record")
    assert "altered" in finding_on(check, "file")


def test_a_target_that_changed_breaks_the_signature_and_the_receipt_says_by_what(receipt):
    first = the_state().metrics[0].id
    definitions.change(the_operator(9), "acme", first, {"target": "2 min", "owner": "Risk"}, seen=None)
    check = check_receipt(receipt)
    assert (check.genuine, check.holds) == (True, False)
    assert "Not all of it holds today" in check.summary
    assert (
        "“Decision time”, version 1: no longer holds. Changed since: Owner from – to Risk; Target from 90 s to 2 min. "
        "Version 2 is in force, unsigned."
    ) in finding_on(check, "signature")
    dana = an_actor("Dana Ruiz", role=Role.SPONSOR, day=10)
    metric = the_state().metrics[0]
    signing.sign(dana, "acme", signing.approvals({metric.id: metric.digest()}), name="Dana")
    assert "Version 2 is in force, signed by Dana Ruiz on 14 Oct 2026." in finding_on(
        check_receipt(receipt), "signature"
    )


def test_a_signature_that_was_taken_back_no_longer_holds(receipt):
    dana = an_actor("Dana Ruiz", role=Role.SPONSOR, day=10)
    metric = the_state().metrics[0]
    wish = Answer(metric.id, metric.digest(), None, CHANGES_REQUESTED, "Too slow")
    signing.sign(dana, "acme", [wish], name="Dana")
    assert "Dana Ruiz asked for changes to it on 14 Oct 2026." in finding_on(
        check_receipt(receipt), "signature"
    )


def test_a_retired_metric_no_longer_holds(receipt):
    definitions.retire(the_operator(9), "acme", the_state().metrics[0].id)
    assert "The metric was retired." in finding_on(check_receipt(receipt), "signature")


def test_a_record_altered_in_the_database_is_found_by_the_receipt(receipt):
    content = SignOffRecord.__table__.c.content
    with engine().connect() as connection:
        kept = connection.scalar(select(content))
    forge(update(SignOffRecord.__table__).values(content=kept.replace("90 s", "10 s")))
    check = check_receipt(receipt)
    assert not check.genuine
    assert "The record that is kept here was altered since" in finding_on(check, "record")
    assert "unaltered" in finding_on(check, "file")


def test_a_record_removed_from_the_database_is_found_by_the_receipt(receipt):
    if engine().dialect.name == "sqlite":
        with engine().connect() as connection:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
            append_only.remove_triggers(connection)
            connection.execute(delete(SignOffRecord.__table__))
            connection.commit()
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")
        assert "no longer kept here" in finding_on(check_receipt(receipt), "record")


def test_a_signature_rewritten_in_the_journal_is_found_by_the_receipt(receipt):
    entry = JournalEntry.__table__.c
    query = select(entry.sequence, entry.payload).where(entry.kind == SignOff.__tablename__).limit(1)
    with engine().connect() as connection:
        sequence, payload = connection.execute(query).one()
    forge(
        update(JournalEntry.__table__)
        .where(entry.sequence == sequence)
        .values(payload=payload.replace('"record_digest":"', '"record_digest":"0'))
    )
    check = check_receipt(receipt)
    assert not check.genuine
    assert f"what entry {sequence} says was altered" in finding_on(check, "journal")
    assert "The journal names this record for 2 of its 3 signatures." in finding_on(check, "record")


def test_a_journal_cut_off_before_the_printed_head_is_found_by_the_receipt(mei, record_id, receipt):
    made, _ = issue_receipt(mei, "acme", record_id)
    revision = the_head(made).revision
    forge(delete(JournalEntry.__table__).where(JournalEntry.__table__.c.sequence >= revision))
    assert f"the entries from {revision} on are missing: this receipt names entry {revision}" in finding_on(
        check_receipt(receipt), "journal"
    )


@pytest.mark.usefixtures("sqlite_database")
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no PDF"),
        (b"hello", "no PDF"),
        (b"%PDF-1.7\n", "no record of a sign-off"),
        (b"%PDF-" + b"x" * MAX_BYTES, "too large"),
        (
            lambda: wrapped(b'{"consent":' + b" " * 300_000_000, b'{"signatures":1}'),
            "no record of a sign-off",
        ),
        (wrapped(*[b'{"consent":1}'] * 2), "more than one record"),
        (wrapped(b'{"consent":1}', b'{"signatures":1}'), "no readable record"),
        (wrapped(b'{"consent":' + b"[" * 100_000, b'{"signatures":1}'), "no readable record"),
        (wrapped(b'{"consent":' + b"9" * 100_000 + b"}", b'{"signatures":1}'), "no readable record"),
        (b"%PDF-1.7\n" + b"/Type /EmbeddedFile stream\n" * 50_000, "no record of a sign-off"),
        (b"%PDF-1.7\n" + b"/Type /EmbeddedFile" * 100_000, "no record of a sign-off"),
    ],
    ids=[
        "empty",
        "text",
        "bare",
        "large",
        "bomb",
        "two",
        "hollow",
        "deep",
        "long number",
        "streams",
        "headers",
    ],
)
def test_what_is_no_receipt_is_refused_in_words_whatever_it_is(data, words):
    with pytest.raises(Invalid, match=words):
        check_receipt(data() if callable(data) else data)  # a bomb takes a second to be made


def test_a_link_gets_the_receipt_of_what_it_signed_and_no_other(mei, dana, record_id):
    assert issue_receipt(dana, "acme", record_id)[1].startswith(b"%PDF")
    other = an_actor("Omar", role=Role.SPONSOR, day=6)
    a_metric(name="Throughput", target=3, unit="/ min", direction="higher")
    metric = the_state().metrics[-1]
    second = signing.sign(other, "acme", signing.approvals({metric.id: metric.digest()}), name="Omar")
    with pytest.raises((Forbidden, NotFound)):
        issue_receipt(dana, "acme", second)
    assert issue_receipt(mei, "acme", second)[0].rest["requests"] == []


def test_who_is_no_member_gets_no_receipt(record_id):
    with pytest.raises(NotFound):
        issue_receipt(an_actor("Eve", role=None, day=6), "acme", record_id)
    an_engagement("other")
    with pytest.raises(NotFound):
        issue_receipt(an_actor("Lena", "other", role=Role.LEAD, day=6), "other", record_id)
