// Ctrl+K (or Cmd+K) leads to the search: to the field in the sidebar, or where that is closed, to the page. There the
// arrows go through what was found, and Enter opens it as it opens any link.
(() => {
  if (window.headwaySearches) return;
  window.headwaySearches = true;

  const PATH = "/search";
  const IN_SIDEBAR = 'nav.places input[type="search"]';
  const MAIN = '[data-testid="stMain"]';
  const FIELD = `${MAIN} [data-testid="stTextInput"] input`;
  const MATCHES = `${MAIN} .hw-row a.within`;
  const RUNNING = '[data-testid="stApp"]:not([data-test-script-state="notRunning"])';

  const isShown = (element) => element && element.getBoundingClientRect().right > 0 && element.offsetParent !== null;
  const matches = () => [...document.querySelectorAll(MATCHES)];

  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const field = [IN_SIDEBAR, FIELD].map((each) => document.querySelector(each)).find(isShown);
    if (field && (field.matches(IN_SIDEBAR) || location.pathname === PATH)) {
      field.focus();
      field.select();
    } else {
      const slug = new URLSearchParams(location.search).get("engagement");
      location.assign(slug ? `${PATH}?engagement=${encodeURIComponent(slug)}` : PATH);
    }
  });

  document.addEventListener("keydown", (event) => {
    if (location.pathname !== PATH || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
    const links = matches();
    const at = links.indexOf(document.activeElement);
    const field = document.activeElement.matches(`${FIELD}, ${IN_SIDEBAR}`);
    if (!links.length || (at < 0 && !(field && event.key === "ArrowDown"))) return;
    event.preventDefault();
    const next = links[at + (event.key === "ArrowDown" ? 1 : -1)];
    (next ?? (at === 0 ? document.querySelector(FIELD) : null))?.focus();
  });

  // Who came here by the field of the sidebar, which loads the page, goes on from the first match; without one, from
  // the page's own field.
  if (location.pathname !== PATH) return;
  const watch = new MutationObserver(() => {
    const first = document.querySelector(RUNNING) ? null : (matches()[0] ?? document.querySelector(FIELD));
    if (!first) return;
    watch.disconnect();
    if (document.activeElement === document.body) first.focus();
  });
  watch.observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-test-script-state"] });
})();
