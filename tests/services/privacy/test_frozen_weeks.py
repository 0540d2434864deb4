"""An erasure reaches the weeks that are frozen, and what it leaves of them stays provable."""

import json

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from models import append_only
from models.database import engine
from models.names import NameFinder
from models.review import Snapshot
from reports.exports.verify import verify
from reports.exports.week_files import export
from services.interviews import interviews
from services.operations import journal_check
from services.privacy import erasure
from services.privacy.erasure import erase
from services.privacy.frozen_weeks import held_in_weeks
from services.review import reviews
from services.sign_off import signing
from services.sign_off.receipt_check import check_receipt
from services.sign_off.receipts import issue_receipt
from store import reviews as stored_reviews
from tests.builders import a_metric, an_actor, on_day, the_operator, the_state
from tests.services.privacy.test_erasure import everything, interviewed_once

pytestmark = pytest.mark.usefixtures("database")
DAY = 20
ERASED_ON = "24 Oct 2026"


@pytest.fixture
def lead():
    return interviewed_once()


def frozen(day: int = DAY):
    digest = reviews.freeze(the_operator(day), "acme", on_day(day)).digest
    return stored_reviews.document(the_operator(day), "acme", digest)


def kept(digest: str):
    return stored_reviews.document(the_operator(DAY), "acme", digest)


def findings(data: bytes) -> tuple[bool, str]:
    proof = verify(the_operator(DAY), data)
    return proof.holds, " ".join(proof.findings)


def without_the_owner():
    """Priya is named in an interview only, not in what everybody may read."""
    from services.inventory import systems

    billing = the_state().systems[0]
    systems.save(the_operator(DAY), "acme", changed=[(billing.id, billing.version, {"owner": "Omar"})])


def test_an_erased_person_is_in_no_frozen_week_any_more(lead):
    digest = frozen().digest
    erase(lead, "acme", "Priya Nair", "asked for it")
    held = everything()
    for text in ("priya", "nair", "loan officer", "team lead", "left-handed", "leeds"):
        assert text not in held, text
    assert kept(digest).interviews is None
    owners = [row["owner"] for row in kept(digest).body["state"]["system"]]
    assert owners == ["Erased person 1"]


def test_where_only_the_interviews_named_the_person_the_address_still_proves_the_rest(lead):
    without_the_owner()
    document = frozen()
    before = document.without_interviews().to_bytes()
    erase(lead, "acme", "Priya Nair", "asked")
    assert kept(document.digest).interviews is None
    assert kept(document.digest).fingerprint == document.digest
    holds, text = findings(before)
    assert holds, text
    assert f"The interview part was erased on {ERASED_ON}." in text
    assert "The snapshot that is kept has its address." in text


def test_where_the_rest_named_the_person_the_journal_accounts_for_what_is_left(lead):
    document = frozen()
    erase(lead, "acme", "Priya Nair", "asked")
    left = kept(document.digest)
    assert left.digest == document.digest
    assert left.fingerprint != document.digest
    for data in (left.to_bytes(), export(left, "pdf"), export(left, "md")):
        holds, text = findings(data)
        assert holds, text
        assert f"Personal data was erased from this week on {ERASED_ON}" in text
    assert b"personal data erased on 2026-10-24" in export(left, "md")


def test_a_file_that_was_taken_away_before_still_proves_itself(lead):
    document = frozen()
    data = export(document, "pdf")
    erase(lead, "acme", "Priya Nair", "asked")
    holds, text = findings(data)
    assert holds, text
    assert "byte for byte" in text


def test_what_an_erasure_left_cant_be_altered_unseen(lead):
    document = frozen()
    erase(lead, "acme", "Priya Nair", "asked")
    left = kept(document.digest)
    forged = json.loads(json.dumps(left.body).replace("Billing", "Ledger"))
    with Session(engine()) as session, session.begin():
        session.execute(update(Snapshot).values(redacted=json.dumps(forged)))
    holds, text = findings(left.to_bytes())
    assert not holds
    assert "Doesn't hold: personal data was erased from this week" in text


