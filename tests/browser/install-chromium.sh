#!/bin/sh
# The browser tests take the Chromium on PATH. Where there is none, this installs the system's package, if it can;
# called with Playwright's program, it installs Playwright's own where there is none by then.
# The package of the headless shell comes first: no window is ever drawn around a page, which takes a third off a test.
set -e
for name in chromium-headless-shell chromium chromium-browser google-chrome; do
  if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if ls "${PLAYWRIGHT_BROWSERS_PATH:-$HOME/.cache/ms-playwright}"/chromium-* >/dev/null 2>&1; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then may_install=yes; fi
if [ -n "$1" ]; then exec "$1" install ${may_install:+--with-deps} chromium; fi
if [ "$may_install" ]; then
  # Debian has the package, Ubuntu only a snap that no container can run: there Playwright brings its own.
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq || true
  for name in chromium-headless-shell chromium; do
    if apt-get install -y -qq "$name" >/dev/null 2>&1 && command -v "$name" >/dev/null 2>&1; then exit 0; fi
  done
fi
