"""Instants on HubSpot's wire: `Date` headers, ISO-8601 text with milliseconds, epoch milliseconds."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from crmsync.sdk import server_date

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def server_time(headers: Mapping[str, str]) -> datetime:
    """When the server gave this answer, by its `Date` header (whole seconds).

    A server without a readable `Date` (RFC 9110 asks for one) leaves only this machine's clock.
    """
    return server_date(headers.get("date")) or datetime.fromtimestamp(int(time.time()), UTC)


def as_text(moment: datetime) -> str:
    """ISO-8601 in UTC with `Z`; milliseconds only when there are any."""
    plain = moment.astimezone(UTC).replace(tzinfo=None)
    return plain.isoformat(timespec="milliseconds" if plain.microsecond else "seconds") + "Z"


def from_text(text: str) -> datetime:
    """The instant of an ISO-8601 text with a zone. Raises ValueError for anything else."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return moment.astimezone(UTC)


def as_milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970, rounded down; the form that search filters take."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def from_milliseconds(milliseconds: int) -> datetime:
    """The instant of so many milliseconds since 1970."""
    return _EPOCH + timedelta(milliseconds=milliseconds)
