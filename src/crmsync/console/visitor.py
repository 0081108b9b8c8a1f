"""Who looks at a page, and what they may do: every page says what it needs, and nobody gets in with less."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, ParamSpec, TypeVar

from starlette.requests import Request

from crmsync.settings import ROLES, Role

_P = ParamSpec("_P")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Visitor:
    """`name`: under which they signed in; null = nobody had to. `csrf`: what each form of theirs brings back, so that
    no other page's form is taken for it; empty where nothing may be sent. `hidden`: personal data is kept from them.
    """

    name: str | None
    role: Role
    csrf: str = ""
    hidden: bool = False

    def may(self, role: Role) -> bool:
        """Whether they may do what this role may."""
        return ROLES.index(self.role) >= ROLES.index(role)


class Needing(Generic[_P, _T]):
    """A page or a form that not everybody gets."""

    def __init__(self, role: Role, page: Callable[_P, _T], anew: Callable[_P, _T] | None = None) -> None:
        """`role`: the least of whoever gets it. `anew`: see `needs`."""
        self.role, self.anew = role, anew
        self._page = page

    def __call__(self, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """The page itself. Who asks is looked at before it is called."""
        return self._page(*args, **kwargs)


def needs(role: Role, anew: Callable[_P, _T] | None = None) -> Callable[[Callable[_P, _T]], Needing[_P, _T]]:
    """Say above a page who gets it at least: `@needs("admin")`. A page that says nothing is for all who may look.

    `anew`: of a form with much to type, shows it once more with what was sent, where that is not to be taken.
    """
    return lambda page: Needing(role, page, anew)


def needed_by(page: object) -> Role:
    """The least role of whoever gets it."""
    return page.role if isinstance(page, Needing) else "viewer"


def visitor_of(request: Request) -> Visitor:
    """Who asks for this page."""
    visitor: Visitor = request.state.visitor
    return visitor


def by_itself(request: Request) -> bool:
    """Whether a page that stands open asks, as it does each minute, and nobody has to be there for that."""
    return request.headers.get("x-by-itself") == "true"
