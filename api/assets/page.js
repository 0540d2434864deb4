// The answer to a form, such as one that was refused, is a page from now on: no browser goes back to an answer by itself.
history.replaceState(null, "", location.href);
