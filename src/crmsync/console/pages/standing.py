"""Whether a plan's page that stands open still shows what there is: asked now and then, and told in words.

The page is not loaded anew by itself: somebody may have ticked leads and begun to say why.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from crmsync.console.shown import Shown
from crmsync.console.site import Site
from crmsync.settings import Settings
from crmsync.store import KeptPlan, Store
from crmsync.tongue import to_say

_LONGEST = 100
_FEW_RUNS = 100
_AT_WORK = to_say("Somebody works on this connection: a plan is made, or what was approved is written.")
_GONE = to_say("This plan waits no longer: it was dropped.")
_ANOTHER = to_say("Another plan has taken the place of this one.")
_FIRST = to_say("A plan was made meanwhile.")
_APPROVED = to_say("Some of this plan was approved meanwhile.")
_ALL_APPROVED = to_say("All of this plan has been approved.")
_WROTE = to_say("A run has written since this page was loaded.")
_MOVED_ON = to_say("Something has changed since this page was loaded.")


@dataclass(frozen=True, slots=True)
class PlanStanding:
    """What a plan's page depends on. `plan`, `overtaken_by`: null = none. `busy`: work is under way there."""

    plan: int | None
    open: int
    state: str
    overtaken_by: int | None
    busy: bool

    @property
    def mark(self) -> str:
        """The same in few letters, as the page keeps it to compare by."""
        parts = (self.plan or 0, self.open, self.state, self.overtaken_by or 0, "busy" if self.busy else "still")
        return ".".join(map(str, parts))


def standing_of(site: Site, store: Store, connection: str, kept: KeptPlan | None) -> PlanStanding:
    """As it is now. `kept`: the connection's plan."""
    work = site.works.of(connection)
    busy = work is not None and not work.ended
    if kept is None:
        return PlanStanding(None, 0, "none", None, busy)
    return PlanStanding(kept.id, kept.open, kept.state, _overtaken_by(store, kept), busy or kept.state == "at_work")


def _overtaken_by(store: Store, kept: KeptPlan) -> int | None:
    """The last run that has written since the plan was made and does not carry it out; null = none has."""
    since = (run for run in store.runs.last(kept.connection, limit=_FEW_RUNS) if run.id > kept.run)
    return next((run.id for run in since if run.counts.get("written") and run.plan_of != kept.run), None)


def standing(site: Site, settings: Settings, request: Request) -> Shown | Response:
    """Nothing where nothing has changed since it was asked last, else what. Raises `UsageError` for no connection."""
    connection = request.path_params["connection"]
    settings.named((connection,))
    seen, last = (request.query_params.get(name, "")[:_LONGEST] for name in ("seen", "last"))
    with closing(Store(settings.store)) as store:
        now = standing_of(site, store, connection, store.plans.of(connection))
    if now.mark == last:
        return Response(status_code=204)
    values = {"connection": connection, "asked": urlencode({"seen": seen, "last": now.mark}), "note": None}
    if now.mark != seen:
        values["note"] = site.tongue(settings).say(_what_changed(seen.split("."), now))
    return Shown("plan_standing.html", values)


def _what_changed(seen: list[str], now: PlanStanding) -> str:
    before = dict(zip(("plan", "open", "state", "overtaken_by"), seen, strict=False))
    if now.busy:
        return _AT_WORK
    if str(now.plan or 0) != before.get("plan"):
        return _GONE if now.plan is None else _FIRST if before.get("plan") == "0" else _ANOTHER
    if str(now.open) != before.get("open"):
        return _APPROVED if now.open else _ALL_APPROVED
    return _WROTE if str(now.overtaken_by or 0) != before.get("overtaken_by") else _MOVED_ON
