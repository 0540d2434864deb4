// Tooltips of charts: the text in `data-tip` is shown on hover, on focus and on tap, and Escape closes it.
// A chart of points is a slider: the arrow keys lead from point to point, and its plot shows the nearest to the pointer.
(() => {
  if (window.headwayTooltips) return;
  window.headwayTooltips = { hide: () => hide() };

  const GAP = 8;
  const EDGE = 4;
  const POINTS = ".hw-dot[data-tip], .hw-signal[data-tip]";
  const STEPS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, Home: -Infinity, End: Infinity };

  const tip = document.createElement("div");
  tip.className = "hw-tip";
  tip.id = "hw-tip";
  tip.setAttribute("role", "tooltip");
  tip.hidden = true;

  let shown = null;
  let pointer = "mouse";

  const write = (text, hint) => {
    const lines = [...text.split("\n"), ...(hint ? [hint] : [])];
    tip.replaceChildren(...lines.map((line) => Object.assign(document.createElement("div"), { textContent: line })));
  };

  // Below the place where there is room, else above it; never out of the window.
  const place = (x, top, bottom) => {
    const { width, height } = tip.getBoundingClientRect();
    const below = bottom + GAP + height <= innerHeight - EDGE;
    const left = Math.min(Math.max(x - width / 2, EDGE), innerWidth - width - EDGE);
    tip.style.left = `${left}px`;
    tip.style.top = `${Math.max(below ? bottom + GAP : top - GAP - height, EDGE)}px`;
  };

  const hide = () => {
    shown?.classList.remove("hw-shown");
    shown = null;
    tip.hidden = true;
  };

  const show = (mark, x = null, hint = "") => {
    if (shown !== mark) {
      hide();
      shown = mark;
      mark.classList.add("hw-shown");
      write(mark.dataset.tip, hint);
      // The tooltip of a plot's nearest point lets the pointer through, or the point below it could never be the nearest.
      tip.style.pointerEvents = isPoint(mark) ? "none" : "";
      if (!tip.isConnected) (document.querySelector('[data-testid="stMain"]') ?? document.body).append(tip);
      tip.hidden = false;
    }
    const box = mark.getBoundingClientRect();
    place(x ?? box.left + box.width / 2, box.top, box.bottom);
  };

  const middle = (mark) => {
    const box = mark.getBoundingClientRect();
    return box.left + box.width / 2;
  };

  const points = (plot) => [...plot.querySelectorAll(POINTS)];

  const choose = (plot, mark) => {
    plot.setAttribute("aria-valuenow", points(plot).indexOf(mark) + 1);
    plot.setAttribute("aria-valuetext", mark.dataset.tip);
    show(mark);
  };

  const current = (plot) => points(plot)[plot.getAttribute("aria-valuenow") - 1];

  // What the pointer is about: the mark under it, or the point of a plot that is nearest to it.
  const under = (event) => {
    if (!(event.target instanceof Element)) return null;
    const mark = event.target.closest("[data-tip]");
    const plot = event.target.closest(".hw-plot[role=slider]");
    if (mark || !plot) return mark;
    const away = (point) => Math.abs(middle(point) - event.clientX);
    return points(plot).reduce((one, other) => (away(other) < away(one) ? other : one));
  };

  const isPoint = (mark) => mark.matches(POINTS);

  document.addEventListener("pointerdown", (event) => { pointer = event.pointerType; }, true);

  document.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch" || tip.contains(event.target)) return;
    const mark = under(event);
    if (mark) show(mark, isPoint(mark) ? null : event.clientX);
    else if (shown && !shown.closest(":focus-visible")) hide();
  });

  // The first tap on a row shows what it is, the second one follows its link.
  document.addEventListener("click", (event) => {
    if (pointer !== "touch" || tip.contains(event.target)) return;
    const mark = under(event);
    if (!mark) return hide();
    if (mark === shown) return;
    const link = mark.closest("a");
    if (link) event.preventDefault();
    show(mark, isPoint(mark) ? null : event.clientX, link ? "Tap again to open" : "");
  }, true);

  document.addEventListener("focusin", ({ target }) => {
    if (!target.matches(":focus-visible")) return;
    if (target.matches("[data-tip]")) show(target);
    else if (target.matches(".hw-plot[role=slider]")) choose(target, current(target));
  });

  document.addEventListener("focusout", ({ target }) => {
    if (target.matches("[data-tip], .hw-plot[role=slider]")) hide();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return hide();
    const plot = event.target instanceof Element && event.target.closest(".hw-plot[role=slider]");
    if (!plot || !(event.key in STEPS)) return;
    event.preventDefault();
    const all = points(plot);
    const next = all.indexOf(current(plot)) + STEPS[event.key];
    choose(plot, all[Math.min(Math.max(next, 0), all.length - 1)]);
  });

  // What has the focus stays told while the page moves under it, as where a card above it opens.
  window.addEventListener("scroll", () => {
    if (!shown?.closest(":focus-visible")) return hide();
    const box = shown.getBoundingClientRect();
    tip.hidden = box.bottom < 0 || box.top > innerHeight;
    if (!tip.hidden) place(box.left + box.width / 2, box.top, box.bottom);
  }, true);

  for (const left of ["popstate", "blur"]) window.addEventListener(left, hide, true);
})();
