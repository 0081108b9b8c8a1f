"""The plan that waits for an approval: its changes page by page, what is approved of it, and how far that is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, cast, get_args
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from crmsync.connection.stored_kind import users_last_seen
from crmsync.console.pages.explained import explained
from crmsync.console.pages.standing import standing_of
from crmsync.console.shown import Elsewhere, Shown, part_asked
from crmsync.console.site import Site
from crmsync.console.visitor import visitor_of
from crmsync.console.work import Work
from crmsync.errors import UsageError
from crmsync.operations.run.every_connection import ConnectionReport
from crmsync.operations.run.waiting_plans import ARROW, OTHER_FIELDS, OTHER_OWNER, let_through_by
from crmsync.settings import Settings
from crmsync.store import KeptPlan, PlannedChange, PlanOrder, Sought, Store
from crmsync.tongue import Tongue, to_say

STEP = 50
ORDERS: Mapping[PlanOrder, str] = {
    "move": to_say("by move"),
    "points": to_say("by points"),
    "name": to_say("by name"),
    "owner": to_say("by owner"),
}
_LONGEST = 200
_SWITCHED_OFF = "this connection is not switched on"
"""How a note begins of what the page tells by itself, as it is now and not as it was when the plan was made."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which changes a reader wants to see. `tick`: how many of them are ticked, for as long as the plan is as it was
    (`of`): whoever goes back to that page after an approval finds nothing ticked that they have not seen. Empty = not
    told, as in an address that somebody has typed: it leads on to the one that says of which.
    """

    move: str
    owner: str
    words: str
    order: PlanOrder
    page: int
    all_of_them: bool
    tick: int = 0
    of: str = ""

    @property
    def sought(self) -> Sought:
        """As the store is asked."""
        return Sought(self.move or None, self.owner or None, tuple(self.words.split()), not self.all_of_them)

    def path(self, connection: str, **other: object) -> str:
        """The address of this list, or of another one."""
        now = {"move": self.move, "owner": self.owner, "words": self.words, "order": self.order, "page": self.page}
        now["all"] = "yes" if self.all_of_them else ""
        asked = {name: str(value) for name, value in {**now, **other}.items() if value and (name, value) != _FIRST}
        path = f"/plan/{quote(connection, safe='')}"
        return f"{path}?{urlencode(asked)}" if asked else path


_FIRST = ("page", 1)


def plans(_site: Site, settings: Settings, _request: Request) -> Shown | Elsewhere:
    """The plan of the only connection, or which of several to look at."""
    names = list(settings.configured)
    if len(names) == 1:
        return Elsewhere(f"/plan/{quote(names[0], safe='')}")
    with closing(Store(settings.store)) as store:
        found = [(name, store.plans.of(name)) for name in names]
    return Shown("plans.html", {"plans": found})


def plan(site: Site, settings: Settings, request: Request) -> Shown | Elsewhere:
    """A page of the connection's plan. Raises `UsageError` for one that is not configured."""
    connection = request.path_params["connection"]
    settings.named((connection,))
    asked, tongue = _asked(request), site.tongue(settings)
    work = site.works.of(connection)
    with closing(Store(settings.store)) as store:
        kept = store.plans.of(connection)
        around = {"connection": connection, "work": work, "ended": _ended(work), "asked": asked, "plan": kept}
        around["writes"] = settings.configured[connection].writes == "on"
        around["file"] = settings.file.file
        now = standing_of(site, store, connection, kept)
        around["overtaken_by"] = now.overtaken_by
        around["seen"] = urlencode({"seen": now.mark, "last": now.mark})
        if kept is None:
            return Shown("plan.html", around)
        if asked.tick and not asked.of:
            return Elsewhere(asked.path(connection, tick=asked.tick, of=_as_it_is(kept)))
        count, changes = store.plans.page(
            connection, kept.id, asked.sought, order=asked.order, first=(asked.page - 1) * STEP, most=STEP
        )
        names = store.facts.lead_names(connection, [each.lead for each in changes])
        users, labels = users_last_seen(store, connection), _labels(settings, tongue)
        rows = [_row(each, names, users) for each in changes]
        values: dict[str, Any] = {
            "rows": rows,
            "groups": _groups(rows) if asked.order == "move" else [(None, rows)],
            "count": count,
            "pages": max(1, math.ceil(count / STEP)),
            "step": STEP,
            "users": users,
            "ticked": _ticked(rows, asked, kept),
            "of": _as_it_is(kept),
            "in_words": {row.move: move_in_words(row.move, labels, tongue) for row in rows},
            "orders": ORDERS,
        }
        if part_asked(request):
            return Shown("plan_changes.html", {**around, **values})
        values["moves"] = sorted(store.plans.moves(connection, kept.id), key=lambda it: -it[1])
        values["in_words"] = {move: move_in_words(move, labels, tongue) for move, _, _ in values["moves"]}
        values["owners"] = kept.told["owners"]
        values["receivers"] = [
            (it["owner"], it["gains"]) for it in kept.told["owners"] if it["owner"] and it["gains"]
        ]
        values["notes"] = [note for note in kept.told["notes"] if not note.startswith(_SWITCHED_OFF)]
        values["breached"] = [guard for guard in kept.told["guards"] if guard["breached"]]
        values["can_be_let_through"] = bool(let_through_by(kept.told))
    return Shown("plan.html", {**around, **values})


