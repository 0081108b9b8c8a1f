"""Header names as the vendors write them.

HTTP takes them in any case, and the web framework writes them small; but some clients look them up as they are
documented (`Content-Type`, `Sforce-Limit-Info`, `X-HubSpot-RateLimit-Daily`).
"""

from __future__ import annotations

from functools import lru_cache

from starlette.types import Message, Send

_OWN_WAY = (
    "ETag",
    "Sforce-NumberOfRecords",
    "WWW-Authenticate",
    "X-HubSpot-Correlation-Id",
    "X-HubSpot-RateLimit-Daily",
    "X-HubSpot-RateLimit-Daily-Remaining",
    "X-HubSpot-RateLimit-Interval-Milliseconds",
    "X-HubSpot-RateLimit-Max",
    "X-HubSpot-RateLimit-Remaining",
    "X-HubSpot-RateLimit-Secondly",
    "X-HubSpot-RateLimit-Secondly-Remaining",
)
_SPELT = {name.lower().encode(): name.encode() for name in _OWN_WAY}


@lru_cache(maxsize=256)
def spelt(name: bytes) -> bytes:
    """A header's name as it is documented: each word with a capital, but for those that go their own way."""
    return _SPELT.get(name.lower()) or b"-".join(part.capitalize() for part in name.split(b"-"))


def spelling(send: Send) -> Send:
    """A `send` that writes the headers of every answer so."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [(spelt(name), value) for name, value in message.get("headers", [])]}
        await send(message)

    return sending
