"""Every guard of a plan, read: what the settings allow, what was let through for this run, what the last runs saw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from crmsync.contract import Connector
from crmsync.languages.known import LANGUAGES
from crmsync.model import Change, GuardReading
from crmsync.plan import (
    CHANGE_LIMITS,
    GUARDS,
    Bounds,
    Brought,
    calls_left,
    calls_needed,
    change_guards,
    changed_share,
    few_read,
    language_changed,
    missing_leads,
    more_unknown,
    nothing_managed,
    with_way_on,
    writes_off,
)
from crmsync.run.course import RunCircumstances
from crmsync.run.decided import Decided
from crmsync.run.measured import earlier_readings
from crmsync.run.pull import PullReport
from crmsync.values import replace

OF_WHAT_WAS_READ = frozenset({"few_leads", "few_activities", "unknown"})
"""A breach of these says that what was read is not to be believed: everything is read again until it is."""


class AskedOfRun(Struct, frozen=True):
    """What the caller asked for. `allowed`: guard → what this run is let through with. `command`: the call."""

    dry_run: bool
    allowed: Mapping[str, int]
    command: str
    run_id: int


def guarded(
    found: RunCircumstances,
    decided: Decided,
    pulled: PullReport,
    connector: Connector,
    now: Brought,
    asked: AskedOfRun,
) -> tuple[GuardReading, ...]:
    """The readings, in the order of a plan.

    Of those that depend on earlier runs and on the day's calls only the breached ones: the same facts make the same
    plan, whether it is shown first or carried out, and whatever other programs have called by then.
    """
    circumstances = (*_read(found, decided, now, pulled, asked), *_calls(found, decided, connector, asked))
    readings = (
        *_switched_off(found, asked),
        *_gone(found, pulled, asked),
        *_unmanaged(found),
        *_with_earlier_parts(_changes(found, decided, asked), decided),
        *(reading for reading in circumstances if reading.breached),
    )
    return with_way_on((*readings, *_when_it_was_made(decided, readings, asked)), asked.command)


def _when_it_was_made(
    decided: Decided, readings: Sequence[GuardReading], asked: AskedOfRun
) -> Iterator[GuardReading]:
    """Breaches of a saved plan that cannot be seen any more, of what was read for it, say."""
    kind_of = {name: kind for kind, guard in GUARDS.items() for name in guard.readings}
    seen = {kind_of.get(reading.name) for reading in readings}
    for reading in decided.guards:
        kind = kind_of.get(reading.name, reading.name)
        if kind not in seen and kind not in asked.allowed and kind not in {"writes_off", "declined"}:
            way_on = "the plan was made with this guard breached: make it anew when that is mended"
            yield replace(reading, way_on=way_on)


def calls_to_write(decided: Decided, connector: Connector) -> int:
    """Calls that carrying out the plan may take."""
    creates = sum(len(change.creates) + len(change.records) for change in decided.changes)
    return calls_needed(len(decided.changes), creates, connector.capabilities.write_batch_size)


def _switched_off(found: RunCircumstances, asked: AskedOfRun) -> Iterator[GuardReading]:
    """A dry run asks for nothing to be written: it is told by a note."""
    prepared = found.prepared
    if not asked.dry_run and prepared.configuration.settings.writes != "on":
        yield writes_off(prepared.name, prepared.settings.file.file)


def _gone(found: RunCircumstances, pulled: PullReport, asked: AskedOfRun) -> Iterator[GuardReading]:
    limits = found.prepared.configuration.settings.guards
    if pulled.remembered.leads_missing:
        breach = missing_leads(
            pulled.remembered.leads_missing,
            pulled.remembered.leads_known,
            limit_share=limits.gone_share,
            floor=limits.floor,
            allowed_gone=asked.allowed.get("gone"),
            leads=pulled.remembered.unmet,
        )
        yield from [breach] if breach else []


def _unmanaged(found: RunCircumstances) -> Iterator[GuardReading]:
    unmanaged = found.store.facts.unmanaged_count(found.prepared.name)
    breach = nothing_managed(unmanaged, found.leads, stage_field=found.prepared.mapping.stage.field)
    yield from [breach] if breach else []


def _changes(found: RunCircumstances, decided: Decided, asked: AskedOfRun) -> Iterator[GuardReading]:
    limits, policy = found.prepared.configuration.settings.guards, found.prepared.settings.policy
    changes = (*_by_tellings_before(found), *decided.written_before, *decided.changes)
    yield changed_share(
        list(dict.fromkeys(change.lead for change in changes if not change.fields_alone)),
        found.leads,
        limit_share=limits.changed_share,
        floor=limits.floor,
        allowed_changes=asked.allowed.get("changes"),
    )
    bounds = Bounds(found.leads, {name: limits.limit_of(name) for name in CHANGE_LIMITS}, asked.allowed)
    yield from _language(found, decided, asked)
    disqualified = policy.disqualified.stage if policy.disqualified else None
    yield from change_guards(changes, [rung.stage for rung in policy.ladder], disqualified, bounds)


def _with_earlier_parts(readings: Iterator[GuardReading], decided: Decided) -> Iterator[GuardReading]:
    """A breach says where its number comes from: the part that is carried out now may be small."""
    count = len({change.lead for change in decided.written_before})
    for reading in readings:
        if reading.breached and count and reading.name != "language":
            told = f"{reading.words}; with {count:,} that earlier parts of it have changed"
            yield replace(reading, words=told)
        else:
            yield reading


def _by_tellings_before(found: RunCircumstances) -> tuple[Change, ...]:
    """Runs of tellings come by the second, each with a few leads: all since the last run that looked at everybody
    count as one. Else nothing would stop what moves all leads one after the other.
    """
    if found.told is None:
        return ()
    entries = found.store.journal.told_since_everybody(found.prepared.name)
    return tuple(entry.change for entry in entries if entry.state in {"written", "intended", "did_not_stick"})


def _language(found: RunCircumstances, decided: Decided, asked: AskedOfRun) -> Iterator[GuardReading]:
    """Only of a run after which the new language is remembered; the first one that writes everything."""
    if found.changed_files.language_before is None or decided.digest is not None:
        return
    alone = (change.lead for change in decided.changes if change.fields_alone)
    name = LANGUAGES[found.prepared.configuration.language]
    reading = language_changed(alone, name, allowed=asked.allowed.get("language"))
    yield from [reading] if reading else []


def _read(
    found: RunCircumstances, decided: Decided, now: Brought, pulled: PullReport, asked: AskedOfRun
) -> Iterator[GuardReading]:
    """Leads that a full reading misses are told as gone, and not once more as few.

    Of a few records that were told nothing follows for how much a reading should bring.
    """
    if pulled.told is not None:
        return
    limits = found.prepared.configuration.settings.guards
    earlier = earlier_readings(found.runs, before=asked.run_id)
    told = {"few_leads"} if pulled.remembered.leads_missing or "gone" in asked.allowed else set()
    for reading in few_read(now, earlier, share=limits.few_share, floor=limits.floor, allowed=asked.allowed):
        if reading.name not in told:
            yield reading
    if decided.unknown is not None:
        mapped = found.prepared.mapping.mapped_facts
        yield from more_unknown(
            {fact: count for fact, count in decided.unknown.counts.items() if fact in mapped},
            decided.unknown.leads,
            earlier,
            decided.unknown.some,
            jump=limits.unknown_jump,
            floor=limits.floor,
            allowed=asked.allowed.get("unknown"),
        )


def _calls(
    found: RunCircumstances, decided: Decided, connector: Connector, asked: AskedOfRun
) -> Iterator[GuardReading]:
    yield from calls_left(
        calls_to_write(decided, connector),
        connector.usage().calls_left,
        share=found.prepared.configuration.settings.guards.calls_share,
        allowed=asked.allowed.get("calls"),
    )
