"""Search over ten thousand engagements: a name that is there, two that are nowhere, and letters of many names."""

from datetime import UTC, datetime
from time import perf_counter

from models.people import Actor
from services.people.accounts import first_administrator
from store.search import search
from tests.bench import Measured, Stage, bench
from tests.bench.pages import ten_thousand
from tests.bench.timing import interleaved

LIMIT_MS = 100.0
TEXTS = ("Birch", "nowhere to be found", "en", "Женева")


@bench("search in 10,000 engagements", limit=1.0, fill=ten_thousand)
def search_in_ten_thousand(stage: Stage) -> Measured:
    """against the 100 ms that a person may wait, for the slowest of four texts"""
    now = datetime.now(UTC)
    actor = Actor("Bench", now, "bench", first_administrator(now)[0])

    def slowest() -> float:
        return max(_milliseconds(actor, text) for text in TEXTS)

    return interleaved(slowest, lambda: LIMIT_MS)


def _milliseconds(actor: Actor, text: str) -> float:
    start = perf_counter()
    search(actor, text)
    return (perf_counter() - start) * 1000
