"""What every request passes: the name it was asked under, where it comes from, and what the answer may do.

A web page that was led here under a name of its own (DNS rebinding) gets nothing; a form of another site changes
nothing; and what a lead is called can neither run as a script nor fetch anything: no answer allows script, style or
addresses but those of this console.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""`data:` for images: the arrows of form fields stand in the stylesheet."""

HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
BY_TLS: Final = {"Strict-Transport-Security": "max-age=31536000"}
"""Where browsers come by TLS, they are to come by nothing else."""
_HARMLESS = frozenset({"GET", "HEAD"})
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})


class Gate:
    """Around the whole application."""

    def __init__(self, app: ASGIApp, public_url: str | None = None) -> None:
        """`public_url`: under which browsers call it; null = under names of this machine alone."""
        self._app = app
        parts = urlsplit(public_url or "")
        self._public = None if public_url is None else f"{parts.scheme}://{parts.netloc}".lower()
        self._headers = {**HEADERS, **(BY_TLS if parts.scheme == "https" else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or let through and mark the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        refusal = self._refusal(scope["method"], Headers(scope=scope))
        answer = self._app if refusal is None else refusal
        await answer(scope, receive, marked)

    def _refusal(self, method: str, headers: Headers) -> PlainTextResponse | None:
        origin = self._origin(headers.get("host", "").lower())
        if origin is None:
            return PlainTextResponse("this name is none of this machine's\n", 421)
        if method not in _HARMLESS and headers.get("origin", "") != origin:
            return PlainTextResponse("only pages of this console may send something here\n", 403)
        return None

    def _origin(self, host: str) -> str | None:
        """Where its own pages are, as browsers name it; null for a host that is none of its names."""
        if self._public is not None and host == urlsplit(self._public).netloc:
            return self._public
        return f"http://{host}" if re.sub(r":\d*$", "", host) in _LOOPBACK else None
