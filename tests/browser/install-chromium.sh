#!/bin/sh
# The browser tests take the Chromium on PATH; where there is none, the system's package or Playwright's own is installed.
set -e
for name in chromium chromium-browser google-chrome; do
  if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if ls "$HOME"/.cache/ms-playwright/chromium-* >/dev/null 2>&1; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  apt-get update -qq && apt-get install -y -qq chromium >/dev/null && exit 0
fi
exec "$1" install chromium
