// Marks the open page in the sidebar, and leads its help to the part about it. The sidebar is the same on every page of an
// engagement, so that it isn't drawn anew at each click; and the mark is there at the click.
(() => {
  if (window.headwayPlaces) return;
  window.headwayPlaces = true;

  const HOME = "portfolio"; // what the bare address shows
  const LINKS = "nav.places > ul a, nav.places > details:not(.switcher) a";
  let marked = null; // the sidebar that has marks, and of which page
  let page = null;

  const mark = () => {
    const sidebar = document.querySelector("nav.places");
    const open = location.pathname.slice(1) || HOME;
    if (!sidebar || (sidebar === marked && open === page)) return;
    [marked, page] = [sidebar, open];
    for (const link of document.querySelectorAll(LINKS)) {
      if (link.pathname.slice(1) !== page) link.removeAttribute("aria-current");
      else {
        link.setAttribute("aria-current", "page");
        const folded = link.closest("details");
        if (folded) folded.open = true;
      }
    }
    sidebar.querySelector("a.help")?.setAttribute("href", `/guide?page=${encodeURIComponent(page)}`);
  };

  // Streamlit changes the address without telling anybody.
  for (const name of ["pushState", "replaceState"]) {
    const original = history[name];
    history[name] = function (...given) {
      original.apply(this, given);
      mark();
    };
  }
  window.addEventListener("popstate", mark);
  new MutationObserver(mark).observe(document.documentElement, { childList: true, subtree: true });
  mark();
})();
