"""A lead that is left alone, and let go again: what `crmsync hold LEAD` does, with and without `--release`."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from typing import Any

from starlette.requests import Request

from crmsync.clock import day_from
from crmsync.console.forms import Form
from crmsync.console.saving import address
from crmsync.console.shown import Elsewhere, Shown, refused
from crmsync.console.site import Site
from crmsync.console.visitor import needs, visitor_of
from crmsync.console.work import in_a_moment
from crmsync.operations.left_alone.holds import LONGEST_WHY, hold_lead, release_lead
from crmsync.operations.run.waiting_plans import LONGEST_REASON
from crmsync.settings import Settings
from crmsync.store import Store
from crmsync.tongue import to_say

_SAY_BOTH = to_say("Say until which day the lead is to be left alone, and why, in a sentence.")


@needs("approver")
def held(site: Site, settings: Settings, request: Request, form: Form) -> Shown | Elsewhere:
    """Nothing of it is changed up to a day. Raises `UsageError` for a lead that is not stored, a day that is over."""
    connection, lead = request.path_params["connection"], form.get("lead", "")
    until, why = _day(form.get("until", "")), form.get("reason", "").strip()
    if until is None or not 0 < len(why) <= LONGEST_WHY:
        return refused(site.tongue(settings).say(_SAY_BOTH), address("leads", connection, lead), form)
    person = visitor_of(request).name
    done = in_a_moment(
        lambda: hold_lead(settings, lead, (connection,), until=until, why=why, by=person, now=site.now)
    )
    notes = [{"lead": each.what.lead, "until": until.isoformat()} for each in done if not each.again]
    _note(site, settings, request, "lead_held", why, notes)
    return Elsewhere(address("leads", connection, lead))


@needs("approver")
def released(site: Site, settings: Settings, request: Request, form: Form) -> Elsewhere:
    """The next run may change it. Raises `UsageError` where nothing keeps crmsync off it."""
    connection, lead = request.path_params["connection"], form.get("lead", "")
    done = in_a_moment(lambda: release_lead(settings, lead, (connection,), now=site.now))
    reason = form.get("reason", "").strip()[:LONGEST_REASON]
    _note(site, settings, request, "lead_released", reason, [{"lead": each.lead} for each in done])
    if form.get("back") == "list":
        return Elsewhere(address("leads", "left-alone", released="yes"))
    return Elsewhere(address("leads", connection, lead))


def _note(
    site: Site, settings: Settings, request: Request, what: str, reason: str, notes: list[dict[str, Any]]
) -> None:
    connection, person = request.path_params["connection"], visitor_of(request).name
    with closing(Store(settings.store)) as store:
        for about in notes:
            store.console.note(what, now=site.now(), person=person, connection=connection, reason=reason, about=about)


def _day(text: str) -> date | None:
    try:
        return day_from(text)
    except ValueError:
        return None
