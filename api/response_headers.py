"""The security headers of every response, and the wrapper around `send` that adds them."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

from api.origins import Origin

# The SHA-256 of the one inline script in Streamlit's own page, `window.prerenderReady = false`.
STREAMLIT_SCRIPT = "'sha256-THxz9J9+wf7rhwR2YkXJoSZ13UCmYyC+3lNDv2+8ugA='"
CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'self'",
        f"script-src 'self' 'wasm-unsafe-eval' {STREAMLIT_SCRIPT}",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "media-src 'self' blob:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)
SECURITY_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Under "no-referrer" browsers would send the origin of a form as "null".
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


def response_headers(path: str, origin: Origin | None) -> dict[str, str]:
    """Return the headers of every response to `path`; `origin` is None for a host that isn't ours."""
    headers = dict(SECURITY_HEADERS)
    if origin is not None and origin.is_secure:
        headers["strict-transport-security"] = "max-age=31536000"
    if path.startswith("/session/"):
        headers["cache-control"] = "no-store"
    return headers


class ResponseSender:
    """Sends a response with `headers` added; `started` and `complete` say how far it came."""

    def __init__(self, send: Send, headers: dict[str, str]) -> None:
        self.send, self.headers = send, headers
        self.started = self.complete = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            self._add_headers(message)
        await self.send(message)
        self.complete = message["type"] == "http.response.body" and not message.get("more_body", False)

    def _add_headers(self, message: Message) -> None:
        headers = MutableHeaders(scope=message)
        for name, value in self.headers.items():
            headers[name] = value
        if "cache-control" not in headers:
            headers["cache-control"] = "no-store"
