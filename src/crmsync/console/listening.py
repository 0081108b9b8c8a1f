"""The console's socket: loopback only, by uvicorn."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn
from starlette.applications import Starlette

from crmsync.errors import UsageError

HOST = "127.0.0.1"


def listening(app: Starlette, port: int, ready: Callable[[str], None]) -> None:
    """Answer until the process is told to stop. `port`: 0 = any that is free; `ready` is given the address.

    Raises `UsageError` for a port that is taken.
    """
    with _bound(port) as bound:
        ready(f"http://{HOST}:{bound.getsockname()[1]}/")
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", server_header=False)
        uvicorn.Server(config).run([bound])


def _bound(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        raise UsageError(
            f"cannot listen on {HOST}:{port}: {error.strerror}",
            hint="name another port, or none for any that is free",
        ) from error
