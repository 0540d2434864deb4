"""Turns: one at a time, each who waits gets one, and who is slow or fails holds up nobody."""

import threading

import pytest

from ui.turns import Turns

LONG = 60.0
SECONDS = 20.0


def test_no_two_have_a_turn_at_once_and_everybody_gets_one():
    turns, inside, most, had = Turns(LONG), [0], [0], []

    def draw(number: int) -> None:
        for _ in range(25):
            with turns.turn():
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                had.append(number)
                inside[0] -= 1

    threads = [threading.Thread(target=draw, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    assert most == [1]
    assert sorted(had) == sorted(number for number in range(12) for _ in range(25))


def test_who_takes_too_long_is_passed_once_and_takes_nobodys_turn_away_when_it_ends():
    turns, order = Turns(0.05), []
    slow_began, slow_may_end, next_began, next_may_end = (threading.Event() for _ in range(4))

    def draw(name: str, began: threading.Event, may_end: threading.Event) -> None:
        with turns.turn():
            order.append(name)
            began.set()
            may_end.wait(SECONDS)

    slow = threading.Thread(target=draw, args=("slow", slow_began, slow_may_end))
    slow.start()
    slow_began.wait(SECONDS)
    following = threading.Thread(target=draw, args=("next", next_began, next_may_end))
    following.start()
    assert next_began.wait(SECONDS)
    slow_may_end.set()
    slow.join(SECONDS)
    assert turns._holder is not None, "the slow one has ended the turn of the next"
    next_may_end.set()
    following.join(SECONDS)
    assert turns._holder is None
    assert order == ["slow", "next"]


def test_a_turn_ends_with_an_exception():
    turns = Turns(LONG)
    with pytest.raises(ZeroDivisionError), turns.turn():
        _ = 1 / 0
    with turns.turn():
        pass
