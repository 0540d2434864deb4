"""axe-core, and what of its findings is Streamlit's own and so not ours to mend."""

from pathlib import Path

import yaml
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from tests.browser.harness import whole_page_in_view

ALLOWED = yaml.safe_load(Path(__file__).with_name("streamlits_own.yaml").read_text())

RUN_AXE = """
(rules) => axe.run(document, {resultTypes: ['violations'], ...(rules && {runOnly: rules})})
  .then((report) => report.violations)
"""
_MATCHES = """
([target, selector]) => { const e = document.querySelector(target); return e !== null && e.matches(selector); }
"""


COLOURS = ("color-contrast",)
"""The rules that the other theme of a page can break once the page itself is sound: only its colours differ."""


def axe(page: Page, *rules: str) -> None:
    """Nothing on the page, also below the fold, breaks a rule of axe-core, but what is listed as Streamlit's own.

    With `rules` only those are asked.
    """
    # A toast is Streamlit's own, has no name, and passes.
    expect(page.get_by_test_id("stToast")).to_have_count(0)
    ours = [finding for finding in findings(page, *rules) if not finding["allowed"]]
    assert not ours, f"axe-core on {page.url}:\n" + "\n".join(
        f"- {finding['rule']}: {finding['help']}\n  at {finding['target']}\n  {finding['html']}"
        for finding in ours
    )


def findings(page: Page, *rules: str) -> list[dict]:
    """Each finding of axe-core: `rule`, `help`, `target` (a CSS selector), `html`, and the entry that allows it."""
    with whole_page_in_view(page):
        if page.evaluate("window.axe === undefined"):
            page.evaluate(f"{AXE_SCRIPT};null")
        return [
            {
                "rule": violation["id"],
                "help": violation["help"],
                "target": node["target"][-1],
                "html": node["html"][:300],
                "allowed": _allowance(page, violation["id"], node["target"][-1]),
            }
            for violation in page.evaluate(RUN_AXE, list(rules) or None)
            for node in violation["nodes"]
        ]


def _allowance(page: Page, rule: str, target: str) -> dict | None:
    for entry in ALLOWED:
        if entry["rule"] == rule and page.evaluate(_MATCHES, [target, entry["selector"]]):
            return entry
    return None
