"""Hop 7 of a run: what was decided as a plan with its guards; and the same plan once it was carried out. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from crmsync.connection.prepared import Prepared
from crmsync.connection.record_pages import record_pages
from crmsync.model import BoundTo, Change, GuardReading, Plan, SetAside
from crmsync.plan import digest_of, in_doubt_note, left_scope_notes, overlooked_notes, unmanaged_notes, unread_notes
from crmsync.run.apply import ApplyReport
from crmsync.run.course import RunCircumstances
from crmsync.run.decided import Decided
from crmsync.run.left_alone import notes as left_alone_notes
from crmsync.run.pull import PullReport
from crmsync.run.settle import SettleReport
from crmsync.values import replace


def planned(
    found: RunCircumstances,
    decided: Decided,
    pulled: PullReport,
    settled: SettleReport,
    guards: tuple[GuardReading, ...],
    *,
    bound_to: BoundTo,
    calls: int,
    dry_run: bool,
) -> Plan:
    """The plan. `calls`: to the CRM so far."""
    changes = tuple(sorted((*decided.changes, *(it.change for it in decided.foreseen)), key=lambda it: it.lead))
    prepared = found.prepared
    aside = (*settled.set_aside, *decided.set_aside)
    stages = (
        decided.frame.filter("managed").drop_nulls("stage_after").group_by("stage_after").len().sort("stage_after")
    )
    return Plan(
        connection=prepared.name,
        as_of=found.as_of,
        changes=changes,
        set_aside=aside,
        guards=guards,
        counts={
            **_counts(decided, pulled, found.leads),
            "changes": len(changes),
            "set_aside": len(aside),
            "calls": calls,
            **_waiting(decided),
        },
        stages=dict(stages.iter_rows()),
        digest=decided.digest or digest_of(prepared.name, found.as_of, changes),
        notes=(
            *settled.notes,
            *_not_switched_on(found, dry_run=dry_run),
            *found.changed_files.notes,
            *left_alone_notes(decided.alone, prepared.mapping, prepared.name),
            *pulled.left_out,
            *left_scope_notes(pulled.remembered.leads_outside),
            *overlooked_notes(pulled.remembered.leads_overlooked),
            *_not_managed(found, decided, guards),
            *unread_notes(pulled.unread),
        ),
        run_id=bound_to.run,
        rest=decided.rest,
        urls=_urls(prepared, (*(change.lead for change in changes), *(item.lead for item in aside))),
        owner_leads=found.store.facts.leads_held(prepared.name, _owners(changes)),
        outcomes={it.change.lead: it.outcome for it in decided.foreseen},
        messages={it.change.lead: it.message for it in decided.foreseen if it.message},
        bound_to=bound_to,
        decided=_stages(decided.frame, changes),
    )


def _counts(decided: Decided, pulled: PullReport, population: int) -> dict[str, int]:
    """How many leads were read, are known, were decided and why not."""
    return {
        "read": pulled.remembered.leads_read,
        "activities_read": pulled.remembered.activities_read,
        "leads": population,
        "decided": decided.frame.height,
        "left_scope": pulled.remembered.leads_outside,
        "unmanaged": decided.frame.filter(~pl.col("managed")).height,
        "left_alone": len(decided.alone),
    }


def _waiting(decided: Decided) -> dict[str, int]:
    """Leads that nobody has yet, where policy or roster says that there may be any."""
    waiting = decided.assignments.nobody_yet
    return {} if waiting is None else {"nobody_yet": len(waiting)}


def _not_managed(found: RunCircumstances, decided: Decided, guards: Iterable[GuardReading]) -> Iterator[str]:
    prepared = found.prepared
    field = prepared.mapping.stage.field
    if any(guard.name == "all_unmanaged" for guard in guards):  # all, as long as they are all
        unmanaged = found.store.facts.unmanaged(prepared.name)
    else:  # those of this run
        unmanaged = _unmanaged(decided.frame)
    return iter(unmanaged_notes(unmanaged, field, found.leads, prepared.labels_of(field)))


def _owners(changes: Iterable[Change]) -> set[str | None]:
    moved = (change for change in changes if change.owner_changes)
    return {owner for change in moved for owner in (change.owner_before, change.owner_after)}


def _urls(prepared: Prepared, leads: Iterable[str]) -> dict[str, str]:
    page = record_pages(prepared)
    return {lead: url for lead in leads if (url := page(lead))}


def _unmanaged(frame: pl.DataFrame) -> pl.DataFrame:
    """`stage_native, count, lead` of the decided leads that nothing manages."""
    left_alone = frame.filter(~pl.col("managed")).group_by("stage_native")
    return left_alone.agg(pl.len().alias("count"), pl.col("lead").min()).sort("stage_native")


def _not_switched_on(found: RunCircumstances, *, dry_run: bool) -> Iterator[str]:
    prepared = found.prepared
    if dry_run and prepared.configuration.settings.writes != "on":
        yield (
            "this connection is not switched on, so a run without --dry-run would stop here "
            f"→ to switch it on: `writes: on` under `connections: {prepared.name}:` in {prepared.settings.file.file}"
        )


def _stages(frame: pl.DataFrame, changes: Iterable[Change]) -> dict[str, str | None]:
    """Lead → the stage decided for it, of the leads that change."""
    shown = frame.filter(pl.col("lead").is_in([change.lead for change in changes]))
    return dict(shown.select("lead", "stage_after").iter_rows())


def lead_names(frame: pl.DataFrame, changes: Iterable[Change]) -> dict[str, str]:
    """Name and company of the leads that change, for people's eyes."""
    shown = frame.filter(pl.col("lead").is_in([change.lead for change in changes]))
    return {
        lead: " · ".join(part for part in (name, company) if part)
        for lead, name, company in shown.select("lead", "name", "company").iter_rows()
    }


def carried_out(plan: Plan, applied: ApplyReport, calls: int) -> Plan:
    """The plan with what became of its changes. `calls`: to the CRM in all."""
    conflicts = [lead for lead, outcome in applied.outcomes.items() if outcome == "conflict"]
    by_now = (*applied.set_aside, *(SetAside(lead, applied.messages[lead]) for lead in sorted(conflicts)))
    told = {each.lead for each in plan.set_aside}
    aside = (*plan.set_aside, *(each for each in by_now if each.lead not in told))
    notes = plan.notes
    if applied.stopped:
        notes = (*notes, "stopped between two batches as asked; the rest stays intended and the next run settles it")
    if applied.in_doubt:
        notes = (*notes, in_doubt_note(sorted(applied.in_doubt)))
    return replace(
        plan,
        outcomes={
            change.lead: applied.outcomes.get(change.lead) or plan.outcomes.get(change.lead, "not_reached")
            for change in plan.changes
        },
        messages={**plan.messages, **applied.messages},
        in_doubt=applied.in_doubt,
        set_aside=aside,
        counts={**plan.counts, "set_aside": len(aside), "calls": calls},
        notes=notes,
    )
