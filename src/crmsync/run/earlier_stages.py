"""What leads went through before crmsync first saw them: asked of the CRM's own history, once for each lead.

So a new user's reports begin with the leads' past. Nothing is decided from it (see `crmsync.store.earlier_stages`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

import polars as pl

from crmsync.clock import local_day
from crmsync.connection.opening import Opened
from crmsync.contract import Edit, Usage
from crmsync.errors import RunStopped
from crmsync.mapping import StageState, stage_states
from crmsync.progress import Progress
from crmsync.store import EARLIER, Store

LEADS_AT_ONCE = 2_000
EarlierRow = tuple[str, int, datetime | None, str]
"""A row of EARLIER."""
CALLS_KEPT = 0.2
"""The share of the day's calls that this leaves to everything else: it can go on tomorrow."""


def ask_for_earlier_stages(opened: Opened, store: Store, *, today: date, progress: Progress) -> tuple[str, ...]:
    """Ask for the past of leads that were not asked for yet; notes where the CRM gave none and is asked again later.

    A lead that was made today has none that a report, which counts days, would see.
    """
    prepared = opened.prepared
    name, lead = prepared.name, prepared.mapping.lead.object
    fields = tuple(sorted(prepared.mapping.stage.fields))
    done = 0
    while not (some := store.history.unasked(name, fields, limit=LEADS_AT_ONCE)).is_empty():
        older = _made_before(some, today, prepared.org.time_zone)
        if older:
            if _few_left(opened.connector.usage()):
                return ()
            try:
                edits = opened.connector.edits(lead, older, fields)
            except RunStopped as error:  # no decision waits for it: the next run asks again
                return (f"{name}: history could not be read; the next run asks again: {error.message}",)
            rows = _rows(some, edits, fields, prepared.org.time_zone)
        else:
            rows = []
        store.history.remember_earlier(name, fields, some, pl.DataFrame(rows, schema=EARLIER, orient="row"))
        done += len(older)
        progress(f"{name}: reading history", done, None)
    return ()


def _made_before(leads: pl.DataFrame, today: date, zone: str) -> list[str]:
    made = leads.select("lead", "created_at").iter_rows()
    return [lead for lead, at in made if at is None or local_day(at, zone) < today]


def _few_left(usage: Usage) -> bool:
    if usage.calls_left is None or not usage.daily_call_limit:
        return False
    return usage.calls_left < CALLS_KEPT * usage.daily_call_limit


def _rows(leads: pl.DataFrame, edits: Sequence[Edit], fields: Sequence[str], zone: str) -> list[EarlierRow]:
    """States as the store keeps them, of one lead after the other."""
    of_lead: dict[str, list[Edit]] = {}
    for edit in edits:
        of_lead.setdefault(edit.id, []).append(edit)
    rows: list[EarlierRow] = []
    for lead, native, since in leads.select("lead", "stage_native", "since").iter_rows():
        if lead in of_lead:
            held = _held(native, fields)
            states = _before(stage_states(held, of_lead[lead]), since, zone)
            rows += ((lead, place, it.since, _text(it.native)) for place, it in enumerate(states))
    return rows


def _held(native: str | None, fields: Sequence[str]) -> Mapping[str, str | None]:
    """Field → value; empty where what is stored is damaged, or of an earlier mapping."""
    try:
        told = json.loads(native or "{}")
    except ValueError:
        told = {}
    values = told if isinstance(told, dict) else {}
    return {field: values.get(field) or None for field in fields}


def _before(states: Sequence[StageState], first_seen: date | None, zone: str) -> Iterator[StageState]:
    """Of a lead that has moved since it was first seen: what was before that day. What came then, the store knows."""
    for state in states:
        if first_seen is None or state.since is None or local_day(state.since, zone) < first_seen:
            yield state


def _text(native: Mapping[str, str | None]) -> str:
    return json.dumps(native, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
