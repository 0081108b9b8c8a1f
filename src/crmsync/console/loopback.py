"""The console's socket, by uvicorn: loopback, unless people sign in and the files name another address."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable

from starlette.applications import Starlette

from crmsync.errors import UsageError
from crmsync.listening import server_of

HOST = "127.0.0.1"
_A_LOOK = 0.5
_STOP_SECONDS = 5.0


def listening(app: Starlette, port: int, ready: Callable[[str], None], host: str | None = None) -> None:
    """Answer until the process is told to stop. `port`: 0 = any that is free; `ready` is given the address.

    `host`: null = loopback.

    Raises `UsageError` for a port that is taken.
    """
    stopped = threading.Event()
    host = host or HOST
    with _bound(host, port) as bound:
        server = server_of(app)
        thread = threading.Thread(target=server.run, args=([bound],), name="console", daemon=True)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopped.set())
        thread.start()
        ready(f"http://{f'[{host}]' if ':' in host else host}:{bound.getsockname()[1]}/")
        while thread.is_alive() and not stopped.wait(_A_LOOK):
            pass
        server.should_exit = True
        thread.join(_STOP_SECONDS)


def _bound(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise UsageError(
            f"cannot listen on {host}:{port}: {error.strerror}",
            hint="name another port, or none for any that is free",
        ) from error
