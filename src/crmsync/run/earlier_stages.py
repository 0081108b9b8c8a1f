"""What leads went through before crmsync first saw them: asked of the CRM's own history, once for each lead.

Where the mapping names fields that hold the day of coming to a stage, these tell of the time before history begins.

So a new user's reports begin with the leads' past. Nothing is decided from it (see `crmsync.store.earlier_stages`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

import polars as pl

from crmsync.clock import local_day
from crmsync.connection.opening import Opened
from crmsync.connection.prepared import Prepared
from crmsync.contract import RECORD_ID, Edit, Usage
from crmsync.errors import RunStopped
from crmsync.mapping import StageState, before_history, dated_states, instants_of, stage_states
from crmsync.progress import Progress
from crmsync.store import EARLIER, Store

LEADS_AT_ONCE = 2_000
Dates = Mapping[str, datetime | None]
"""Field → when."""
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
    asked = (*fields, *(f"{stage}: {field}" for stage, field in sorted(prepared.mapping.stage.dates.items())))
    done = 0
    while not (some := store.history.unasked(name, asked, limit=LEADS_AT_ONCE)).is_empty():
        older = _made_before(some, today, prepared.org.time_zone)
        if older:
            if _few_left(opened.connector.usage()):
                return ()
            try:
                edits = opened.connector.edits(lead, older, fields)
                dates = _dates(opened, older)
            except RunStopped as error:  # no decision waits for it: the next run asks again
                return (f"{name}: history could not be read; the next run asks again: {error.message}",)
            rows = _rows(some, edits, dates, prepared)
        else:
            rows = []
        store.history.remember_earlier(name, asked, some, pl.DataFrame(rows, schema=EARLIER, orient="row"))
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


def _dates(opened: Opened, leads: Sequence[str]) -> dict[str, Dates]:
    """Lead → field that holds the day of coming to a stage → when; nothing where the mapping names none."""
    prepared, connector = opened.prepared, opened.connector
    fields = sorted(set(prepared.mapping.stage.dates.values()))
    found: dict[str, Dates] = {}
    if not fields:
        return found
    size = connector.capabilities.write_batch_size
    for start in range(0, len(leads), size):
        records = connector.read(prepared.mapping.lead.object, leads[start : start + size], fields).records
        told = instants_of(records, fields, prepared.org.time_zone)
        found |= {row[RECORD_ID]: row for row in told.select(RECORD_ID, *fields).iter_rows(named=True)}
    return found


def _rows(
    leads: pl.DataFrame, edits: Sequence[Edit], dates: Mapping[str, Dates], prepared: Prepared
) -> list[EarlierRow]:
    """States as the store keeps them, of one lead after the other."""
    stage, zone = prepared.mapping.stage, prepared.org.time_zone
    ladder = [rung.stage for rung in prepared.settings.policy.ladder]
    of_lead: dict[str, list[Edit]] = {}
    for edit in edits:
        of_lead.setdefault(edit.id, []).append(edit)
    rows: list[EarlierRow] = []
    for lead, native, since in leads.select("lead", "stage_native", "since").iter_rows():
        held = _held(native, sorted(stage.fields))
        history = stage_states(held, of_lead.get(lead, ()))
        told = before_history(dated_states(stage, dates.get(lead, {}), held, ladder), history)
        states = _before(told, since, zone)
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
