"""Stylesheets and scripts, as they lie beside this module and beside charts; addresses change with what they hold."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from crmsync.showing.charts.files import SCRIPTS
from crmsync.showing.charts.files import STYLE as CHART_STYLE

FOLDER = Path(__file__).parent / "static"
FILES = MappingProxyType(
    {
        "bootstrap.css": (FOLDER / "vendor/bootstrap/bootstrap.min.css", "text/css"),
        "charts.css": (CHART_STYLE, "text/css"),
        "console.css": (FOLDER / "console.css", "text/css"),
        "current.js": (FOLDER / "current.js", "text/javascript"),
        "editor.js": (FOLDER / "editor.js", "text/javascript"),
        "htmx.js": (FOLDER / "vendor/htmx/htmx.min.js", "text/javascript"),
        "plan.js": (FOLDER / "plan.js", "text/javascript"),
        "icon.svg": (FOLDER / "icon.svg", "image/svg+xml"),
        **{name: (file, "text/javascript") for name, file in SCRIPTS.items()},
    }
)
"""Name in an address → file, type."""

_A_YEAR = "public, max-age=31536000, immutable"


@cache
def content_of(name: str) -> bytes:
    """Read once a process."""
    return FILES[name][0].read_bytes()


@cache
def address_of(name: str) -> str:
    """Where a page finds it: a browser that has it need never ask again."""
    return f"/assets/{sha256(content_of(name)).hexdigest()[:16]}/{name}"


def asset(request: Request) -> Response:
    """One of the files; nothing else of the disk can be named."""
    name = request.path_params["name"]
    if name not in FILES or request.url.path != address_of(name):
        return PlainTextResponse("there is no such file\n", 404)
    return Response(content_of(name), media_type=FILES[name][1], headers={"Cache-Control": _A_YEAR})
