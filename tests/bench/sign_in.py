"""What guessing passwords costs everybody else, and what the time of a refusal tells."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import httpx

from models.database import engine
from models.errors import NotFound, Refused
from models.people import Actor, operator
from models.sessions import SignInFailure
from services.engagement import engagements
from services.people import accounts, authentication, passwords
from services.people.client_info import ClientInfo
from store.states import state
from tests.bench.lines import bench
from tests.bench.stage import Stage
from tests.bench.timing import Measured, interleaved
from tests.browser.server import HEALTH, PROGRAM, Server

GUESSES = 60
ANSWERS = 20
REFUSALS = 50


@bench("health while 60 wrong passwords arrive at once", limit=10)
def health_under_guessing(stage: Stage) -> Measured:
    """20 answers of the health route, against the same of an idle program"""
    limits = httpx.Limits(max_connections=GUESSES + 1, max_keepalive_connections=GUESSES + 1)
    with (
        Server(stage.folder / "guessed.log", {"DATABASE_URL": stage.url}, PROGRAM) as server,
        httpx.Client(
            base_url=server.url, headers={"origin": server.url}, timeout=60, limits=limits
        ) as client,
    ):

        def guessed() -> float:
            with _guessing(client):
                return _milliseconds_of_health(client)

        return interleaved(guessed, lambda: _milliseconds_of_health(client), stage.runs)


@bench("a wrong password of an unknown account", limit=1.25)
def unknown_account(stage: Stage) -> Measured:
    """one attempt, against the same of a known account: its time says nothing of who has one"""
    at = datetime.now(UTC)
    user_id = accounts.add_user(operator(at), "known@example.org", "Known")
    accounts.choose_password(Actor("Known", at, "bench", user_id), "correct horse battery", "")
    passwords.prepare()

    def attempt(email: str) -> float:
        # After too many of them nothing is looked at, which would cost nothing.
        with engine().begin() as connection:
            connection.execute(SignInFailure.__table__.delete())
        start = time.perf_counter()
        with suppress(Refused):
            authentication.sign_in(email, "wrong", at, ClientInfo("127.0.0.1"))
        return (time.perf_counter() - start) * 1000

    return interleaved(
        lambda: attempt("unknown@example.org"), lambda: attempt("known@example.org"), stage.runs
    )


@bench("another client's engagement", limit=1.25)
def another_clients(stage: Stage) -> Measured:
    """50 refusals of a stranger, against the same of an address where nothing is"""
    at = datetime.now(UTC)
    engagements.create_engagement(
        operator(at), "bench-secret", name="S", client="C", day_1=at.date(), sponsor="Dana"
    )
    stranger = Actor("Stranger", at, "bench", accounts.first_administrator(at)[0])

    def refused(slug: str) -> float:
        start = time.perf_counter()
        for _ in range(REFUSALS):
            with suppress(NotFound):
                state(stranger, slug)
        return (time.perf_counter() - start) * 1000

    return interleaved(lambda: refused("bench-secret"), lambda: refused("bench-nowhere"), stage.runs)


@contextmanager
def _guessing(client: httpx.Client) -> Iterator[None]:
    """Inside, the first of 60 wrong passwords has been judged and the others wait for it."""
    # Of an address that failed too often nothing is looked at, which would cost nothing.
    with engine().begin() as connection:
        connection.execute(SignInFailure.__table__.delete())
    answered: list[int] = []
    first = threading.Event()

    def guess(number: int) -> None:
        given = {"email": f"{time.time_ns()}-{number}@example.org", "password": "wrong"}
        answered.append(client.post("/session/sign-in", data=given).status_code)
        first.set()

    guesses = [threading.Thread(target=guess, args=(number,), daemon=True) for number in range(GUESSES)]
    for one in guesses:
        one.start()
    first.wait(60)
    waiting = GUESSES - len(answered)
    yield
    for one in guesses:
        one.join()
    assert answered == [401] * GUESSES
    assert waiting > GUESSES // 2, "most were judged before anything was measured"


def _milliseconds_of_health(client: httpx.Client) -> float:
    start = time.perf_counter()
    for _ in range(ANSWERS):
        client.get(HEALTH).raise_for_status()
    return (time.perf_counter() - start) * 1000
