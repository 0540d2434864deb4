// A link of ours leads on within the open page: its address is taken on as by Back and Forward, and Streamlit,
// which follows those, asks for the page. Without this, or with a key held down, the browser does what it always does.
(() => {
  if (window.headwayFollows) return;
  window.headwayFollows = true;

  const PRESSED_BY_KEY = 0;
  // Below so many pixels Streamlit draws the sidebar over the page, and closes it for links of its own.
  const NARROW = 768;
  const CLOSE = '[data-testid="stSidebarCollapseButton"] button';
  const VERSION = document.currentScript?.dataset.version;

  // After an upgrade, an open page has the scripts and the style sheet of before: it is left for one with those of now.
  const isOutdated = () => {
    const version = document.querySelector("nav.places")?.dataset.version;
    return Boolean(VERSION && version && version !== VERSION);
  };

  // Where a link leads out of an engagement or into one, the sidebar is drawn anew: who got there by keyboard goes on from
  // the same link.
  let watch = null;
  const keepFocus = (href) => {
    watch?.disconnect();
    watch = new MutationObserver(() => {
      const drawn = [...document.querySelectorAll("nav.places a")].find((link) => link.href === href);
      if (!drawn || document.activeElement !== document.body) return;
      watch.disconnect();
      drawn.focus({ preventScroll: true });
    });
    watch.observe(document.querySelector('[data-testid="stSidebar"]'), { childList: true, subtree: true });
  };

  // Another page, which has another title, begins at its top; Back leads to where one was on the page before. What
  // stays on the page, such as a filter, leaves the place as it is.
  const scrolled = () => document.querySelector('[data-testid="stMain"]');
  const title = () => document.querySelector("h1")?.textContent;
  let drawing = null;
  const scrollOnceDrawn = (top) => {
    drawing?.disconnect();
    const before = title();
    drawing = new MutationObserver(() => {
      const main = scrolled();
      if (!main || !title() || title() === before || main.scrollHeight - main.clientHeight < top) return;
      drawing.disconnect();
      main.scrollTop = top;
    });
    drawing.observe(document.body, { childList: true, subtree: true, characterData: true });
  };
  // Who does something meanwhile has chosen their place.
  for (const act of ["pointerdown", "keydown", "wheel"]) {
    document.addEventListener(act, () => drawing?.disconnect(), { capture: true, passive: true });
  }
  addEventListener("popstate", (event) => {
    if (event.isTrusted) scrollOnceDrawn(event.state?.top ?? 0);
  }, true);

  // A double click is one step: Back leads to the page before it.
  const leadTo = (address) => {
    if (address !== location.href) {
      history.replaceState({ ...history.state, top: scrolled()?.scrollTop }, "");
      history.pushState(null, "", address);
      scrollOnceDrawn(0);
    }
    window.dispatchEvent(new PopStateEvent("popstate"));
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a.within[href]");
    if (!link || event.button || event.defaultPrevented || isOutdated()) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    // In a chart it is a link of SVG, whose `href` isn't a text.
    const address = new URL(link.getAttribute("href"), document.baseURI).href;
    if (event.detail === PRESSED_BY_KEY && link.closest("nav.places")) keepFocus(address);
    if (innerWidth < NARROW && link.closest("nav.places")) document.querySelector(CLOSE)?.click();
    leadTo(address);
  });

  // So does a form that asks for a page, such as a search.
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form.within");
    if (!form || event.defaultPrevented || isOutdated()) return;
    event.preventDefault();
    const address = new URL(form.action);
    address.search = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
    if (address.href !== location.href) leadTo(address.href);
  });
  // The cross in a field for searching empties it.
  document.addEventListener("search", ({ target }) => {
    if (!target.value && target.form?.matches("form.within")) target.form.requestSubmit();
  });
})();
