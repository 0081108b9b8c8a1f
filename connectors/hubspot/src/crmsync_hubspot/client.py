"""The official client, made fit for long runs through its `api_factory` hook.

As it comes, `hubspot-api-client` 12 opens a new connection for every access to a sub-API, has no time limit, and
raises one exception family per sub-package, losing the body of non-UTF-8 and TLS faults on the way. Here every
sub-API is built once, all share one connection pool, every answer is read whole within its limits of time and size,
and one that is no success becomes an `HttpFault` before the client touches it. Its own retries and redirects are off.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from hubspot import Client
from hubspot.discovery.discovery_base import DiscoveryBase
from urllib3 import Retry

from crmsync.sdk import UsageError, bound_answers, call_span, close_pools, whole_body
from crmsync_hubspot.settings import LOOPBACK_HOSTS, HubSpotSettings


class HttpFault(Exception):
    """An answer that is no success. `status` 0: there was none, the connection could not be made safely."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        super().__init__(status)
        self.status = status
        self.headers = headers
        self.body = body


@dataclass(frozen=True, slots=True)
class WholeAnswer:
    """A success, read to its end. `headers`: names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class ClientApis:
    """The client with its cached sub-APIs and their one connection pool."""

    def __init__(self, settings: HubSpotSettings) -> None:
        self._timeouts = (settings.connect_timeout_seconds, settings.timeout_seconds)
        self._largest_bytes = settings.largest_answer_megabytes * 1_000_000
        self._apis: dict[tuple[str, str], Any] = {}
        self._pool: Any = None
        self._token: str | None = None
        self.root = Client.create(
            host=settings.url,
            retry=Retry(total=0, redirect=False, respect_retry_after_header=False),
            connection_pool_maxsize=2,
            api_factory=self._api,
            **_network(settings.url),
        )

    def use_token(self, token: str | None) -> None:
        """Sign every later call with this token; None signs none."""
        if token == self._token:
            return
        self._token = token
        self.root.access_token = token
        for api in self._apis.values():
            api.api_client.configuration.access_token = token

    def close(self) -> None:
        """Close all connections."""
        if self._pool is not None:
            close_pools(self._pool)

    def _api(self, package: ModuleType, name: str, config: dict[str, Any]) -> Any:
        """The client's hook: the sub-API `name` of a generated package, built once."""
        key = (package.__name__, name)
        if key not in self._apis:
            api = DiscoveryBase._default_api_factory(package, name, config)
            rest = api.api_client.rest_client
            if self._pool is None:
                self._pool = rest.pool_manager
                bound_answers(self._pool, seconds=self._timeouts[1], largest_bytes=self._largest_bytes)
                self._pool.request = _whole(self._pool.request, self._largest_bytes)
            rest.pool_manager = self._pool
            rest.request = _careful(rest.request, self._timeouts)
            self._apis[key] = api
        return self._apis[key]


def _network(url: str) -> dict[str, str]:
    """The proxy and the trusted certificates of the environment, which urllib3 does not look for by itself.

    Raises `UsageError` when the certificates are not there.
    """
    parts = urlsplit(url)
    options = {}
    proxy = getproxies().get(parts.scheme)
    if proxy and parts.hostname not in LOOPBACK_HOSTS and not proxy_bypass(parts.hostname or ""):
        options["proxy"] = proxy if "://" in proxy else f"http://{proxy}"
    bundle = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE")
    if bundle and not Path(bundle).exists():
        raise UsageError(
            f"there are no certificates at {bundle}",
            hint="correct REQUESTS_CA_BUNDLE (or SSL_CERT_FILE) in the environment, or take it out",
        )
    if bundle and Path(bundle).is_file():
        options["ssl_ca_cert"] = bundle
    return options


def _whole(request: Callable[..., Any], largest_bytes: int) -> Callable[..., WholeAnswer]:
    """The pool's `request`, which reads its answer to the end. Raises `HttpFault` for one that is no success."""

    def whole_request(*args: Any, **options: Any) -> WholeAnswer:
        with call_span(*args[:2]) as answered:
            response = request(*args, **options)
            answered(response.status)
            body = whole_body(response, largest_bytes=largest_bytes)
        headers = {name.lower(): value for name, value in response.headers.items()}
        if not 200 <= response.status <= 299:
            raise HttpFault(response.status, headers, body)
        return WholeAnswer(response.status, headers, body)

    return whole_request


def _careful(request: Callable[..., Any], timeouts: tuple[float, float]) -> Callable[..., Any]:
    """The client's `request` with time limits (connect, read; seconds) and with one kind of fault."""

    def careful_request(*args: Any, **options: Any) -> Any:
        options["_request_timeout"] = timeouts
        try:
            return request(*args, **options)
        except Exception as error:
            # The generated packages' ApiExceptions share no base class, only their attributes. What is left of them
            # is the one for a connection that could not be made safely.
            if isinstance(error, HttpFault) or not hasattr(error, "status") or not hasattr(error, "body"):
                raise
            raise HttpFault(int(error.status or 0), {}, b"") from None

    return careful_request
