"""Who may do what at this console: everybody on this machine looks, or one address lets one browser do more, or
people sign in.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response

from crmsync.console.forms import token_of
from crmsync.console.last_seen import LastSeen
from crmsync.console.visitor import Visitor, by_itself
from crmsync.errors import UsageError
from crmsync.settings import ConsolePerson, Role, Settings, console_people
from crmsync.store import Session, Store

_TOKEN_BYTES = 32
_SEEN_EVERY = timedelta(minutes=1)


class Access(Protocol):
    """How a console knows its visitors. `signs_in`: whether there is a page to sign in."""

    signs_in: bool

    def visitor(self, settings: Settings, request: Request) -> Visitor | None:
        """Who asks; null = somebody who has to sign in first. Raises `CrmsyncError`."""


class Looking:
    """Whoever is on this machine looks, and changes nothing."""

    signs_in = False

    def visitor(self, settings: Settings, request: Request) -> Visitor | None:
        """The same for all."""
        return Visitor(None, "viewer")


class OneAddress:
    """One browser may do more: the first that opens the address with its token. Everybody else looks."""

    signs_in = False

    def __init__(self, role: Role, name: str | None, mark: str = "") -> None:
        """`name`: of whoever started the console, as the machine knows them. `mark`: of the configuration."""
        self.cookie = f"crmsync-here{mark}"
        self._role, self._name = role, name
        self._token: str | None = secrets.token_urlsafe(_TOKEN_BYTES)
        self._secret = secrets.token_urlsafe(_TOKEN_BYTES)
        self._lock = Lock()

    @property
    def path(self) -> str:
        """The address's own part, good for one visit."""
        return f"enter?token={self._token}"

    def enter(self, token: str) -> str | None:
        """What the browser holds from now on; null where the token is wrong, or somebody had it already."""
        with self._lock:
            if self._token is None or not hmac.compare_digest(token.encode(), self._token.encode()):
                return None
            self._token = None
            return self._secret

    def visitor(self, settings: Settings, request: Request) -> Visitor | None:
        """Who entered by the address, or somebody who looks."""
        held = request.cookies.get(self.cookie, "")
        if hmac.compare_digest(held.encode(), self._secret.encode()):
            return Visitor(self._name, self._role, token_of(self._secret))
        return Visitor(None, "viewer")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """People sign in; the store knows their browsers by a hash. `https`: browsers come by TLS. `mark`: of the
    configuration.
    """

    now: Callable[[], datetime]
    https: bool = False
    mark: str = ""
    seen: LastSeen = field(default_factory=LastSeen)
    signs_in = True

    @property
    def cookie(self) -> str:
        """By TLS its name alone lets no other host set it."""
        return f"__Host-crmsync{self.mark}" if self.https else f"crmsync-session{self.mark}"

    def visitor(self, settings: Settings, request: Request) -> Visitor | None:
        """Whose browser it is; one whose role or password has changed since signs in anew."""
        secret = request.cookies.get(self.cookie, "")
        if not secret:
            return None
        assert settings.console is not None
        idle = timedelta(minutes=settings.console.idle_minutes)

        def session_of(*, looks: bool) -> Session | None:
            with _store(settings) as store:
                return store.console.session(secret, now=self.now(), idle=idle, looks=looks)

        session = session_of(looks=False)
        if session is not None and not by_itself(request) and self.now() - session.seen_at >= _SEEN_EVERY:
            self.seen.note(secret, lambda: session_of(looks=True))
        person = None if session is None else named(settings, session.person)
        if session is None or person is None or not hmac.compare_digest(session.stamp, stamp_of(person)):
            return None
        hidden = person.role == "viewer" and settings.console.personal_data == "hidden_from_viewers"
        return Visitor(person.name, person.role, token_of(secret), hidden)

    def begin(self, settings: Settings, person: ConsolePerson, answer: Response, before: Request) -> None:
        """Signed in: a new secret, whatever the browser held before; what that was good for is over."""
        assert settings.console is not None
        secret, now = secrets.token_urlsafe(_TOKEN_BYTES), self.now()
        hours = timedelta(hours=settings.console.session_hours)
        with _store(settings) as store:
            if held := before.cookies.get(self.cookie):
                store.console.end(held)
            store.console.begin(secret, Session(person.name, stamp_of(person), now, now, now + hours))
            store.console.note("signed_in", now=now, person=person.name)
        self.give(answer, self.cookie, secret)

    def end(self, settings: Settings, request: Request, answer: Response) -> None:
        """Signed out, also for whoever has a copy of the cookie."""
        visitor = self.visitor(settings, request)
        with _store(settings) as store:
            ended = store.console.end(request.cookies.get(self.cookie, ""))
            if ended and visitor is not None:  # sent twice, it is done and noted once
                store.console.note("signed_out", now=self.now(), person=visitor.name)
        answer.delete_cookie(self.cookie, path="/", secure=self.https, httponly=True, samesite="lax")

    def give(self, answer: Response, name: str, value: str) -> None:
        """A cookie that ends with the browser. `lax`: a provider's page leads back here by a link."""
        answer.set_cookie(name, value, path="/", httponly=True, samesite="lax", secure=self.https)


def access_by(settings: Settings, role: Role | None, name: str | None, now: Callable[[], datetime]) -> Access:
    """As the files and the command say. Raises `UsageError` where they say two things."""
    mark = _mark_of(settings)
    if settings.console is None:
        return Looking() if role is None else OneAddress(role, name, mark)
    if role is not None:
        raise UsageError(
            f"{settings.file.file} has `console:`: people sign in, each with their own role",
            hint="leave --as out; `crmsync console person NAME --role ROLE` lets somebody in",
        )
    console_people(settings)  # what is wrong with the file is told before anybody tries
    return SignedIn(now, (settings.console.public_url or "").startswith("https://"), mark)


def _mark_of(settings: Settings) -> str:
    """Ends the names of cookies. A browser sends them to every port of a host, and two consoles of one machine would
    sign each other's people out. Several machines under one public name have one mark.
    """
    public = settings.console.public_url if settings.console else None
    told = public or str(settings.files[0].absolute())
    return f"-{hashlib.sha256(told.encode('utf-8', 'surrogateescape')).hexdigest()[:8]}"


def stamp_of(person: ConsolePerson) -> str:
    """Of all by which somebody got in: where it is another one, they sign in anew."""
    return hashlib.sha256(f"{person.role}\0{person.password}\0{person.email}".encode()).hexdigest()


def named(settings: Settings, name: str) -> ConsolePerson | None:
    """The person of this name. Raises `ConfigurationError`."""
    return next((each for each in console_people(settings).people if each.name == name), None)


def mailed(settings: Settings, email: str) -> ConsolePerson | None:
    """The person of this e-mail address. Raises `ConfigurationError`."""
    sought = email.casefold()
    return next((each for each in console_people(settings).people if (each.email or "").casefold() == sought), None)


@contextmanager
def _store(settings: Settings) -> Iterator[Store]:
    with closing(Store(settings.store)) as store:
        yield store
