"""What a page gives: a template and the values that stand in it, or the way to another page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from crmsync.console.forms import Form, typed_in
from crmsync.console.site import Site
from crmsync.settings import Settings


@dataclass(frozen=True, slots=True)
class Shown:
    """A template filled in. `headers`: what is said to htmx beside it."""

    template: str
    values: Mapping[str, Any]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def refused(message: str, way_back: str, form: Form) -> Shown:
    """A form that cannot be taken as it is. What was typed there is shown: on the page it came from it is gone."""
    return Shown("refused.html", {"message": message, "way_back": way_back, "typed": typed_in(form)}, 409)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The reader is sent on to this path. `for_now`: what was asked for is being made, and may be there soon."""

    path: str
    for_now: bool = False


Page = Callable[[Site, Settings, Request], Shown | Elsewhere | Response]
FormPage = Callable[[Site, Settings, Request, Form], Shown | Elsewhere]
"""What a form is sent to. It says above itself who may: `@needs("approver")`."""


def part_asked(request: Request) -> bool:
    """Whether htmx asks for a part of a page that stands there already."""
    return request.headers.get("hx-request") == "true"
