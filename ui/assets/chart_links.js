// Points of a chart that Vega drew: each whose row has a `tooltip` and a `href` becomes a link with a tooltip
// (tooltips.js), which Tab reaches and Enter follows (follow.js). Vega's own links are for the mouse only.
(() => {
  if (window.headwayChartLinks) return;
  window.headwayChartLinks = true;

  const NAMESPACE = "http://www.w3.org/2000/svg";
  const POINTS = '[class*="st-key-picture-"] [data-testid="stVegaLiteChart"] svg g.mark-symbol > path';

  const link = (path) => {
    const { tooltip, href } = path.__data__?.datum ?? {};
    if (typeof tooltip !== "string" || typeof href !== "string") return;
    const made = document.createElementNS(NAMESPACE, "a");
    made.setAttribute("class", "within hw-point");
    if (href) made.setAttribute("href", href);
    else made.setAttribute("tabindex", "0");
    made.setAttribute("aria-label", tooltip.replaceAll("\n", ". "));
    made.dataset.tip = tooltip;
    path.setAttribute("aria-hidden", "true");
    path.replaceWith(made);
    made.append(path);
  };

  // Vega draws a chart anew where its width or the theme changed.
  let asked = false;
  const later = () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      document.querySelectorAll(POINTS).forEach(link);
    });
  };
  new MutationObserver(later).observe(document.body, { childList: true, subtree: true });
  later();
})();
