"""Who may talk to a practice CRM: programs of this machine, and no web page of somewhere else.

A page in a browser can reach loopback: by a form or script that posts across sites, or by a name of its own that it
makes lead to 127.0.0.1 (DNS rebinding). So the `Host` must be this machine's, and what a browser says about where a
request comes from (`Origin`, `Sec-Fetch-Site`) must not be another site.

The vendors' own host names are taken for the CRM's paths, because clients that know no other address are led here
underneath (by an adapter or a proxy); nobody else can make those names lead anywhere. The control API and the pages
of records take none. A link to such a page may stand anywhere (in a plan that is opened as a file, say): to be led
there shows another site nothing of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

import msgspec
from starlette.responses import Response

from crmsync_practice.record_page import is_record_page

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^:\[\]]*)(?::[0-9]{1,5})?")
_VENDORS = (".salesforce.com", ".hubapi.com", ".hubspot.com")
CONTROL = "/_practice/"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Status and words for a visitor who is not let in."""

    status: int
    words: str

    def response(self) -> Response:
        """The answer: JSON whose `message` clients of either CRM show."""
        body = {"status": "error", "error": self.words, "message": self.words}
        return Response(msgspec.json.encode(body), self.status, media_type="application/json")


FOREIGN_HOST = Refusal(
    421,
    "A practice CRM answers to 127.0.0.1, localhost and [::1] only, and this request's Host is another. "
    "Address it by one of these names.",
)
OTHER_SITE = Refusal(
    403,
    "A practice CRM answers no requests that a web page of another site makes (Origin, Sec-Fetch-Site). "
    "Ask it from a program, or open the address yourself.",
)


def refusal(path: str, headers: Iterable[tuple[bytes, bytes]]) -> Refusal | None:
    """Why a request is not let in; None when it is. Several headers of one name must all be good."""
    given: dict[bytes, list[str]] = {}
    for name, value in headers:
        given.setdefault(name.lower(), []).append(value.decode("latin-1").strip().lower())
    hosts = given.get(b"host", [])
    page = is_record_page(path)
    control = page or path.startswith(CONTROL)
    if not hosts or not all(_is_ours(host) or (not control and _is_vendors(host)) for host in hosts):
        return FOREIGN_HOST
    origins, sites = given.get(b"origin", []), given.get(b"sec-fetch-site", [])
    led_here = page and given.get(b"sec-fetch-mode") == ["navigate"] and given.get(b"sec-fetch-dest") == ["document"]
    if ("cross-site" in sites and not led_here) or not all(_is_ours(_host_of(origin)) for origin in origins):
        return OTHER_SITE
    return None


def way_back(host: str, base_url: str, *, secure: bool = False) -> str:
    """The address under which a client that sent this Host finds the CRM again: what it was led through hides ours.

    `secure` says that something in front speaks TLS (`X-Forwarded-Proto: https`).
    """
    name = host.strip().lower()
    if _is_vendors(name):
        return f"https://{name}"
    return f"https://{name}" if secure and _is_ours(name) else base_url


def _is_ours(host: str) -> bool:
    return _name(host) in _LOOPBACK


def _is_vendors(host: str) -> bool:
    return _name(host).endswith(_VENDORS)


def _name(host: str) -> str:
    found = _HOST.fullmatch(host)
    return found.group(1) if found else ""


def _host_of(origin: str) -> str:
    """The host of an Origin; nothing for `null` and what cannot be read."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""
