"""A connection is worked on by one run at a time: who else wants it asks again for a while."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import TypeVar

from crmsync.errors import AnotherRunInProgress

_T = TypeVar("_T")


def once_it_has_ended(
    deed: Callable[[], _T],
    *,
    patience_seconds: float,
    apart_seconds: float,
    stop: Event | None = None,
    waits: Callable[[], None] = lambda: None,
) -> _T:
    """What the deed gives. It is done again while another run is at work, until that ends, patience does, or `stop`
    is set; `waits` is called before each wait.

    Raises `AnotherRunInProgress` where it still is at work then.
    """
    from tenacity import (  # noqa: PLC0415 - nearly always it is done at once
        Retrying,
        retry_if_exception_type,
        sleep_using_event,
        stop_after_delay,
        stop_when_event_set,
        wait_fixed,
    )

    stopped = stop or Event()
    asking = Retrying(
        retry=retry_if_exception_type(AnotherRunInProgress),
        stop=stop_after_delay(patience_seconds) | stop_when_event_set(stopped),
        wait=wait_fixed(apart_seconds),
        sleep=sleep_using_event(stopped),
        before_sleep=lambda _: waits(),
        reraise=True,
    )
    return asking(deed)
