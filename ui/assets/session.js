// Whoever types, clicks or touches in a page uses it: the server hears of it about once a minute, so that a long text can be
// typed that is sent only at its end. Where the session has ended nevertheless, what was typed and not saved stays on the
// page, to be copied: it is stored nowhere.
(() => {
  if (window.headwaySession) return;
  window.headwaySession = true;

  const EVERY_MS = 50_000; // below the minute after which the shortest session ends that can be set
  const USE = "/session/use";
  const SIGN_IN = "/session/sign-in";
  const ENDED = `${SIGN_IN}?ended=yes`;
  const SIGNED_OUT = 401;

  const element = (tag, attributes, ...content) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...content);
    return made;
  };

  const field = ([label, text]) => {
    const shown = element("textarea", { readonly: "", rows: Math.min(8, Math.max(1, Math.ceil(text.length / 60))) });
    shown.value = text;
    return element("label", {}, label, shown);
  };

  // Where a page isn't served by https, browsers let no script copy: the texts can be selected.
  const copyButton = (texts) => {
    if (!navigator.clipboard || !texts.length) return "";
    const button = element("button", { type: "button", autofocus: "" }, texts.length > 1 ? "Copy all" : "Copy");
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(texts.map(([label, text]) => `${label}: ${text}`).join("\n\n"));
      button.textContent = "Copied";
    });
    return button;
  };

  // The dashboard would connect again twice a second, and be refused each time.
  const stopConnecting = () => {
    window.WebSocket = class extends EventTarget { send() {} close() {} };
  };

  let isShown = false;
  const showNotice = (texts) => {
    if (isShown) return;
    isShown = true;
    const why = "Your session had ended, and what you typed on this page was not saved.";
    const what = texts.length ? " Copy it from here, sign in, and enter it again. It is gone once you close this page." : "";
    const address = `${ENDED}&next=${encodeURIComponent(location.pathname + location.search)}`;
    const signIn = element("a", { href: address, target: "_blank", rel: "noopener" }, "Sign in (in a new tab)");
    // The dashboard's own dialogs keep the focus within themselves, but for what has this attribute.
    const notice = element(
      "dialog", { class: "hw-notice", "aria-labelledby": "hw-notice", "data-react-aria-top-layer": "true" },
      element("h2", { id: "hw-notice" }, "You were signed out"), element("p", {}, why + what), ...texts.map(field),
      element("div", { class: "hw-notice-acts" }, copyButton(texts), signIn),
    );
    notice.addEventListener("cancel", (event) => event.preventDefault());
    notice.addEventListener("keydown", (event) => {
      if (event.key === "Escape") event.preventDefault();
      event.stopPropagation();
    });
    document.body.append(notice);
    notice.showModal();
    stopConnecting();
  };

  // The server has sent the page to the sign-in (api/auth_middleware.py). Browsers without this event ask by themselves
  // whether to leave, and the sign-in page says what happened.
  window.navigation?.addEventListener("navigate", (event) => {
    const { pathname, searchParams } = new URL(event.destination.url);
    if (pathname !== SIGN_IN || !searchParams.has("ended") || !event.cancelable) return;
    if (!isShown && !window.headwayUnsaved.isUnsaved()) return;
    event.preventDefault();
    showNotice(window.headwayUnsaved.texts());
  });

  let toldAt = Date.now();
  const tell = async ({ isTrusted }) => {
    if (!isTrusted || isShown || Date.now() - toldAt < EVERY_MS) return;
    toldAt = Date.now();
    const answer = await fetch(USE, { method: "POST" }).catch(() => null);
    if (answer?.status !== SIGNED_OUT) return;
    if (window.headwayUnsaved.isUnsaved()) showNotice(window.headwayUnsaved.texts());
    else location.assign(ENDED);
  };
  for (const kind of ["keydown", "input", "pointerdown"]) document.addEventListener(kind, tell, { capture: true, passive: true });
})();
