// A second click of an impatient finger: the server would sign once all the same, this only says so at once.
const sheet = document.getElementById("sheet");
if (sheet) {
  sheet.addEventListener("submit", () => {
    const button = sheet.querySelector("button[type=submit]");
    setTimeout(() => { button.disabled = true; button.textContent = "Signing …"; }, 0);
  });
  // Back from the next page, the button works again.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
}
