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

    def __init__(self, role: Role, page: Callable[_P, _T]) -> None:
        """`role`: the least of whoever gets it. `anew`: see `keeps`."""
        self.role = role
        self.anew: Callable[_P, _T] | None = None
        self._page = page

    def __call__(self, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """The page itself. Who asks is looked at before it is called."""
        return self._page(*args, **kwargs)


def needs(role: Role) -> Callable[[Callable[_P, _T]], Needing[_P, _T]]:
    """Say above a page who gets it at least: `@needs("admin")`. A page that says nothing is for all who may look."""
    return lambda page: Needing(role, page)


def keeps(anew: Callable[_P, _T]) -> Callable[[Needing[_P, _T]], Needing[_P, _T]]:
    """Say above a form in which people type much, what shows it once more with that, where it cannot be taken."""

    def kept(page: Needing[_P, _T]) -> Needing[_P, _T]:
        page.anew = anew
        return page

    return kept


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
