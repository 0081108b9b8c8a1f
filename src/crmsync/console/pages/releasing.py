"""A lead that is left alone, let go again: what `crmsync hold LEAD --release` does."""

from __future__ import annotations

from contextlib import closing
from urllib.parse import quote

from starlette.requests import Request

from crmsync.console.forms import Form
from crmsync.console.shown import Elsewhere
from crmsync.console.site import Site
from crmsync.console.visitor import needs, visitor_of
from crmsync.operations.left_alone.holds import release_lead
from crmsync.operations.run.waiting_plans import LONGEST_REASON
from crmsync.settings import Settings
from crmsync.store import Store


@needs("approver")
def released(site: Site, settings: Settings, request: Request, form: Form) -> Elsewhere:
    """The next run may change it. Raises `UsageError` where nothing keeps crmsync off it."""
    connection, lead = request.path_params["connection"], form.get("lead", "")
    done = release_lead(settings, lead, (connection,), now=site.now)
    reason = form.get("reason", "").strip()[:LONGEST_REASON]
    with closing(Store(settings.store)) as store:
        person, now = visitor_of(request).name, site.now()
        for each in done:
            about = {"lead": each.lead}
            store.console.note(
                "lead_released", now=now, person=person, connection=connection, reason=reason, about=about
            )
    return Elsewhere(f"/leads/{quote(connection, safe='')}/{quote(lead, safe='')}")
