"""What the security log keeps: as much as says what happened, not as much as a stranger likes to write into it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from models.database import engine_of
from models.errors import NotFound, Refused
from models.people import Role
from models.security_log import Kind
from services.operations.schema import upgrade
from services.people import accounts, authentication, security_log
from services.people.client_info import ClientInfo
from services.privacy import erasure
from services.sign_off import links, requests
from tests import databases
from tests.builders import a_metric, a_user, an_actor, an_engagement, noon, the_operator

pytestmark = pytest.mark.usefixtures("database")
STRANGER = ClientInfo("203.0.113.9", "a script")
HOUR, NOW = timedelta(hours=1), noon(5)


def log(*kinds: Kind) -> list[security_log.Event]:
    return security_log.events(the_operator(), list(kinds) or None)


def guess(email: str, at: datetime = NOW, visitor: ClientInfo = STRANGER) -> None:
    with pytest.raises(Refused):
        authentication.sign_in(email, "wrong", at, visitor)


def try_a_link(at: datetime = NOW, visitor: ClientInfo = STRANGER) -> None:
    with pytest.raises(Refused):
        authentication.sign_in_by_link("never one of ours", at, visitor)


def test_what_a_stranger_repeats_within_an_hour_is_one_entry_that_says_how_often():
    for second in range(30):
        try_a_link(NOW + timedelta(seconds=second))
    (entry,) = log()
    assert (entry.kind, entry.address, entry.times) == (Kind.LINK_REFUSED, "203.0.113.9", 30)
    assert (entry.at, entry.last_at) == (NOW, NOW + timedelta(seconds=29))


def test_guesses_at_accounts_that_nobody_has_are_two_entries_an_hour_however_many_there_are():
    for number in range(8):
        guess("one@example.org")
        guess(f"{number}@example.org")
    assert {(entry.detail, entry.times) for entry in log()} == {
        ("wrong e-mail or password", 13),
        ("too many attempts", 3),
    }


def test_another_hour_another_account_or_another_address_is_another_entry():
    a_user("Mei Tan")
    for at in (NOW, NOW + HOUR):
        guess("nobody@example.org", at)
        guess("mei.tan@example.org", at)
    guess("nobody@example.org", visitor=ClientInfo("203.0.113.10"))
    assert [entry.times for entry in log()] == [1] * 5


def test_what_happened_last_stands_first_also_where_it_had_begun_before():
    try_a_link()
    accounts.make_link(the_operator(5), an_email())
    try_a_link(NOW + timedelta(minutes=1))
    assert [entry.kind for entry in log()][:2] == [Kind.LINK_REFUSED, Kind.LINK_MADE]


def an_email() -> str:
    a_user("Mei Tan")
    return "mei.tan@example.org"


def test_sign_ins_are_an_entry_each():
    for _ in range(2):
        authentication.sign_in_by_link(accounts.make_link(the_operator(5), an_email()), NOW, STRANGER)
    assert [entry.times for entry in log(Kind.SIGNED_IN)] == [1, 1]


@pytest.mark.parametrize(
    ("first", "second", "counted_as"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::2", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9", "203.0.113.9"),
    ],
)
def test_addresses_that_one_household_has_by_the_trillion_count_as_one(first, second, counted_as):
    for address in (first, second):
        for _ in range(3):
            guess("one@example.org", visitor=ClientInfo(address))
    assert {(entry.address, entry.detail, entry.times) for entry in log()} == {
        (counted_as, "wrong e-mail or password", 5),
        (counted_as, "too many attempts", 1),
    }


def test_what_is_older_than_400_days_goes_whatever_happens_next():
    for days in (401, 399):
        try_a_link(NOW - timedelta(days=days))
    accounts.make_link(the_operator(5), an_email())
    assert min(entry.at for entry in log()) == NOW - timedelta(days=399)


def test_administrators_learn_from_it_of_no_engagement_no_record_and_nobody_that_was_asked_for():
    an_engagement("hush-hush", name="Hush")
    lead = an_actor("Mei Tan", "hush-hush", day=5)
    dana = an_actor("Dana Ruiz", "hush-hush", Role.SPONSOR)
    metric_id = a_metric("hush-hush", name="Decision time", target="90 s")
    request_id = requests.ask(lead, "hush-hush", [metric_id], of=dana.user_id)
    token = links.make_link(lead, "hush-hush", request_id)
    requests.withdraw(lead, "hush-hush", request_id, reason="Decision time was wrong")
    with pytest.raises(Refused, match="Decision time"):
        links.open_link(token, noon(6), STRANGER)
    with pytest.raises(NotFound) as refused:
        erasure.hand_over(lead, "hush-hush", "Priya Nair")
    security_log.log_refusal(lead, refused.value)
    assert len(log()) == 3
    for secret in ("hush", "decision time", "priya"):
        assert secret not in str(log()).casefold()
    assert log(Kind.ACTION_REFUSED)[0].detail == "test: something that isn't there for them"


@pytest.fixture
def older_database_url(database: str, tmp_path_factory) -> Iterator[str]:
    """Another database of the same kind, as it was before refusals were counted."""
    if database.startswith("sqlite"):
        opened = databases.sqlite_database(tmp_path_factory.mktemp("older"), migrated=False)
    else:
        opened = databases.postgres_database(migrated=False)
    with opened as url:
        upgrade(url, "0007")
        yield url
        engine_of(url).dispose()


def test_what_older_databases_hold_is_kept_but_for_what_administrators_arent_to_read(
    older_database_url, monkeypatch
):
    texts = [
        "with a password",
        "for a sign-off, engagement hush-hush",
        "page: There is no engagement “hush-hush”",
    ]
    kinds = [Kind.SIGNED_IN, Kind.LINK_MADE, Kind.ACTION_REFUSED]
    event = "INSERT INTO security_event (at, kind, \"by\", address, detail) VALUES (:at, :kind, 'Mei', '', :detail)"
    with engine_of(older_database_url).begin() as connection:
        for kind, detail in zip(kinds, texts, strict=True):
            connection.execute(text(event), {"at": NOW, "kind": kind, "detail": detail})
    upgrade(older_database_url)
    monkeypatch.setenv("DATABASE_URL", older_database_url)
    assert [(entry.kind, entry.detail, entry.times) for entry in reversed(log())] == [
        (Kind.SIGNED_IN, "with a password", 1),
        (Kind.LINK_MADE, "for a sign-off", 1),
        (Kind.ACTION_REFUSED, "something that isn't there for them", 1),
    ]
    assert {(entry.at, entry.last_at) for entry in log()} == {(NOW, NOW)}