def progress(site: Site, settings: Settings, request: Request) -> Shown | Response:
    """How far the work on a connection is: a part of the page, asked again each second until the page is anew."""
    connection = request.path_params["connection"]
    settings.named((connection,))
    work = site.works.of(connection)
    if work is None or work.ended:
        return Response(headers={"HX-Refresh": "true"})
    return Shown("plan_progress.html", {"connection": connection, "work": work})


def _asked(request: Request) -> Asked:
    given, hidden = request.query_params, visitor_of(request).hidden
    order = given.get("order", "move")
    page, tick = given.get("page", "1"), given.get("tick", "")
    return Asked(
        move=given.get("move", "")[:_LONGEST],
        owner=given.get("owner", "")[:_LONGEST],
        words="" if hidden else given.get("words", "")[:_LONGEST],
        order="move" if (hidden and order == "name") or order not in get_args(PlanOrder) else cast(PlanOrder, order),
        page=max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 7 else 1,
        all_of_them=given.get("all") == "yes",
        tick=int(tick) if tick.isascii() and tick.isdigit() and len(tick) < 4 else 0,
        of=given.get("of", "")[:_LONGEST],
    )


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One line of the list. `to`, `held_by`: names, where owners are known."""

    lead: str
    name: str
    move: str
    held_by: str | None
    to: str | None
    owner_moves: bool
    why: str
    outcome: str | None


def _ticked(rows: list[PlanRow], asked: Asked, kept: KeptPlan) -> set[str]:
    if asked.of != _as_it_is(kept):
        return set()
    return {row.lead for row in [row for row in rows if row.outcome is None][: asked.tick]}


def _as_it_is(kept: KeptPlan) -> str:
    """Another after each approval of a part of it."""
    return f"{kept.id}.{kept.open}"


def _row(change: PlannedChange, names: Mapping[str, str], users: Mapping[str, str]) -> PlanRow:
    held = change.change["holds"]["owner"]
    return PlanRow(
        lead=change.lead,
        name=names.get(change.lead, ""),
        move=change.move,
        held_by=users.get(held, held) if held else None,
        to=users.get(change.owner, change.owner) if change.owner else None,
        owner_moves=change.owner_moves,
        why=(change.change["reasons"] or [""])[0],
        outcome=change.outcome,
    )


def _groups(rows: list[PlanRow]) -> list[tuple[str | None, list[PlanRow]]]:
    groups: dict[str | None, list[PlanRow]] = {}
    for row in rows:
        groups.setdefault(row.move, []).append(row)
    return list(groups.items())


def _labels(settings: Settings, tongue: Tongue) -> Mapping[str, str]:
    policy = settings.policy
    labels = {rung.stage: tongue.own(rung.label or rung.stage) for rung in policy.ladder}
    if policy.disqualified is not None:
        own = policy.disqualified.label
        labels[policy.disqualified.stage] = tongue.own(own) if own else tongue.say("Disqualified")
    return labels


def move_in_words(move: str, labels: Mapping[str, str], tongue: Tongue) -> str:
    """A move as it is listed."""
    if move == OTHER_OWNER:
        return tongue.say("Another owner")
    if move == OTHER_FIELDS:
        return tongue.say("Other fields")
    before, _, after = move.partition(ARROW)
    empty = tongue.say("(empty)")
    return f"{labels.get(before, before) or empty} {ARROW} {labels.get(after, after) or empty}"


def _ended(work: Work | None) -> Mapping[str, Any] | None:
    """How the last work ended, where it was written; null while it goes on."""
    if work is None or not work.ended:
        return None
    report = work.result if isinstance(work.result, ConnectionReport) else None
    if report is None:
        return {"error": work.error, "breached": [], "outcomes": {}, "run": None}
    outcomes: dict[str, int] = {}
    for end in report.plan.outcomes.values():
        outcomes[end] = outcomes.get(end, 0) + 1
    breached = [guard for guard in report.plan.guards if guard.breached]
    return {"error": report.error, "breached": breached, "outcomes": outcomes, "run": report.plan.run_id}


def change(site: Site, settings: Settings, request: Request) -> Shown:
    """One change in full: every field, the reasons, how the owner was found. Raises `UsageError` for none."""
    connection, lead = request.path_params["connection"], request.path_params["lead"]
    settings.named((connection,))
    with closing(Store(settings.store)) as store:
        kept = store.plans.of(connection)
        found = None if kept is None else store.plans.one(connection, kept.id, lead)
        if kept is None or found is None:
            raise UsageError(f"{lead} is not in the plan that waits", hint="the plan's page lists those that are")
        names, users = store.facts.lead_names(connection, [lead]), users_last_seen(store, connection)
    values = {"connection": connection, "it": found.change, "row": _row(found, names, users), "users": users}
    tongue = site.tongue(settings)
    values["in_words"] = {found.move: move_in_words(found.move, _labels(settings, tongue), tongue)}
    values["story"] = explained(site, settings, connection, lead)
    return Shown("plan_change.html" if part_asked(request) else "plan_change_page.html", {**values, "plan": kept})
