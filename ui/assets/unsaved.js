// What was typed in a form or a dialog and isn't saved is lost when the page is left: the browser asks first, at a reload,
// at closing the tab, at a link to another page and at Back. A dialog closes with the address that it was opened on.
(() => {
  if (window.headwayUnsaved) return;
  window.headwayUnsaved = true;

  const HOLDER = '[data-testid="stForm"], [role="dialog"]';
  const GRID = '[data-testid="stDataFrame"]';
  const CELL_EDITOR = "#portal"; // a grid edits a cell outside of itself
  const SUBMIT = '[data-testid="stFormSubmitButton"] button';
  const QUESTION = "What you typed here isn't saved yet. Leave this page without it?";

  const edited = new Map(); // the forms and dialogs with something typed, and the page that they were on
  let grid = null; // the grid that had the focus last
  const note = (element) => {
    const holder = element?.closest?.(HOLDER);
    if (holder) edited.set(holder, location.pathname);
  };
  // A form that was saved, and a dialog that was closed, holds nothing any more.
  const isUnsaved = () => [...edited].some(([holder, page]) => holder.isConnected && page === location.pathname);

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
    if (form) edited.delete(form);
    const link = event.target.closest("a.within");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || link.pathname === location.pathname) return;
    if (isUnsaved() && !confirm(QUESTION)) {
      event.preventDefault();
      event.stopPropagation();
    }
  }, true);
})();
