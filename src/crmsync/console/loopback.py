"""The console's socket: loopback only, by uvicorn."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable

import uvicorn
from starlette.applications import Starlette

from crmsync.errors import UsageError

HOST = "127.0.0.1"
_A_LOOK = 0.5
_STOP_SECONDS = 5.0


def listening(app: Starlette, port: int, ready: Callable[[str], None]) -> None:
    """Answer until the process is told to stop. `port`: 0 = any that is free; `ready` is given the address.

    Raises `UsageError` for a port that is taken.
    """
    stopped = threading.Event()
    with _bound(port) as bound:
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", server_header=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([bound],), name="console", daemon=True)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopped.set())
        thread.start()
        ready(f"http://{HOST}:{bound.getsockname()[1]}/")
        while thread.is_alive() and not stopped.wait(_A_LOOK):
            pass
        server.should_exit = True
        thread.join(_STOP_SECONDS)


def _bound(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        raise UsageError(
            f"cannot listen on {HOST}:{port}: {error.strerror}",
            hint="name another port, or none for any that is free",
        ) from error
