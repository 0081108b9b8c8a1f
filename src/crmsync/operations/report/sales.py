"""`crmsync report sales`: hand-offs and what became of them, load, leads that nobody nurtures, and conflicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

from crmsync.connection.prepared import Prepared
from crmsync.estimate.fates import Estimate
from crmsync.figures.hand_offs import GIVEN, CountedHandOffs, HandOffFigures, hand_off_figures, hand_off_groups
from crmsync.operations.report.conflicts import Conflict, conflict_report
from crmsync.operations.report.estimates import estimate_json
from crmsync.operations.report.hand_offs import HandOffLine, HandOffReport, hand_off_report
from crmsync.operations.report.load import LoadReport, load_report
from crmsync.operations.report.untouched import UntouchedLeads, untouched_leads
from crmsync.operations.run.ready import every_stored
from crmsync.settings import Settings
from crmsync.store import Store
from crmsync.values import field_names

BY = ("receiver", "team", "pool", "hand_over")


@dataclass(frozen=True, slots=True)
class ReplacedValues:
    """Values of crmsync's that were replaced. `by`: what kind of actor; null = the CRM was not asked or is silent."""

    part: str
    by: str | None
    values: int
    leads: int
    stopped: int

    def to_json(self) -> dict[str, Any]:
        """By their names."""
        return {name: getattr(self, name) for name in field_names(self)}


@dataclass(frozen=True, slots=True)
class SalesReport:
    """One connection. `groups`: what hand-offs are parted by → figures of each group."""

    connection: str
    at: datetime
    days: int
    quiet_days: int
    hand_offs: HandOffReport
    whole: HandOffFigures
    groups: Mapping[str, tuple[HandOffFigures, ...]]
    load: LoadReport
    untouched: tuple[UntouchedLeads, ...]
    replaced: tuple[ReplacedValues, ...]
    names: Mapping[str, str]

    def called(self, by: str, name: str | None) -> str | None:
        """How people call a group."""
        if name is None:
            return None
        return self.hand_offs.called(name) if by == "hand_over" else self.names.get(name, name)

    def to_json(self) -> dict[str, Any]:
        """The stable shape. Load as in `report load`."""
        return {
            "connection": self.connection,
            "at": self.at.isoformat(timespec="seconds"),
            "days": self.days,
            "quiet_days": self.quiet_days,
            "watched": self.hand_offs.watched,
            "all": figures_json(self.whole),
            "by": [
                {
                    "name": by,
                    "groups": [
                        {"name": it.name, "label": self.called(by, it.name), **figures_json(it)} for it in groups
                    ],
                }
                for by, groups in self.groups.items()
            ],
            "load": self.load.to_json(),
            "untouched": [it.to_json(self.names.get(it.owner or "")) for it in self.untouched],
            "replaced": [it.to_json() for it in self.replaced],
        }


def sales_reports(
    settings: Settings, connections: Sequence[str], *, days: int, quiet_days: int, now: Callable[[], datetime]
) -> Iterator[SalesReport]:
    """One report for each connection (all when none is named): hand-offs of the last `days`, and those under way.

    Raises `UsageError` when nothing is stored of a connection yet. Asks the CRM nothing.
    """
    with closing(Store(settings.store)) as store:
        for prepared in every_stored(settings, connections, store):
            yield _report(settings, prepared, store, days, quiet_days, now())


def _report(
    settings: Settings, prepared: Prepared, store: Store, days: int, quiet_days: int, now: datetime
) -> SalesReport:
    told = hand_off_report(prepared, store, days, False, now)
    given = given_of(told.lines, {member.user: member.person.team for member in prepared.roster.members})
    load = load_report(prepared, store, None, now)
    conflicts = conflict_report(settings, store, prepared.name, 0, ask=False, now=now).conflicts
    columns = [name for name in BY if name != "hand_over" or told.hand_overs]
    return SalesReport(
        connection=prepared.name,
        at=now,
        days=days,
        quiet_days=quiet_days,
        hand_offs=told,
        whole=hand_off_figures(given),
        groups={name: hand_off_groups(given, name) for name in columns},
        load=load,
        untouched=untouched_leads(prepared, store, load.as_of, quiet_days),
        replaced=tuple(replaced_values(conflicts, load.as_of - timedelta(days=days))),
        names=prepared.user_names,
    )


def given_of(lines: Sequence[HandOffLine], teams: Mapping[str, str | None]) -> pl.DataFrame:
    """Schema GIVEN. `teams`: of receivers, as they are today."""
    rows = []
    for line in lines:
        it = line.hand_off
        touched = it.touched_at is not None or it.accepted_at is not None
        minutes = None if line.clock is None else int(line.clock.waited / timedelta(minutes=1))
        accepted = it.accepted_at is not None and it.returned_at is None
        returned = it.returned_at is not None
        whose = it.receiver, teams.get(it.receiver), it.pool, it.hand_over
        clock = line.state == "waiting", touched, minutes, line.late
        rows.append((*whose, *clock, accepted, returned, it.reason if returned else None))
    return pl.DataFrame(rows, schema=dict(GIVEN), orient="row")


def replaced_values(conflicts: Sequence[Conflict], since: date) -> Iterator[ReplacedValues]:
    """By part and by whom, most first: what was replaced since that day, each time by its own actor."""
    values: Counter[tuple[str, str | None]] = Counter()
    leads: dict[tuple[str, str | None], set[str]] = {}
    stopped: dict[tuple[str, str | None], set[str]] = {}
    for conflict in conflicts:
        for each in conflict.times:
            if each.day < since:
                continue
            key = conflict.part, str(each.actor["kind"]) if each.actor else None
            values[key] += 1
            leads.setdefault(key, set()).add(conflict.lead)
            stopped.setdefault(key, set()).update([conflict.lead] if conflict.stopped else [])
    for part, by in sorted(values, key=lambda key: (-values[key], key[0], key[1] or "")):
        yield ReplacedValues(part, by, values[part, by], len(leads[part, by]), len(stopped[part, by]))


def figures_json(it: HandOffFigures) -> dict[str, Any]:
    """Figures of a group."""
    half = it.half_touched_minutes
    hours = None if half is None else Estimate(half.value / 60, half.low / 60, half.high / 60)
    return {
        "handed": it.handed,
        "waiting": it.waiting,
        "in_time": _counted_json(it.in_time),
        "accepted": _counted_json(it.accepted),
        "returned": _counted_json(it.returned),
        "reasons": [{"reason": reason, "hand_offs": number} for reason, number in it.reasons.items()],
        "half_touched_hours": estimate_json(hours),
        "few_times": it.few_times,
    }


def _counted_json(share: CountedHandOffs) -> dict[str, Any]:
    return {"part": share.part, "of": share.of, "share": estimate_json(share.estimate), "few": share.few}
