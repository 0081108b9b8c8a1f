"""A network that can be lost: a TCP proxy that passes bytes on, swallows them for a time, or resets connections."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

Target = tuple[str, int] | str
"""Host and port, or the path of a socket."""


@dataclass
class Line:
    """One way through the proxy. `port`: where it listens, on 127.0.0.1. `sent`: when clients sent what, its start.

    While it `swallows`, bytes of both directions are taken and go nowhere; connections that were so cut are reset
    when it passes again, as nobody can go on with them.
    """

    target: Target
    loop: asyncio.AbstractEventLoop
    port: int = 0
    swallows: bool = False
    sent: list[tuple[float, bytes]] = field(default_factory=list)
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _cut: set[asyncio.StreamWriter] = field(default_factory=set)

    def swallow(self) -> None:
        """From now on nothing arrives, and nobody is told."""
        self.swallows = True

    def heal(self) -> int:
        """Pass again; gives how many connections were reset, as bytes of theirs are gone."""
        self.swallows = False
        return self._reset(self._cut)

    def reset(self) -> int:
        """Every connection breaks off now."""
        return self._reset(self._open)

    def _reset(self, writers: set[asyncio.StreamWriter]) -> int:
        some = list(writers)
        for writer in some:
            with contextlib.suppress(OSError):  # it is closed by now
                linger = struct.pack("ii", 1, 0)
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.loop.call_soon_threadsafe(writer.transport.abort)
        return len(some)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection through it."""
        try:
            if isinstance(self.target, str):
                there = await asyncio.open_unix_connection(self.target)
            else:
                there = await asyncio.open_connection(*self.target)
        except OSError:
            writer.transport.abort()
            return
        both = (writer, there[1])
        self._open.update(both)
        ways = (self._pump(reader, both[1], both, told=True), self._pump(there[0], both[0], both, told=False))
        await asyncio.gather(*ways)
        self._open.difference_update(both)
        self._cut.difference_update(both)

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        both: Sequence[asyncio.StreamWriter],
        *,
        told: bool,
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                if self.swallows:
                    self._cut.update(both)
                    continue
                if told:
                    self.sent.append((time.monotonic(), data[:80]))
                writer.write(data)
                await writer.drain()
        with contextlib.suppress(OSError, RuntimeError):
            writer.close()


@contextmanager
def lines(targets: Sequence[Target]) -> Iterator[list[Line]]:
    """A way to each target."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="lost network", daemon=True)
    thread.start()
    made = [Line(target, loop) for target in targets]
    servers = []
    for line in made:
        begun = asyncio.run_coroutine_threadsafe(asyncio.start_server(line.serve, "127.0.0.1", 0), loop).result(30)
        line.port = begun.sockets[0].getsockname()[1]
        servers.append(begun)
    try:
        yield made
    finally:
        for server in servers:
            loop.call_soon_threadsafe(server.close)
        for line in made:
            line.reset()
        asyncio.run_coroutine_threadsafe(_all_ended(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)


async def _all_ended() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
