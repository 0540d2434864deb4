// The link's secret stands after the "#", which browsers send to nobody: it is in no log and in no referrer.
const token = location.hash.slice(1);
if (token) {
  history.replaceState(null, "", location.pathname);
  const form = document.getElementById("enter");
  form.elements.token.value = token;
  form.hidden = false;
  document.getElementById("nothing").hidden = true;
  form.submit();
}
