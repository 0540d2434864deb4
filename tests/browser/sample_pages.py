"""The pages of the sample portfolio, for the test of every page and for the pictures of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import databases
from tests.browser.server import Server
from ui.navigation import PAGES_BY_KEY

SLUG = "larkspur-lending"
PAGES = [*PAGES_BY_KEY, "one-metric", "one-system", "matrix", "graph"]
ADDRESSES = {
    "one-metric": f"/metrics?engagement={SLUG}&metric=decision-time",
    "one-system": f"/inventory?engagement={SLUG}&system=1",
    "matrix": f"/inventory?engagement={SLUG}&view=Matrix",
    "graph": f"/inventory?engagement={SLUG}&view=Graph",
}


def address(name: str) -> str:
    """Return where the page of that name in `PAGES` is."""
    return ADDRESSES.get(name) or f"/{name}" + (
        f"?engagement={SLUG}" if PAGES_BY_KEY[name].of_engagement else ""
    )


@contextmanager
def sample_server(folder: Path) -> Iterator[Server]:
    """Headway with the sample portfolio, on a database of its own in `folder`."""
    with databases.sample_database(folder) as url, Server(folder / "log", {"DATABASE_URL": url}) as server:
        yield server
