"""Collecting garbage now and then: seldom, and nothing stays for ever."""

import gc
import time
import tomllib
import weakref
from pathlib import Path

import pytest

from services.core import garbage

ROOT = Path(__file__).parents[3]


class Node:
    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def as_python_collects_by_itself():
    """Nothing collected yet, and Python's own thresholds instead of those that a run of tests has (tests/conftest.py)."""
    thresholds = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    gc.collect()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def test_what_was_frozen_and_died_is_freed_by_the_next_round():
    node = Node()
    gone = weakref.ref(node)
    garbage.collect()
    del node
    gc.collect()
    assert gone() is not None  # frozen: Python's own collector doesn't look at it
    garbage.collect()
    assert gone() is None


def test_it_runs_in_a_thread_of_its_own_until_it_is_stopped():
    node = Node()
    gone = weakref.ref(node)
    del node
    stop = garbage.start_collecting(0.05)
    for _ in range(200):
        if gone() is None:
            break
        time.sleep(0.05)
        [[] for _ in range(5000)]
    stop.set()
    assert gone() is None


def test_the_dashboard_does_not_collect_after_each_rerun():
    config = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())
    assert config["runner"]["postScriptGC"] is False
