"""Which connection and which lead a page is about."""

from __future__ import annotations

from contextlib import closing

from starlette.requests import Request

from crmsync.console.visitor import visitor_of
from crmsync.errors import NextStep, UsageError
from crmsync.operations.history.stored_leads import stored_leads
from crmsync.settings import Settings
from crmsync.store import Store

_MOST = 2**63 - 1


def chosen_connection(settings: Settings, request: Request) -> str:
    """The one that the address names, or the first. Raises `UsageError` for one that is not configured."""
    named = request.query_params.get("connection")
    return settings.named((named,) if named else ())[0]


def number_in(request: Request) -> int:
    """The run that the address names. Raises `UsageError` for a number that no store gives."""
    number: str = request.path_params["run"]
    there = number.isascii() and number.isdigit() and len(number) <= len(str(_MOST))
    if not there or int(number) > _MOST:
        raise UsageError(f"there is no run {number[:24]}", step=NextStep("look_at_runs", "`crmsync runs` lists them"))
    return int(number)


def named_lead(request: Request) -> str:
    """As the address names it. Raises `UsageError` as `read_by` does."""
    return read_by(request, request.path_params["lead"])


def read_by(request: Request, lead: str) -> str:
    """A lead as somebody names it. Raises `UsageError` for an e-mail if they may not read whose it is."""
    if "@" in lead and visitor_of(request).hidden:
        raise UsageError("who leads are is hidden from you", hint="name a lead by its record id")
    return lead


def stored_lead(settings: Settings, request: Request) -> str:
    """Its id, whichever way the address names it.

    Raises `UsageError` for one that is not stored, so that nobody waits for what is computed of it behind a page.
    """
    return the_stored(settings, request.path_params["connection"], named_lead(request))


def the_stored(settings: Settings, connection: str, name: str) -> str:
    """The id of the lead that is named so. Raises `UsageError` where none is stored."""
    with closing(Store(settings.store)) as store:
        return stored_leads(settings, store, name, (connection,))[0][1]
