"""Which connection a page is about."""

from __future__ import annotations

from starlette.requests import Request

from crmsync.settings import Settings


def chosen_connection(settings: Settings, request: Request) -> str:
    """The one that the address names, or the first. Raises `UsageError` for one that is not configured."""
    named = request.query_params.get("connection")
    return settings.named((named,) if named else ())[0]
