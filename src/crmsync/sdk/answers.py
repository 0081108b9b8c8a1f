"""Answers with an end: within a time, and not larger than so many bytes, packed or unpacked.

A client's time limit begins anew with every byte, and 6 MB of gzip can hold gigabytes. Both bounds hold for head and
body together, whoever reads them: `bound_answers` sets them where the bytes come in, `whole_body` where they are
unpacked.
"""

from __future__ import annotations

import io
import time
from http.client import HTTPResponse
from socket import SocketIO, socket
from typing import Any, Literal

_READ_BYTES = 1 << 16


class AnswerTooLarge(Exception):
    """An answer is larger than it may be. The same question would bring it again."""


def bound_answers(pools: Any, *, seconds: float, largest_bytes: int) -> None:
    """From now on a urllib3 `PoolManager` (and its kin) reads no answer longer than this.

    `seconds` run from the end of the request to the end of the answer's body; after them reading raises
    `TimeoutError`. More bytes than `largest_bytes`, as they come, raise `AnswerTooLarge`.
    """

    class Bounded(HTTPResponse):
        def __init__(self, sock: socket, *args: Any, **options: Any) -> None:
            deadline = time.monotonic() + seconds
            super().__init__(_Bounded(sock, deadline, largest_bytes), *args, **options)  # type: ignore[arg-type]

    pools.pool_classes_by_scheme = {
        scheme: type(pool.__name__, (pool,), {"ConnectionCls": _with_answers(pool.ConnectionCls, Bounded)})
        for scheme, pool in pools.pool_classes_by_scheme.items()
    }


def whole_body(answer: Any, *, largest_bytes: int) -> bytes:
    """The unpacked body of a urllib3 response, whose connection is free then. Raises `AnswerTooLarge`.

    What reading raises passes through, and the connection is closed.
    """
    parts, size = [], 0
    try:
        while part := answer.read1(_READ_BYTES, decode_content=True):
            size += len(part)
            if size > largest_bytes:
                raise AnswerTooLarge
            parts.append(part)
    except BaseException:
        answer.close()
        raise
    answer.release_conn()
    return b"".join(parts)


def close_pools(pools: Any) -> None:
    """Close every connection of a urllib3 `PoolManager` that waits for its next call, and forget them.

    `clear` alone leaves that to whenever Python next looks for what nobody refers to: a service that opens a
    connector every few seconds has a hundred sockets open by then.
    """
    for key in pools.pools.keys():  # noqa: SIM118 - it cannot be walked over otherwise
        pool = pools.pools.get(key)
        if pool is not None:
            pool.close()
    pools.clear()


def _with_answers(connection: Any, answers: type[HTTPResponse]) -> type:
    return type(connection.__name__, (connection,), {"response_class": answers})


class _Bounded:
    """All that an `HTTPResponse` asks of a socket."""

    def __init__(self, sock: socket, deadline: float, largest_bytes: int) -> None:
        self._sock = sock
        self._deadline = deadline
        self._largest_bytes = largest_bytes

    def makefile(self, mode: Literal["rb"]) -> io.BufferedReader:
        stream = self._sock.makefile(mode, buffering=0)
        return io.BufferedReader(_Stream(stream, self._sock, self._deadline, self._largest_bytes))


class _Stream(io.RawIOBase):
    """A socket's bytes, as long as there is time and room."""

    def __init__(self, stream: SocketIO, sock: socket, deadline: float, largest_bytes: int) -> None:
        self._stream = stream
        self._sock = sock
        self._deadline = deadline
        self._room = largest_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer came too slowly")
        patience = self._sock.gettimeout()
        self._sock.settimeout(left if patience is None else min(left, patience))
        count = self._stream.readinto(buffer)
        self._room -= count or 0
        if self._room < 0:
            raise AnswerTooLarge
        return count

    def close(self) -> None:
        self._stream.close()
        super().close()
