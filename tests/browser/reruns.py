"""When a Streamlit page is settled, and how long it took, told by the page itself."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Error, Page

_QUIET = '[data-testid="stApp"][data-test-script-state="notRunning"][data-test-connection-state="CONNECTED"]'
_UNREST = '[data-stale="true"], [data-testid="stSkeleton"], [data-testid="stAppSkeleton"]'
SETTLED = f"html:has({_QUIET}):not(:has({_UNREST}))"
MAIN, DRAWN_LAST = '[data-testid="stMain"]', ".st-key-hw-explored"
DRAWN = (
    "[...document.querySelectorAll('[data-testid=stVegaLiteChart]')]"
    ".every((e) => e.querySelector('svg, canvas') || !e.checkVisibility())"
)
# Whether a run finishes after so many, within so many milliseconds. The page looks itself: asking it again and again
# from here takes longer than most runs. A page that is loaded anew counts anew.
_FINISHES = """
([before, patience]) => new Promise((done) => {
  const ends = performance.now() + patience;
  const look = () => {
    if (window.headwayReruns.finished !== before) done(true);
    else if (performance.now() > ends) done(false);
    else setTimeout(look, 10);
  };
  look();
})
"""
_LEFT = ("context was destroyed", "because of a navigation")
PAUSE_MS = 100
TIMEOUT_MS = 20_000

# Keeps window.headwayReruns: how many runs of the script the server has reported as finished, when the page last came
# to rest with its charts drawn, when anything was last added to it besides a chart that is drawn last (its words), and
# when somebody last pressed something, all in ms since the navigation.
#
# The page's attributes alone would miss a short run: React draws its start and end as one, and nothing ever looks
# unsettled. So the script reads the server's messages, as far as to see which of them says "script finished":
# in Streamlit's protobuf ForwardMsg that is field 6, a number.
COUNT_RERUNS = f"""
(() => {{
  const SCRIPT_FINISHED = 6, NUMBER = 0, LENGTH = 2;
  const reruns = window.headwayReruns = {{finished: 0, settledAt: 0, wordsAt: 0, actedAt: 0}};
  let settled = false;
  const look = (justFinished) => {{
    const now = document.querySelector({SETTLED!r}) !== null && {DRAWN};
    if (now && (!settled || justFinished)) reruns.settledAt = performance.now();
    settled = now;
  }};
  const saysFinished = (bytes) => {{
    let at = 0;
    const number = () => {{
      let value = 0, factor = 1, byte;
      do {{ byte = bytes[at++]; value += (byte & 127) * factor; factor *= 128; }} while (byte & 128);
      return value;
    }};
    while (at < bytes.length) {{
      const tag = number(), kind = tag & 7;
      if (tag >> 3 === SCRIPT_FINISHED) return true;
      if (kind === NUMBER) number(); else if (kind === LENGTH) {{ const length = number(); at += length; }}
      else return false;
    }}
    return false;
  }};
  window.WebSocket = class extends WebSocket {{
    constructor(...given) {{
      super(...given);
      this.addEventListener("message", ({{data}}) => {{
        if (!(data instanceof ArrayBuffer) || !saysFinished(new Uint8Array(data))) return;
        reruns.finished += 1;
        requestAnimationFrame(() => setTimeout(look, 0, true));
      }});
    }}
  }};
  const words = ({{target, addedNodes}}) =>
    addedNodes.length && target instanceof Element && target.closest({MAIN!r}) && !target.closest({DRAWN_LAST!r});
  new MutationObserver((changes) => {{
    if (changes.some(words)) reruns.wordsAt = performance.now();
    look(false);
  }}).observe(document, {{
    subtree: true, childList: true, attributes: true,
    attributeFilter: ["data-stale", "data-test-script-state", "data-test-connection-state", "data-testid"],
  }});
  for (const kind of ["pointerdown", "keydown"])
    window.addEventListener(kind, () => {{ reruns.actedAt = performance.now(); }}, true);
}})();
"""


def wait_until_settled(page: Page, timeout_ms: float = TIMEOUT_MS) -> None:
    """Wait until the script has run and nothing on the page is stale or a skeleton; twice, with a pause between."""
    page.locator(SETTLED).wait_for(state="attached", timeout=timeout_ms)
    page.wait_for_timeout(PAUSE_MS)
    page.locator(SETTLED).wait_for(state="attached", timeout=timeout_ms)


@contextmanager
def rerun(page: Page, timeout_ms: float = TIMEOUT_MS) -> Iterator[None]:
    """Do inside what makes Streamlit run the script, a page's or a fragment's; afterwards that run is over."""
    before = _finished(page)
    yield
    try:
        assert page.evaluate(_FINISHES, [before, timeout_ms]), "no script ran"
    except Error as left:
        if not any(part in left.message for part in _LEFT):
            raise
    wait_until_settled(page, timeout_ms)


def milliseconds_to_settle(page: Page) -> float:
    """From the start of the navigation to the last time the page came to rest, its charts drawn."""
    page.wait_for_function(DRAWN, timeout=TIMEOUT_MS)
    return page.evaluate("window.headwayReruns.settledAt")


def milliseconds_to_words(page: Page) -> float:
    """Return the milliseconds from the start of the navigation until the page had all but the chart it draws last."""
    return float(page.evaluate("window.headwayReruns.wordsAt"))


def milliseconds_since_action(page: Page) -> float:
    """From the last click or key press to the last time the page came to rest."""
    return page.evaluate("window.headwayReruns.settledAt - window.headwayReruns.actedAt")


def _finished(page: Page) -> int:
    return page.evaluate("window.headwayReruns.finished")
