"""Requests, answers and the table of routes of the Salesforce side; subrequests of composite calls use it too."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

from crmsync_practice.salesforce.errors import SalesforceError, malformed_json, not_found
from crmsync_practice.visitors import way_back

JSON = "application/json;charset=UTF-8"
"""Exactly this: jsforce chooses its parser by it."""


@dataclass(frozen=True)
class Call:
    """One request or subrequest. `parts` are the route's captures, header names are lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    user_id: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)
    parsed: Any = None

    @property
    def base(self) -> str:
        """`/services/data/vXX.X` of this request."""
        return f"/services/data/v{self.parts['version']}"

    def address(self, base_url: str) -> str:
        """Where this client finds the org again, so that links lead back the way it came."""
        secure = self.headers.get("x-forwarded-proto", "").lower() == "https"
        return way_back(self.headers.get("host", ""), base_url, secure=secure)

    def json(self) -> Any:
        """The body as JSON; raises JSON_PARSER_ERROR."""
        if self.parsed is not None:
            return self.parsed
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise malformed_json(f"Unexpected character or end of input: {error}") from error

    def object(self) -> dict[str, Any]:
        """The body as a JSON object."""
        value = self.json()
        if not isinstance(value, dict):
            raise malformed_json("The HTTP entity body must be a JSON object")
        return value

    def part(self, name: str) -> str:
        """A capture of the path, percent-decoded."""
        return unquote(self.parts[name])


@dataclass
class Reply:
    """One answer; `content` is encoded as JSON unless `raw` holds the body."""

    status: int = 200
    content: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    media_type: str = JSON

    def body(self) -> bytes:
        """The encoded body; empty for 204 and 304."""
        if self.raw is not None:
            return self.raw
        if self.status in {204, 304} or self.content is None:
            return b""
        return msgspec.json.encode(self.content)


Handler = Callable[[Call], Reply]


@dataclass(frozen=True, slots=True)
class _Route:
    methods: tuple[str, ...]
    pattern: re.Pattern[str]
    handler: Handler
    endpoint: str


class Routes:
    """Routes by method and path template such as `sobjects/{name}/{id}`; templates start at
    `/services/data/vXX.X/`.
    """

    def __init__(self) -> None:
        self._routes: list[_Route] = []

    def add(self, methods: str, template: str, handler: Handler, *, root: bool = False, name: str = "") -> None:
        """Adds a route. `methods` is space-separated; with `root` the template is a whole path. First match wins.

        `name` is how `calls` names it, when the template would not read well.
        """
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template)
        if not root:
            pattern = rf"/services/data/v(?P<version>\d+\.\d){'/' if pattern else ''}{pattern}"
        compiled = re.compile(pattern + "/?", re.IGNORECASE)
        self._routes.append(_Route(tuple(methods.split()), compiled, handler, name or template or "resources"))

    def find(self, call: Call) -> tuple[Handler, Call]:
        """The handler and the call with its captures; raises NOT_FOUND or METHOD_NOT_ALLOWED."""
        allowed: list[str] = []
        method = "GET" if call.method == "HEAD" else call.method
        for route in self._routes:
            match = route.pattern.fullmatch(call.path)
            if match is None:
                continue
            if method in route.methods:
                return route.handler, replace(call, parts=match.groupdict())
            allowed += route.methods
        if allowed:
            names = ",".join(dict.fromkeys(allowed))
            raise SalesforceError(
                "METHOD_NOT_ALLOWED",
                f"HTTP Method '{call.method}' not allowed. Allowed are {names}",
                status=405,
            )
        raise not_found()

    def endpoint_of(self, method: str, path: str) -> str:
        """The name of a request for counting: its method and template."""
        path = tidy(path)
        for route in self._routes:
            if route.pattern.fullmatch(path) and ("GET" if method == "HEAD" else method) in route.methods:
                return f"{method} {route.endpoint}"
        return "other"


def tidy(path: str) -> str:
    """The path with one slash in front: the sf command line puts two after an instance URL that ends with one."""
    return f"/{path.lstrip('/')}"


def split_url(url: str) -> tuple[str, dict[str, str]]:
    """Path and query parameters of a subrequest's url, which may be absolute."""
    parts = urlsplit(url)
    return parts.path, read_query(parts.query)


def read_query(text: str) -> dict[str, str]:
    """Query parameters; `+` is a space; the first of several wins."""
    found: dict[str, str] = {}
    for key, value in parse_qsl(text, keep_blank_values=True):
        found.setdefault(key, value)
    return found
