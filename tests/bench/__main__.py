"""`python -m tests.bench [WORD ...] [--runs N] [--on sqlite|postgres]`: prints each line's ratio beside its limit.

A line over its limit is marked, and that is all: how fast a machine is fails no build. Exit code 1 means that a
line could not be measured.
"""

import argparse
import importlib
import pkgutil
import sys
import traceback
from contextlib import ExitStack
from functools import cache
from itertools import groupby

from playwright.sync_api import Browser, sync_playwright

import tests.bench
from tests import databases
from tests.bench import false_claims
from tests.bench.lines import KINDS, LINES, Line
from tests.bench.stage import Stage
from tests.bench.timing import RUNS
from tests.browser.chromium import launch

FRAME = {"__main__", "blank", "blank_page", "clicker", "lines", "stage", "timing"}
FORM = "{:<44} | {:<62} | {:>6} | {:>6} | {}"


def main() -> int:
    given = _arguments()
    for module in pkgutil.iter_modules(tests.bench.__path__):
        if module.name not in FRAME and not module.name.startswith("test_"):
            importlib.import_module(f"tests.bench.{module.name}")
    chosen = [line for line in LINES if not given.words or any(word in line.name for word in given.words)]
    print(FORM.format("name", "what", "ratio", "limit", "ok"), flush=True)
    with ExitStack() as closing:
        databases.open_run()
        closing.callback(databases.close_run)
        chromium = _chromium_on_demand(closing)
        failed = [_measure_all(kind, chosen, given.runs, chromium) for kind in given.on or KINDS]
    if not given.words or "false claims" in given.words:
        print("\nfalse claims and power of the verdict", *false_claims.report(), sep="\n", flush=True)
    return 1 if any(failed) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "words", nargs="*", metavar="WORD", help="only lines whose name has one of these words"
    )
    parser.add_argument(
        "--runs", type=int, default=RUNS, help="how often each side runs (default %(default)s)"
    )
    parser.add_argument("--on", action="append", choices=KINDS, help="only this kind of database")
    return parser.parse_args()


def _chromium_on_demand(closing: ExitStack):
    @cache
    def chromium() -> Browser:
        playwright = closing.enter_context(sync_playwright())
        browser = launch(playwright)
        closing.callback(browser.close)
        return browser

    return chromium


def _measure_all(kind: str, lines: list[Line], runs: int, chromium) -> int:
    """Measure the lines that `kind` is for, those with the same filling on one stage; how many failed."""
    failed = 0
    mine = sorted((line for line in lines if kind in line.kinds), key=lambda line: line.fill.__qualname__)
    for fill, group in groupby(mine, key=lambda line: line.fill):
        with Stage(kind, fill, chromium, runs) as stage, stage.as_database_url():
            failed += sum(not _measure(line, stage) for line in group)
    return failed


def _measure(line: Line, stage: Stage) -> bool:
    """Measure and print one line; False when it could not be measured."""
    name = f"{line.name} [{stage.kind}]"
    try:
        measured = line.measure(stage)
    except Exception:
        print(FORM.format(name, line.what, "-", f"{line.limit:.2f}", "failed"), flush=True)
        traceback.print_exc()
        return False
    what = f"{line.what}: {measured.ours:.4g} against {measured.theirs:.4g} {measured.unit}"
    verdict = "ok" if measured.ratio <= line.limit else "over"
    print(FORM.format(name, what, f"{measured.ratio:.2f}", f"{line.limit:.2f}", verdict), flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
