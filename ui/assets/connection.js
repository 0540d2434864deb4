// A page whose server doesn't answer says so in our words. The dashboard's own dialog, which is for its developers, is closed
// as it opens: nobody sees it.
(() => {
  if (window.headwayConnection) return;
  window.headwayConnection = true;

  const LOST_AFTER_MS = 1_000; // a short interruption isn't worth a word
  const STATE = "data-test-connection-state";
  const APP = `[data-testid="stApp"][${STATE}]`;
  const TITLE = "Connection error";
  const ofWhatWasTyped = ({ isSent, isUnsaved }) => {
    if (isSent()) return " What you typed is still on this page, and may not be saved yet.";
    return isUnsaved() ? " What you typed is still on this page, and isn't saved yet." : "";
  };
  const text = () => `The connection to Headway is lost.${ofWhatWasTyped(window.headwayUnsaved)} `
    + "The page connects again by itself.";

  const closeTheirs = () => {
    const theirs = [...document.querySelectorAll('[role="dialog"]')]
      .find((dialog) => dialog.querySelector("h2")?.textContent === TITLE);
    theirs?.querySelector('button[aria-label="Close"]')?.click();
    return theirs !== undefined;
  };

  let banner = null;
  const show = () => {
    if (banner || document.querySelector("dialog.hw-notice")) return;
    banner = document.createElement("div");
    // The dashboard's dialogs hide what is beside them from screen readers, but for what has this attribute.
    for (const [name, value] of [["role", "alert"], ["popover", "manual"], ["data-react-aria-top-layer", "true"]])
      banner.setAttribute(name, value);
    banner.className = "hw-lost";
    banner.textContent = text();
    document.body.append(banner);
    banner.showPopover();
  };

  let wasConnected = false;
  let timer = null;
  const look = () => {
    const state = document.querySelector(APP)?.getAttribute(STATE);
    if (state === "CONNECTED") {
      wasConnected = true;
      clearTimeout(timer);
      banner?.remove();
      timer = banner = null;
    } else if (state && closeTheirs()) show();
    else if (state && wasConnected) timer ??= setTimeout(show, LOST_AFTER_MS);
  };
  new MutationObserver(look).observe(document.body, {
    subtree: true, childList: true, attributes: true, attributeFilter: [STATE],
  });
  look();
})();
