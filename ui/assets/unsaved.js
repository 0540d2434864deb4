// What was typed in a form or a dialog and isn't saved is lost when the page is left: the browser asks first, at a reload,
// at closing the tab and at a link to another page.
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
