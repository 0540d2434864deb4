// Marks the open page in the sidebar, and leads its help to the part about it. The sidebar is the same on every page of an
// engagement, so that it isn't drawn anew at each click; and the mark is there at the click.
(() => {
  if (window.headwayPlaces) return;
  window.headwayPlaces = true;

  const HOME = "portfolio"; // what the bare address shows
  const LINKS = "nav.places > ul a, nav.places > details:not(.switcher) a";
  const FOLDED = "nav.places > details:not(.switcher)";

  // A section is open on its pages, and elsewhere where somebody opened it.
  const fold = (section) => {
    const isHere = section.querySelector("[aria-current]") !== null;
    if (isHere && !section.open) {
      section.open = true;
      section.dataset.opened = "for its page";
    } else if (!isHere && section.dataset.opened) {
      section.open = false;
      delete section.dataset.opened;
    }
  };

  let marked = null; // the sidebar that has marks, and of which page
  let page = null;

  const mark = () => {
    const sidebar = document.querySelector("nav.places");
    const open = location.pathname.slice(1) || HOME;
    if (!sidebar || (sidebar === marked && open === page)) return;
    [marked, page] = [sidebar, open];
    for (const link of document.querySelectorAll(LINKS)) {
      if (link.pathname.slice(1) === page) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    for (const section of document.querySelectorAll(FOLDED)) fold(section);
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
