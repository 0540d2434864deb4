// What was typed in a form or a dialog and isn't saved is lost when the page is left: the browser asks first, at a reload,
// at closing the tab, at a link to another page and at Back. A dialog closes with the address that it was opened on.
(() => {
  if (window.headwayUnsaved) return;
  const HOLDER = '[data-testid="stForm"], [role="dialog"]';
  const GRID = '[data-testid="stDataFrame"]';
  const CELL_EDITOR = "#portal"; // a grid edits a cell outside of itself
  const SUBMIT = '[data-testid="stFormSubmitButton"] button';
  const FIELD = 'textarea, input:is([type="text"], [type="number"], [type="email"], [type="url"]):not([role="combobox"])';
  const QUESTION = "What you typed here isn't saved yet. Leave this page without it?";

  const edited = new Map(); // the forms and dialogs with something typed, and the page that they were on
  const typed = new Map(); // their fields and grids in which it was typed; a field's label and text
  let sent = null; // the form that was submitted, until the page has been drawn after it
  let grid = null; // the grid that had the focus last
  const note = (element) => {
    const holder = element?.closest?.(HOLDER);
    if (!holder) return;
    edited.set(holder, location.pathname);
    if (element.closest(GRID)) typed.set(element.closest(GRID), { holder });
    else if (element.matches(FIELD)) typed.set(element, { holder, text: [labelOf(element), element.value] });
  };
  const labelOf = (field) => field.getAttribute("aria-label") || field.labels?.[0]?.innerText || "Text";
  // A form that was saved, and a dialog that was closed, holds nothing any more.
  const isOpen = (holder) => holder.isConnected && edited.get(holder) === location.pathname;
  const isUnsaved = () => sent !== null || [...edited.keys()].some(isOpen);

  // A grid is a picture; the rows in view are also a table, for screen readers.
  const rowsOf = (grid) => {
    const rows = [...grid.querySelectorAll('table[role="grid"] tr')].map((row) => (
      [...row.querySelectorAll('[role="columnheader"], [role="gridcell"]')].map((cell) => cell.textContent.trim())));
    return rows.filter((cells) => cells.some(Boolean)).map((cells) => cells.join("\t")).join("\n");
  };
  // What was typed and isn't saved, each text with its label.
  const texts = () => [...typed].filter(([, { holder }]) => holder === sent || isOpen(holder))
    .map(([part, { text }]) => text ?? ["Table", rowsOf(part)]).filter(([, text]) => text.trim());
  window.headwayUnsaved = { isUnsaved, isSent: () => sent !== null, texts };
  // Where the connection was lost meanwhile, nobody knows whether it was saved.
  const isConnected = () => document.querySelector('[data-testid="stApp"][data-test-connection-state="CONNECTED"]') !== null;
  new MutationObserver(() => { if (!isRunning() && isConnected()) sent = null; }).observe(document.body, {
    subtree: true, attributes: true, attributeFilter: ["data-test-script-state"],
  });

  const isSamePage = (url) => {
    const { pathname, search } = new URL(url);
    return pathname === location.pathname && search === location.search;
  };
  const dialogs = () => [...document.querySelectorAll('[role="dialog"]')];
  const titleOf = (dialog) => dialog.querySelector("h1, h2, header")?.textContent;
  const close = (dialog) => dialog?.querySelector('button[aria-label="Close"]')?.click();
  const isRunning = () => !document.querySelector('[data-testid="stApp"][data-test-script-state="notRunning"]');
  const RUN_BEGINS_MS = 400;
  // What the new address opens has another title, or takes the place of what was open.
  const closeLeftBehind = () => {
    const before = dialogs().map((dialog) => [dialog, titleOf(dialog)]);
    const look = () => {
      if (isRunning()) setTimeout(look, 100);
      else for (const [dialog, title] of before) if (dialog.isConnected && titleOf(dialog) === title) close(dialog);
    };
    if (before.length) setTimeout(look, RUN_BEGINS_MS);
  };
  // Back and Forward. Streamlit hears of them by `popstate`, where they can't be called off any more.
  window.navigation?.addEventListener("navigate", (event) => {
    const { url, sameDocument } = event.destination;
    if (event.navigationType !== "traverse" || !sameDocument || isSamePage(url)) return;
    if (event.cancelable && isUnsaved() && !confirm(QUESTION)) {
      event.preventDefault();
      return;
    }
    edited.clear();
    closeLeftBehind();
  });
  // The browser's own question takes the focus out of the dialog, which then doesn't hear Escape.
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape" && document.activeElement === document.body) close(dialogs().at(-1));
  }, true);

  document.addEventListener("focusin", ({ target }) => { grid = target.closest(GRID) || grid; }, true);
  document.addEventListener("input", ({ target }) => note(target.closest(CELL_EDITOR) ? grid : target), true);
  document.addEventListener("paste", () => {
    if (document.activeElement?.closest(GRID)) note(document.activeElement);
  }, true);
  window.addEventListener("beforeunload", (event) => { if (isUnsaved()) event.preventDefault(); });
  document.addEventListener("click", (event) => {
    const form = event.target.closest(SUBMIT)?.closest(HOLDER);
    if (form && edited.delete(form)) sent = form;
    const link = event.target.closest("a.within");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || link.pathname === location.pathname) return;
    if (isUnsaved() && !confirm(QUESTION)) {
      event.preventDefault();
      event.stopPropagation();
    }
  }, true);
})();
