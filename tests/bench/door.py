"""What guessing passwords costs everybody else."""

import threading
import time

import httpx

from models.database import engine
from models.sessions import SignInFailure
from tests.bench.lines import bench
from tests.bench.stage import Stage
from tests.bench.timing import Measured, interleaved
from tests.browser.server import HEALTH, Server

GUESSES = 60
ANSWERS = 50


@bench("health while 60 wrong passwords arrive at once", limit=10)
def health_under_guessing(stage: Stage) -> Measured:
    """50 answers of the health route, against the same of an idle program"""
    with Server(stage.folder / "guessed.log", {"DATABASE_URL": stage.url}) as server:

        def idle() -> float:
            return _milliseconds_of_health(server)

        def guessed() -> float:
            # Of an address that failed too often nothing is looked at, which would cost nothing.
            with engine().begin() as connection:
                connection.execute(SignInFailure.__table__.delete())
            answered: list[int] = []
            guesses = [
                threading.Thread(target=_guess, args=(server, number, answered), daemon=True)
                for number in range(GUESSES)
            ]
            for guess in guesses:
                guess.start()
            taken = _milliseconds_of_health(server)
            for guess in guesses:
                guess.join()
            assert answered == [401] * GUESSES
            return taken

        return interleaved(guessed, idle, stage.runs)


def _guess(server: Server, number: int, answered: list[int]) -> None:
    """One wrong password, each for another account."""
    given = {"email": f"{time.time_ns()}-{number}@example.org", "password": "wrong"}
    headers = {"origin": server.url}
    answer = httpx.post(f"{server.url}/session/sign-in", data=given, headers=headers, timeout=60)
    answered.append(answer.status_code)


def _milliseconds_of_health(server: Server) -> float:
    with httpx.Client(base_url=server.url) as client:
        start = time.perf_counter()
        for _ in range(ANSWERS):
            client.get(HEALTH).raise_for_status()
        return (time.perf_counter() - start) * 1000
