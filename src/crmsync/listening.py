"""A socket of the service's and the server behind it, in a thread of their own, as long as a block runs."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from crmsync.errors import UsageError

_STOP_SECONDS = 5.0


def server_of(
    app: Any, *, protocol: type[asyncio.Protocol] | None = None, at_once: int | None = None
) -> uvicorn.Server:
    """A server that is not at work yet. Whoever calls is who the socket says: what a header says of that
    (`X-Forwarded-For`), many a proxy lets through from its callers.
    """
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        proxy_headers=False,
        ws="none",
        http=protocol or "auto",
        limit_concurrency=at_once,
    )
    return uvicorn.Server(config)


@contextmanager
def served(
    app: Any,
    host: str,
    port: int,
    *,
    name: str,
    protocol: type[asyncio.Protocol] | None = None,
    at_once: int | None = None,
) -> Iterator[str]:
    """Answer there by this ASGI app; gives the base address. `port` 0 = any that is free.

    `name`: the part of crmsync.yaml that names the address. `protocol`: in place of uvicorn's own. `at_once`: so many
    connections are answered; others are told that the service is busy. Raises `UsageError` for an address that is
    taken or not this machine's.
    """
    with _bound(host, port, name) as bound:
        server = server_of(app, protocol=protocol, at_once=at_once)
        thread = threading.Thread(target=server.run, args=([bound],), name=name, daemon=True)
        thread.start()
        try:
            yield f"http://{f'[{host}]' if ':' in host else host}:{bound.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(_STOP_SECONDS)


def _bound(host: str, port: int, name: str) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        raise UsageError(
            f"cannot listen on {address}: {error.strerror}", hint=f"name another port under `{name}: listen`"
        ) from error
