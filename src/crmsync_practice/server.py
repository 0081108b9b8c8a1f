"""One uvicorn loop over several loopback sockets: which app answers depends on the port that was called."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Generator, Mapping

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from crmsync_practice.exchange import CONNECTION
from crmsync_practice.header_names import spelling
from crmsync_practice.visitors import refusal

LOOPBACK = "127.0.0.1"


def bind(port: int, count: int) -> list[socket.socket]:
    """Listening sockets on `port`, `port + 1`, …; port 0 picks free neighbours. Raises OSError when
    taken.
    """
    for _ in range(200):
        bound: list[socket.socket] = []
        try:
            first = _bind(port)
            bound.append(first)
            start = first.getsockname()[1]
            if start + count - 1 > 65535:
                raise OSError("no port is free above 65535")
            bound += [_bind(start + offset) for offset in range(1, count)]
        except OSError:
            for each in bound:
                each.close()
            if port != 0:
                raise
        else:
            return bound
    raise OSError("found no free neighbouring ports")


def run(apps: Mapping[int, ASGIApp], sockets: list[socket.socket], when_ready: Callable[[], None]) -> None:
    """Serves until SIGTERM or SIGINT; `apps` by port. Idle connections are closed at once, busy ones
    after 1 s.
    """

    async def by_port(scope: Scope, receive: Receive, send: Send) -> None:
        send = spelling(send)
        refused = refusal(scope["path"], scope["headers"]) if scope["type"] == "http" else None
        app = apps[scope["server"][1]] if refused is None else refused.response()
        await app(scope, receive, send)

    config = uvicorn.Config(
        by_port,
        loop="asyncio",
        http=_BreakableProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,  # the practice clock tells the date
        # Long enough that no client meets a connection which was closed while it was idle.
        timeout_keep_alive=600,
        timeout_graceful_shutdown=1,
        # The sides answer 414 and 431 at 16 KB themselves.
        h11_max_incomplete_event_size=512 * 1024,
        backlog=1024,
    )
    asyncio.run(_Server(config, when_ready).serve(sockets))


def _bind(port: int) -> socket.socket:
    # Naming the protocol makes asyncio switch Nagle's algorithm off, which costs 40 ms a request otherwise.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((LOOPBACK, port))
        # Listening at once makes a second server on the same port fail here and not later.
        listening.listen(1024)
        listening.setblocking(False)
    except OSError:
        listening.close()
        raise
    return listening


class _BreakableProtocol(H11Protocol):
    """HTTP/1.1 that hands the app its transport, so that faults can break the connection for real; its own answer to
    what is no HTTP spells headers as the app's answers do.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        app = self.app

        async def with_connection(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("extensions", {})[CONNECTION] = transport
            await app(scope, receive, send)

        self.app = with_connection

    def send_400_response(self, msg: str) -> None:
        body = msg.encode("ascii", "replace")
        head = f"Content-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        self.transport.write(b"HTTP/1.1 400 Bad Request\r\n" + head.encode() + body)
        self.transport.close()


class _Server(uvicorn.Server):
    """Ends with exit code 0 on SIGTERM and SIGINT, and says when it is ready."""

    def __init__(self, config: uvicorn.Config, when_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._when_ready = when_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._when_ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        loop = asyncio.get_running_loop()
        for each in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(each, self._stop)
        yield

    def _stop(self) -> None:
        self.should_exit = True
