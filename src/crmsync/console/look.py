"""Light or dark: as the reader's machine is set, unless they chose; the choice is kept in a cookie."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from crmsync.console.forms import TooLarge, sent
from crmsync.console.inside import inside
from crmsync.tongue import to_say

LOOKS = {"auto": to_say("auto"), "light": to_say("light"), "dark": to_say("dark")}
_COOKIE = "crmsync-look"
_A_YEAR = 31_536_000


def look_of(request: Request) -> str:
    """What was chosen."""
    chosen = request.cookies.get(_COOKIE, "auto")
    return chosen if chosen in LOOKS else "auto"


async def choose(request: Request) -> Response:
    """Take the choice, and go back to the page on which it was made."""
    try:
        form = await sent(request)
    except (TooLarge, ValueError):
        return Response(status_code=413)
    wanted, back = form.get("look", "auto"), form.get("back", "/")
    answer = RedirectResponse(inside(back), 303)
    if wanted in LOOKS:
        answer.set_cookie(_COOKIE, wanted, max_age=_A_YEAR, httponly=True, samesite="strict")
    return answer
