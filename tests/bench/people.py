"""Many people at once: forty who think for three seconds between two clicks, and as many clicks as processes can serve.

The people are threads of this process with a websocket each, so that they and the database take processor time of the
same machine: on two cores a click looks slower than it is, and two processes don't reach twice the clicks of one. What a
click takes of the processor, of one and of two processes, says what they would serve with a core for each.
"""

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from statistics import quantiles

from models.people import operator
from services.plan import decisions
from tests.bench import Measured, Stage, bench
from tests.bench.clicker import Clicker, open_clicker
from tests.bench.queries import SLUG, an_overview
from tests.browser.server import PROGRAM, Server
from tests.page_client import open_page, sign_in

HOME = "http://headway.example.com"
PEOPLE, THINKING, SECONDS, WARMING = 40, 3.0, 40.0, 15.0
PAGES = ("overview", "plan", "metrics", "decisions", "interviews", "workflows")
P95, P95_AT_START, CPU = 500, 1_500, 45
"""Milliseconds that they may be: of a click, of one right after a start, and of processor time a click."""
CROWD, SATURATED = 8, 15.0
TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(stage: Stage, number: int = 1) -> Iterator[tuple[list[Server], str]]:
    """So many processes on the stage's database, and the cookies of the administrator."""
    with ExitStack() as opened:
        settings = {"DATABASE_URL": stage.url, "HEADWAY_URL": HOME}
        logs = [stage.folder / f"people {time.monotonic_ns()} {each}.log" for each in range(number)]
        servers = [opened.enter_context(Server(log, settings, PROGRAM)) for log in logs]
        # A newer link voids the one before it: that of the process which started last.
        yield servers, _cookies(servers[-1])


_signed_in: dict[str, str] = {}


def _cookies(server: Server) -> str:
    if server.environment["DATABASE_URL"] not in _signed_in:
        _signed_in[server.environment["DATABASE_URL"]] = sign_in(server, HOME)
    return _signed_in[server.environment["DATABASE_URL"]]


def click(page: Clicker, chance: Random) -> float:
    return page.run(f"engagement={SLUG}", page=chance.choice(PAGES))


def crowd(
    servers: list[Server], cookies: str, people: int, thinking: float, seconds: float, warming: float = 0
) -> list[float]:
    """Let people open a page and click, and return how long each click of the last `seconds` took, in milliseconds.

    They have clicked for `warming` seconds by then: to open forty pages at once is a start, not a day's work.
    """
    taken: list[float] = []
    counts_from = time.monotonic() + warming
    ends = counts_from + seconds

    def live(number: int) -> None:
        chance = Random(number)
        with open_clicker(servers[number % len(servers)].url, cookies, HOME) as page:
            time.sleep(chance.uniform(0, thinking))
            while time.monotonic() < ends:
                began, milliseconds = time.monotonic(), click(page, chance)
                if began >= counts_from:
                    taken.append(milliseconds)
                time.sleep(thinking * chance.uniform(0.5, 1.5))

    with ThreadPoolExecutor(people) as pool:
        for each in [pool.submit(live, number) for number in range(people)]:
            each.result()
    return taken


def p95(milliseconds: list[float]) -> float:
    return quantiles(milliseconds, n=20)[-1]


def cpu_milliseconds(server: Server) -> float:
    """The processor time that a server has taken, by Linux's own account."""
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS * 1000


@bench("p95 of a click among 40 people", limit=1.0, fill=an_overview)
def active_people(stage: Stage) -> Measured:
    """warm, with 3 s of thought, against the 0.5 s that it may take"""
    with serving(stage) as (servers, cookies):
        return Measured(p95(crowd(servers, cookies, PEOPLE, THINKING, SECONDS, WARMING)), P95)


@bench("p95 of a click of 40 people after a start", limit=1.0, fill=an_overview)
def after_a_start(stage: Stage) -> Measured:
    """from the first second on, against the 1.5 s that it may take"""
    with serving(stage) as (servers, cookies):
        return Measured(p95(crowd(servers, cookies, PEOPLE, THINKING, SECONDS)), P95_AT_START)


@bench("processor time of a click", limit=1.0, fill=an_overview)
def processor_time(stage: Stage) -> Measured:
    """one person after the other, against the 45 ms that it may take"""
    with serving(stage) as (servers, cookies), open_page(servers[0].url, cookies, HOME) as page:
        for _ in range(3):
            for name in PAGES:
                page.run(f"engagement={SLUG}", page=name)
        before, clicks = cpu_milliseconds(servers[0]), 60
        for number in range(clicks):
            page.run(f"engagement={SLUG}", page=PAGES[number % len(PAGES)])
        return Measured((cpu_milliseconds(servers[0]) - before) / clicks, CPU)


@bench("p95 among 40 people while one saves", limit=1.5, fill=an_overview)
def while_one_saves(stage: Stage) -> Measured:
    """every 5 s, against the 0.5 s that it may take without"""
    with serving(stage) as (servers, cookies):
        done = threading.Event()

        def save() -> None:
            while not done.wait(5):
                now = datetime.now(UTC)
                given = {"title": "Decide", "owner": "Dana", "needed_by": now.date()}
                decisions.request_decision(operator(now), SLUG, **given)

        saving = threading.Thread(target=save)
        saving.start()
        busy = p95(crowd(servers, cookies, PEOPLE, THINKING, SECONDS, WARMING))
        done.set()
        saving.join()
    return Measured(busy, P95)


@bench("clicks of two processes", limit=1 / 1.8, fill=an_overview, kinds=("postgres",))
def two_processes(stage: Stage) -> Measured:
    """milliseconds a click of a crowd without a pause, against one process: 0.56 is 1.8 times the clicks"""
    two, one = _saturated(stage)
    return Measured(two.milliseconds, one.milliseconds)


@bench("processor time of a click of two processes", limit=1.1, fill=an_overview, kinds=("postgres",))
def processor_time_of_two(stage: Stage) -> Measured:
    """of a crowd without a pause, against one process: with a core for each, 1.1 is 1.8 times the clicks"""
    two, one = _saturated(stage)
    return Measured(two.cpu, one.cpu)


@dataclass(frozen=True)
class _Saturated:
    """A click of a crowd without a pause: milliseconds between two, and milliseconds of the processes' processor time."""

    milliseconds: float
    cpu: float


def _saturated(stage: Stage) -> tuple[_Saturated, _Saturated]:
    """Return what a click takes with two processes, and with one of them."""
    with serving(stage, 2) as (servers, cookies):
        for chosen in (servers, servers[:1]):
            crowd(chosen, cookies, CROWD, 0, SATURATED / 3)
        two, one = (_clicks_of(chosen, cookies) for chosen in (servers, servers[:1]))
    return two, one


def _clicks_of(servers: list[Server], cookies: str) -> _Saturated:
    before = sum(map(cpu_milliseconds, servers))
    clicks = len(crowd(servers, cookies, CROWD, 0, SATURATED))
    cpu = sum(map(cpu_milliseconds, servers)) - before
    return _Saturated(SATURATED * 1000 / clicks, cpu / clicks)
