"""Hops 1 to 3 of a run: pull native records, map them, remember facts and cursors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from crmsync.connection.fitting import account_findings, activity_findings
from crmsync.connection.opening import Opened
from crmsync.connection.prepared import Prepared
from crmsync.contract import CHANGED_AT, RECORD_ID, STILL_THERE, Narrowing, Page, PullRequest
from crmsync.errors import ConfigurationError, Finding
from crmsync.mapping import (
    ActivityMapping,
    account_fields,
    accounts_from,
    activities_from,
    activity_fields,
    in_scope,
    leads_from,
    narrowings,
)
from crmsync.model import GuardReading
from crmsync.plan import missing_leads
from crmsync.progress import Progress
from crmsync.store import Missing, Pulled, Remembered, Store
from crmsync.values import replace


@dataclass
class PullReport:
    """What a pull brought. `unread`: what this and earlier ones could make nothing of, as the store groups it.

    `left_out`: what the CRM did not let be read, in words. `told`: where only what was told was read, the leads that
    it concerns; else null.
    """

    remembered: Remembered
    unread: pl.DataFrame
    left_out: tuple[str, ...] = ()
    told: tuple[str, ...] | None = None


def pull_and_remember(
    opened: Opened,
    store: Store,
    *,
    complete: bool,
    today: date,
    progress: Progress,
    allowed_gone: int | None = None,
) -> PullReport:
    """Read everything (`complete`) or what changed since the stored cursors, and remember it.

    `allowed_gone`: how many of the known leads a complete reading may no longer find; null = what the guards say.

    Raises `ConfigurationError` when a mapped field of activities or accounts does not exist, `FullReadNeeded` when a
    stored cursor cannot be continued, `RunStopped` when the CRM gives up. What was remembered before stays; no cursor
    moves then.
    """
    if complete and (findings := [*activity_findings(opened), *_accounts_missing(opened)]):
        raise ConfigurationError(findings)
    cursors: Mapping[str, str] = {} if complete else store.facts.cursors(opened.prepared.name)
    parts = _parts(opened, store, cursors, progress)
    remembered = store.facts.remember(
        opened.prepared.name,
        parts,
        complete=complete,
        today=today,
        missing=Missing(
            there=lambda unmet: (
                () if allowed_gone is not None else _there(opened, unmet)
            ),  # it was said that they left
            outside=lambda unmet: _outside(opened, unmet),
            may_leave=lambda missing, known: _breach(opened, missing, known, allowed_gone) is None,
        ),
    )
    return PullReport(remembered, store.facts.unread(opened.prepared.name), opened.connector.left_out())


def _breach(opened: Opened, missing: int, known: int, allowed_gone: int | None) -> GuardReading | None:
    limits = opened.prepared.configuration.settings.guards
    return missing_leads(
        missing,
        known,
        limit_share=limits.gone_share,
        floor=limits.floor,
        allowed_gone=allowed_gone,
    )


def _outside(opened: Opened, unmet: Sequence[str]) -> tuple[str, ...]:
    """Those of the leads that a complete reading did not bring which are there all the same, and out of scope."""
    prepared = opened.prepared
    lead = prepared.mapping.lead
    if not lead.when:
        return ()
    found: list[str] = []
    size = opened.connector.capabilities.write_batch_size
    for start in range(0, len(unmet), size):
        records = opened.connector.read(lead.object, unmet[start : start + size], tuple(lead.when)).records
        found += records.filter(~in_scope(lead.when, prepared.org.time_zone))[RECORD_ID].to_list()
    return tuple(found)


def _there(opened: Opened, unmet: Sequence[str]) -> tuple[str, ...]:
    """Those of the leads that a complete reading did not bring which are there and in scope: their entry was torn."""
    lead, found = opened.prepared.mapping.lead, []
    size = opened.connector.capabilities.write_batch_size
    for start in range(0, len(unmet), size):
        reading = opened.connector.read(lead.object, unmet[start : start + size], tuple(lead.when or ()))
        found += reading.records.filter(in_scope(lead.when, opened.prepared.org.time_zone))[RECORD_ID].to_list()
        found += [each for each, why in reading.gone.items() if why.startswith(STILL_THERE)]
    return tuple(found)


def _parts(opened: Opened, store: Store, cursors: Mapping[str, str], progress: Progress) -> Iterator[Pulled]:
    prepared = opened.prepared
    lead_object = prepared.mapping.lead.object
    fewer = narrowings(prepared.mapping.lead.when, prepared.fields)
    back: set[str] = set()
    for page in _pages(opened, lead_object, prepared.lead_fields, cursors, progress, narrowed_by=fewer):
        part = leads_of(prepared, page.records, page.gone)
        if cursors and part.leads is not None:
            back |= store.facts.left_with_everything(prepared.name, part.leads["lead"].to_list())
        yield replace(part, cursors=_cursor(lead_object, page))
    for activity in opened.prepared.mapping.activities:
        yield from _of_those_back(opened, activity, sorted(back), cursors)
        for page in _pages(opened, activity.object, activity_fields(activity), cursors, progress, lead_object):
            yield replace(activities_of(activity, page, prepared), cursors=_cursor(activity.object, page))
    accounts = opened.prepared.accounts_asked
    for object_name, fields in account_fields(accounts).items():
        for page in _pages(opened, object_name, fields, cursors, progress):
            yield _accounts(opened.prepared, object_name, page)


def _of_those_back(
    opened: Opened, activity: ActivityMapping, leads: Sequence[str], cursors: Mapping[str, str]
) -> Iterator[Pulled]:
    """Activities of leads that were gone and are there again: they went with them, and have not changed since."""
    if not leads:
        return
    lead_object, fields = opened.prepared.mapping.lead.object, activity_fields(activity)
    cursor = cursors.get(activity.object)
    request = PullRequest(activity.object, fields, leads_object=lead_object, cursor=cursor)
    for page in opened.connector.reread(request, (), leads) or ():
        yield activities_of(activity, page, opened.prepared)


def leads_of(prepared: Prepared, records: pl.DataFrame, gone: Sequence[str]) -> Pulled:
    """Native records of leads, mapped; those out of scope are told apart."""
    zone = prepared.org.time_zone
    fits = records.select(RECORD_ID, fits=in_scope(prepared.mapping.lead.when, zone))
    records = records.filter(fits["fits"])
    mapped = leads_from(prepared.mapping, records, zone, prepared.native_types)
    return Pulled(
        leads=mapped.frame,
        unread=mapped.unread,
        stamps=_stamps(records),
        gone_leads=gone,
        outside=fits.filter(~pl.col("fits"))[RECORD_ID].to_list(),
    )


def _accounts_missing(opened: Opened) -> list[Finding]:
    return account_findings(opened) if opened.prepared.accounts_asked else []


def activities_of(activity: ActivityMapping, page: Page, prepared: Prepared) -> Pulled:
    """Native records of activities, mapped."""
    mapped = activities_from(activity, page.records, prepared.org.time_zone, prepared.words)
    # A record that no longer maps to a kind or a day is no activity any more, also where one is stored.
    left_out = page.records.select(RECORD_ID).unique().filter(~_kept(activity, mapped.frame))[RECORD_ID]
    gone = tuple(f"{activity.object}:{record}" for record in (*page.gone, *left_out))
    return Pulled(
        activities=mapped.frame,
        unread=mapped.unread,
        stamps=_stamps(page.records, of=f"{activity.object}:"),
        gone_activities=gone,
    )


def _stamps(records: pl.DataFrame, *, of: str = "") -> pl.DataFrame | None:
    """When these records were changed, as far as the connector tells. `of`: what the store puts before their ids."""
    if CHANGED_AT not in records.columns:
        return None
    changed_at = pl.col(CHANGED_AT).str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)
    told = records.select(record=pl.lit(of) + pl.col(RECORD_ID), changed_at=changed_at.to_physical())
    return told.drop_nulls().unique("record")


def _accounts(prepared: Prepared, object_name: str, page: Page) -> Pulled:
    values = {name: fact.values for name, fact in prepared.mapping.mapped_facts.items() if fact.values is not None}
    frame = accounts_from(prepared.accounts_asked, object_name, page.records, values)
    # A record that no entry fits any more (a deal that was closed, say) is gone like a deleted one.
    read = {f"{object_name}:{record}" for record in (*page.gone, *page.records[RECORD_ID])}
    gone = tuple(sorted(read.difference(frame["account"])))
    return Pulled(accounts=frame, gone_accounts=gone, cursors=_cursor(object_name, page))


def _kept(activity: ActivityMapping, frame: pl.DataFrame) -> pl.Expr:
    ids = frame["activity"].str.strip_prefix(f"{activity.object}:").unique()
    return pl.col(RECORD_ID).is_in(ids.implode())


def _pages(
    opened: Opened,
    object_name: str,
    fields: tuple[str, ...],
    cursors: Mapping[str, str],
    progress: Progress,
    leads_object: str | None = None,
    narrowed_by: tuple[Narrowing, ...] = (),
) -> Iterator[Page]:
    title = f"{opened.prepared.name}: reading {object_name}"
    return opened.connector.pull(
        PullRequest(
            object=object_name,
            fields=fields,
            leads_object=leads_object,
            cursor=cursors.get(object_name),
            progress=lambda done, total: progress(title, done, total),
            narrowings=narrowed_by,
        )
    )


def _cursor(object_name: str, page: Page) -> dict[str, str]:
    return {object_name: page.cursor} if page.cursor is not None else {}
