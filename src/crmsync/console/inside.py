"""Where a page may lead on to: to this console, and nowhere else."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.routing import Match

from crmsync.console.shown import part_asked


def inside(path: str) -> str:
    """The path, where it is one of this console; else its first page."""
    own = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and "\\" not in path[:2]
    return path if own else "/"


def page_asked_from(request: Request) -> str:
    """What was asked for. Of a part or a form, the page that it stands on: nobody comes back to one by itself."""
    url = urlsplit(str(request.url))
    if part_asked(request) or request.method != "GET":
        url = urlsplit(request.headers.get("hx-current-url") or request.headers.get("referer", ""))
        if url.netloc != request.headers.get("host"):
            return "/"
    return inside(url.path + (f"?{url.query}" if url.query else ""))


def page_above(request: Request) -> str:
    """Where a form stands, or what leads there: after it was refused the address bar holds the form's own address."""
    path, asked = request.scope["path"], {**request.scope, "method": "GET"}
    while path := path.rpartition("/")[0]:
        if any(route.matches({**asked, "path": path})[0] is Match.FULL for route in request.app.routes):
            return quote(path)
    return "/"
