// Whoever types, clicks or touches in a page uses it: the server hears of it about once a minute, so that a long text can be
// typed that is sent only at its end. Where the session has ended nevertheless, or the server doesn't know the page any more,
// what was typed and not saved stays on the page, to be copied: it is stored nowhere.
(() => {
  if (window.headwaySession) return;
  window.headwaySession = true;

  const EVERY_MS = 50_000; // below the minute after which the shortest session ends that can be set
  const USE = "/session/use";
  const SIGN_IN = "/session/sign-in";
  const ENDED = `${SIGN_IN}?ended=yes`;
  const REOPEN = "/session/reopen";
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

  const here = () => location.pathname + location.search;
  const SIGNED_OUT_NOTICE = {
    title: "You were signed out",
    why: "Your session had ended, and what you typed on this page was not saved.",
    next: "sign in",
    link: () => element("a", { href: `${ENDED}&next=${encodeURIComponent(here())}` }, "Sign in (in a new tab)"),
  };
  // The server was started again, or the connection was away for longer than the server keeps a page.
  const FORGOTTEN_NOTICE = {
    title: "This page has to be opened again",
    why: "The connection was lost for too long, and what you typed on this page was not saved.",
    whySent: "The connection was lost before it was clear whether what you typed on this page was saved.",
    next: "open the page again",
    link: () => element("a", { href: here() }, "Open it again (in a new tab)"),
  };

  let isShown = false;
  const showNotice = ({ title, why, whySent = why, next, link }) => {
    if (isShown) return;
    isShown = true;
    const texts = window.headwayUnsaved.texts();
    const isUnsure = whySent !== why && window.headwayUnsaved.isSent();
    const again = isUnsure ? "look whether it is there, and enter it again if it isn't" : "and enter it again";
    const what = texts.length ? ` Copy it from here, ${next}, ${again}. It is gone once you close this page.` : "";
    const leads = link();
    leads.target = "_blank";
    leads.rel = "noopener";
    // The dashboard's own dialogs keep the focus within themselves, but for what has this attribute.
    const notice = element(
      "dialog", { class: "hw-notice", "aria-labelledby": "hw-notice", "data-react-aria-top-layer": "true" },
      element("h2", { id: "hw-notice" }, title), element("p", {}, (isUnsure ? whySent : why) + what), ...texts.map(field),
      element("div", { class: "hw-notice-acts" }, copyButton(texts), leads),
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

  // The server sends an open page elsewhere (api/auth_middleware.py). Browsers without this event ask by themselves whether
  // to leave, and the sign-in page says what happened.
  const noticeOf = ({ pathname, searchParams }) => {
    if (pathname === SIGN_IN && searchParams.has("ended")) return SIGNED_OUT_NOTICE;
    return pathname === REOPEN ? FORGOTTEN_NOTICE : null;
  };
  window.navigation?.addEventListener("navigate", (event) => {
    const notice = noticeOf(new URL(event.destination.url));
    if (!notice || !event.cancelable || !(isShown || window.headwayUnsaved.isUnsaved())) return;
    event.preventDefault();
    showNotice(notice);
  });

  let toldAt = Date.now();
  const tell = async ({ isTrusted }) => {
    if (!isTrusted || isShown || Date.now() - toldAt < EVERY_MS) return;
    toldAt = Date.now();
    const answer = await fetch(USE, { method: "POST" }).catch(() => null);
    if (answer?.status !== SIGNED_OUT) return;
    if (window.headwayUnsaved.isUnsaved()) showNotice(SIGNED_OUT_NOTICE);
    else location.assign(ENDED);
  };
  for (const kind of ["keydown", "input", "pointerdown"]) document.addEventListener(kind, tell, { capture: true, passive: true });
})();
