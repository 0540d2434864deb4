#!/bin/sh
# The browser tests take the Chromium on PATH; where there is none, the system's package or Playwright's own is installed.
# The package of the headless shell comes first: no window is ever drawn around a page, which takes a third off a test.
set -e
for name in chromium-headless-shell chromium chromium-browser google-chrome; do
  if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if ls "${PLAYWRIGHT_BROWSERS_PATH:-$HOME/.cache/ms-playwright}"/chromium-* >/dev/null 2>&1; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  # Debian has the package, Ubuntu only a snap that no container can run: there Playwright brings its own.
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq || true
  for name in chromium-headless-shell chromium; do
    if apt-get install -y -qq "$name" >/dev/null 2>&1 && command -v "$name" >/dev/null 2>&1; then exit 0; fi
  done
  exec "$1" install --with-deps chromium
fi
exec "$1" install chromium
