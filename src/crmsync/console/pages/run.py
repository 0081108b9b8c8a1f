"""One run: what it was, what it wrote, and how to take it back."""

from __future__ import annotations

from contextlib import closing

from starlette.requests import Request

from crmsync.console.chosen import number_in
from crmsync.console.pages.lead import grouped
from crmsync.console.shown import Shown
from crmsync.console.site import Site
from crmsync.operations.history.lead_history import history_of_run
from crmsync.operations.history.runs import run_line
from crmsync.settings import Settings
from crmsync.store import Store

STEP = 50
MOST_ASIDE = 200


def run(_site: Site, settings: Settings, request: Request) -> Shown:
    """A page of its journal, by lead. Raises `UsageError` for a run that there is not."""
    number = number_in(request)
    after = request.query_params.get("after")
    line = run_line(settings, number)
    past = history_of_run(settings, number, (line.connection,), after=after, most=STEP + 1)
    changes = grouped(past.entries)
    last = changes[STEP - 1][0].lead if len(changes) > STEP else None
    values: dict[str, object] = {
        "line": line,
        "changes": changes[:STEP],
        "past": past,
        "names": past.user_names,
        "labels": past.labels,
    }
    with closing(Store(settings.store)) as store:
        plan = store.plans.of(line.connection)
    values["waits"] = plan.open if plan is not None else 0
    return Shown("run.html", {**values, "after": after, "last": last, "most_aside": MOST_ASIDE})
