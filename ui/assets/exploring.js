// Lets Vega draw a chart in the place of its picture (`.hw-to-explore`, ui/metrics/metric_chart.py) once somebody points at
// it: until then it has no place, so that nothing draws it. The picture goes when the chart is there.
(() => {
  if (window.headwayExploring) return;
  window.headwayExploring = true;

  const CHART = '.st-key-hw-explored [data-testid="stVegaLiteChart"] svg';

  // While the keyboard's focus is within the picture, it stays: the arrow keys lead from point to point there.
  const swap = (picture) => {
    if (!document.querySelector(CHART) || picture.querySelector(":focus-visible")) return false;
    picture.dataset.explored = "drawn";
    window.headwayTooltips?.hide();
    return true;
  };

  const explore = (picture) => {
    picture.dataset.explored = "drawing";
    if (swap(picture)) return;
    const look = () => {
      if (!swap(picture) && picture.isConnected) return;
      watch.disconnect();
      removeEventListener("focusout", lookSoon, true);
    };
    const lookSoon = () => setTimeout(look);
    const watch = new MutationObserver(look);
    watch.observe(document.body, { childList: true, subtree: true });
    addEventListener("focusout", lookSoon, true);
  };

  const start = (part, { target }) => {
    const picture = target instanceof Element && target.closest(part)?.closest(".hw-to-explore:not([data-explored])");
    if (picture) explore(picture);
  };
  // A finger taps on points to read them, and explores from the strip on: not while it scrolls the page, which ends a
  // touch otherwise than by lifting it.
  document.addEventListener("pointerover", (event) => { if (event.pointerType !== "touch") start(".hw-chart", event); });
  document.addEventListener("pointerup", (event) => start(".hw-strip", event));
})();
