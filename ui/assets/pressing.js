// The second tap of a double tap is none: a button of a form or a dialog that was pressed takes no more until the page has been
// drawn. On a slow device the second tap reached a dialog that the first was closing: the dashboard drew what belonged into
// the dialog elsewhere ("'setIn' cannot be called on an ElementNode"), and the whole page went white.
(() => {
  if (window.headwayPressing) return;
  window.headwayPressing = true;

  const BUTTON = '[data-testid="stFormSubmitButton"] button, [role="dialog"] [data-testid="stButton"] button';
  const AT_REST = '[data-testid="stApp"][data-test-script-state="notRunning"]';
  const RUN_BEGINS_MS = 400;

  let pressed = null;
  let pressedAt = 0;
  window.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest(BUTTON);
    if (!button) return;
    const isAgain = button === pressed && (Date.now() - pressedAt < RUN_BEGINS_MS || !document.querySelector(AT_REST));
    if (isAgain) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    pressed = button;
    pressedAt = Date.now();
  }, true);
})();
