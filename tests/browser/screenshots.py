"""`python -m tests.browser.screenshots [PAGE ...] [--docs]`: pictures of the sample's pages in artefacts/screenshots.

Each page is taken light, dark and on a phone of 390 px. With --docs the six that README and guide show are renewed in
docs/screenshots; no other picture belongs in the tree.
"""

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests import databases
from tests.browser.chromium import PHONE, launch, visitor
from tests.browser.harness import load, screenshot
from tests.browser.sample_pages import PAGES, address, sample_server
from tests.browser.server import ROOT, Server
from tests.browser.signing_in import sign_in

DOCS = ROOT / "docs" / "screenshots"
IN_DOCS = ("overview", "portfolio", "plan", "metrics", "one-metric", "review")


def main() -> None:
    """Take the pictures of the pages that the command line names, of all where it names none."""
    given = _arguments()
    pages = list(IN_DOCS) if given.docs else given.pages or PAGES
    with ExitStack() as closing:
        databases.open_run()
        closing.callback(databases.close_run)
        folder = Path(closing.enter_context(tempfile.TemporaryDirectory(prefix="headway-pictures-")))
        server = closing.enter_context(sample_server(folder))
        browser = launch(closing.enter_context(sync_playwright()))
        closing.callback(browser.close)
        desktop = _signed_in(closing.enter_context(visitor(browser, server.url)), server)
        phone = _signed_in(closing.enter_context(visitor(browser, server.url, size=PHONE)), server)
        for name in pages:
            light = _take(desktop, phone, name)
            if given.docs:
                _put_in_docs(light)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.browser.screenshots", description=__doc__)
    parser.add_argument("pages", nargs="*", metavar="PAGE", help=f"some of {', '.join(PAGES)}")
    parser.add_argument("--docs", action="store_true", help="renew the six pictures in docs/screenshots")
    return parser.parse_args()


def _signed_in(page: Page, server: Server) -> Page:
    sign_in(page.context, server)
    return page


def _take(desktop: Page, phone: Page, name: str) -> Path:
    """Take the three pictures of a page; the path of the light one."""
    desktop.emulate_media(color_scheme="light")
    load(desktop, address(name))
    light = screenshot(desktop, name)
    paths = [light, screenshot(desktop, name, "dark")]
    load(phone, address(name))
    paths.append(screenshot(phone, name, width=PHONE[0]))
    print(*(path.relative_to(ROOT) for path in paths), sep="\n", flush=True)
    return light


def _put_in_docs(picture: Path) -> None:
    """Keep a picture in the tree, in 256 colours: a quarter of its size."""
    DOCS.mkdir(parents=True, exist_ok=True)
    path = DOCS / picture.name
    Image.open(picture).quantize(256).save(path, optimize=True)
    print(path.relative_to(ROOT), flush=True)


if __name__ == "__main__":
    main()
