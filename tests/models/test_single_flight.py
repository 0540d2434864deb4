"""Making a thing once while others wait."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from models.single_flight import SingleFlight


def test_it_is_made_once_while_others_wait():
    flights, made, all_there = SingleFlight(), [], threading.Barrier(8)

    def make() -> int:
        time.sleep(0.3)
        made.append(1)
        return len(made)

    def ask(_: int) -> int:
        all_there.wait()
        return flights.run("state", make)

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, range(8))) == [1] * 8


def test_where_one_fails_the_next_tries_for_itself():
    flights, begun = SingleFlight(), threading.Event()

    def fail() -> int:
        begun.set()
        time.sleep(0.2)
        raise KeyError("no")

    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(flights.run, "state", fail)
        begun.wait()
        assert flights.run("state", lambda: 2) == 2
        with pytest.raises(KeyError):
            first.result()


def test_other_keys_do_not_wait():
    flights = SingleFlight()
    assert flights.run("outer", lambda: flights.run("inner", lambda: 3)) == 3