def test_interviews_that_somebody_emptied_without_an_erasure_are_missed(lead):
    document = frozen()
    with Session(engine()) as session, session.begin():
        session.execute(update(Snapshot).values(interviews=None))
    holds, text = findings(document.without_interviews().to_bytes())
    assert not holds
    assert "no erasure in the journal accounts for it" in text


def test_interviews_that_were_altered_are_found(lead):
    document = frozen()
    with Session(engine()) as session, session.begin():
        append_only.remove_triggers(session.connection())
        forged = json.dumps(document.interviews | {"voice": None, "salt": "0"})
        session.execute(update(Snapshot).values(interviews=forged))
    holds, text = findings(document.without_interviews().to_bytes())
    assert not holds
    assert "Doesn't hold: the interview part has the digest" in text


def test_two_people_are_erased_from_one_week_and_others_stay(lead):
    document = frozen()
    erase(lead, "acme", "Priya Nair", "asked")
    erase(lead, "acme", "Sam Okafor", "Sam Okafor asked as well")
    holds, text = findings(kept(document.digest).to_bytes())
    assert holds, text
    assert erasure.interviewees(lead, "acme") == ["Erased person 1", "Erased person 2"]
    assert "okafor" not in everything()


def test_a_signature_of_somebody_who_was_interviewed_as_well_stays(lead):
    metric_id = a_metric(target="90 s", owner="Sam Okafor")
    sam = an_actor("Sam Okafor", role="sponsor", day=DAY)
    record_id = signing.sign(sam, "acme", signing.approvals({metric_id: metric_digest()}), name="Sam Okafor")
    document = frozen()
    receipt = issue_receipt(lead, "acme", record_id)[1]
    erase(lead, "acme", "Sam Okafor", "asked")
    metric = the_state().metrics[0]
    assert (metric.owner, metric.sign_offs[0].signed_by) == ("Erased person 2", "Sam Okafor")
    (verdict,) = journal_check.verify(the_operator())
    assert verdict.problem is None
    assert findings(kept(document.digest).to_bytes())[0]
    check = check_receipt(receipt)
    assert (check.genuine, check.holds) == (True, False)
    assert "Owner from Sam Okafor to Erased person 2" in check.findings[-1].text


def metric_digest() -> str:
    return the_state().metrics[0].digest()


def test_the_copy_that_a_person_is_handed_lists_what_frozen_weeks_hold_of_them(lead):
    first, second = frozen(), frozen(27)
    held = json.loads(erasure.hand_over(lead, "acme", "Priya Nair"))["frozen_weeks"]
    assert [(week["on"], week["address"]) for week in held] == [
        ("2026-10-24", first.digest),
        ("2026-10-31", second.digest),
    ]
    for week in held:
        assert [row["role"] for row in week["interviews"]] == ["Team lead"]
        assert [row["observed"] for row in week["frictions"]] == ["Interviewee 1 waits for the queue"]
        assert week["quoted"]["said"] == "Interviewee 1 waits for the queue"
        assert {"where": "state/system/0/owner", "said": "Priya Nair"} in week["named_elsewhere"]
    assert "Okafor" not in str(held)


def test_nothing_is_listed_of_weeks_that_hold_nothing_of_the_person(lead):
    frozen()
    interviews.record_interview(lead, "acme", {"interviewee": "Noor Haddad", "held_on": on_day(9)})
    copy = json.loads(erasure.hand_over(lead, "acme", "Noor Haddad"))
    assert len(copy["interviews"]) == 1
    assert copy["frozen_weeks"] == []


def test_once_erased_frozen_weeks_hold_nothing_to_list(lead):
    frozen()
    called = erase(lead, "acme", "Priya Nair", "asked")
    (week,) = kept_of(called)
    assert (week["interviews"], week["frictions"], week["quoted"]) == ([], [], None)


def kept_of(name: str) -> list[dict]:
    """What the weeks hold of a name, whoever asks."""
    ids = {row.id for row in the_state().interviews if row.interviewee == name}
    with Session(engine()) as session:
        return list(held_in_weeks(session, the_state().id, ids, NameFinder([name])))
