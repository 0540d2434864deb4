// Who works by keyboard keeps their place. Where the element that has the focus is drawn anew, closed or removed, the
// browser gives the focus to nobody, and the next Tab begins at the top of the page.
(() => {
  if (window.headwayFocus) return;
  window.headwayFocus = true;

  const DIALOG = '[role="dialog"]';
  const MAIN = '[data-testid="stMain"]';
  const FOCUSABLE = `${MAIN} :is(a[href], button, summary, input, textarea)`;
  // Streamlit takes away what a run no longer draws a moment after that run; a busy browser draws the rest later still.
  const SETTLE_MS = 150;

  const nameOf = (element) => element.getAttribute("aria-label") || element.innerText || "";

  let byKeyboard = false;
  let last = null; // what had the focus last, outside of dialogs: its tag, its name and the page
  let inDialog = false;

  document.addEventListener("keydown", () => { byKeyboard = true; }, true);
  document.addEventListener("pointerdown", () => { byKeyboard = false; }, true);
  document.addEventListener("focusin", ({ target }) => {
    inDialog = target.closest(DIALOG) !== null;
    if (!inDialog) last = { element: target, tag: target.tagName, name: nameOf(target), page: location.pathname };
  }, true);

  const restore = () => {
    const lost = byKeyboard && last && document.activeElement === document.body && !document.querySelector(DIALOG);
    if (!lost || (last.element.isConnected && !inDialog)) return;
    const same = last.element.isConnected ? last.element : last.page === location.pathname && last.name
      && [...document.querySelectorAll(FOCUSABLE)].find((e) => e.tagName === last.tag && nameOf(e) === last.name);
    (same || document.querySelector(MAIN))?.focus({ preventScroll: !same });
  };

  let isWaiting = false;
  const restoreSoon = () => {
    isWaiting = true;
    setTimeout(() => { isWaiting = false; restore(); }, SETTLE_MS);
  };
  new MutationObserver((changes) => {
    const ran = changes.some(({ type }) => type === "attributes");
    const isLost = last && !last.element.isConnected && document.activeElement === document.body;
    if (ran || (isLost && !isWaiting)) restoreSoon();
  }).observe(document.body, {
    subtree: true, childList: true, attributes: true, attributeFilter: ["data-test-script-state"],
  });
})();
