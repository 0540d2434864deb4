// Ctrl+K (or Cmd+K) leads to the search: to the field in the sidebar, or where that is closed, to the page.
(() => {
  if (window.headwaySearches) return;
  window.headwaySearches = true;
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const field = document.querySelector('nav.places input[type="search"]');
    const shown = field && field.getBoundingClientRect().right > 0 && field.offsetParent !== null;
    if (shown) { field.focus(); field.select(); } else { location.assign("/search"); }
  });
})();
