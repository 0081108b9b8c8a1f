"""How connections stand, as gauges: read from the store when somebody asks, and not more often than needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from crmsync.errors import CrmsyncError
from crmsync.operations.status.needs import NextRun
from crmsync.operations.status.standing import statuses
from crmsync.operations.status.status import Status
from crmsync.settings import Settings
from crmsync.store import Store

FRESH = timedelta(seconds=10)
"""So old an answer may be: whoever asks more often gets the same."""

Stages = dict[str, int]
Served = Callable[[], tuple[Settings, Sequence[str]]]

GAUGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "crmsync_leads": ("Leads of the working set, by stage of the policy.", ("connection", "stage")),
    "crmsync_leads_due": ("Leads that the next run looks at.", ("connection",)),
    "crmsync_leads_set_aside": (
        "Leads that the last run set aside or did not write.",
        ("connection",),
    ),
    "crmsync_leads_left_alone": ("Leads that are left alone: held, pinned or stopped.", ("connection", "cause")),
    "crmsync_leads_nobody_yet": (
        "Leads without an owner, or in a raw queue, as policy and roster say.",
        ("connection",),
    ),
    "crmsync_hand_offs": (
        "Hand-offs: under way, of these with nobody in touch yet, and of these beyond their time.",
        ("connection", "state"),
    ),
    "crmsync_guards_open": ("Guards that stopped the last run which was not dry.", ("connection", "guard")),
    "crmsync_calls_left": ("Calls to the CRM that were left of the day at the last run.", ("connection",)),
    "crmsync_writes_on": ("Whether the connection may be written to.", ("connection",)),
    "crmsync_running": ("Whether a run is at work.", ("connection",)),
    "crmsync_last_run_exit_code": ("Exit code of the last run that ended.", ("connection",)),
    "crmsync_last_run_end_timestamp_seconds": ("When the last run ended.", ("connection",)),
    "crmsync_last_reading_timestamp_seconds": ("When the CRM was read last.", ("connection",)),
    "crmsync_next_run_timestamp_seconds": ("When the schedule wants the next run.", ("connection",)),
    "crmsync_tellings_waiting": ("Records that CRMs told, and that are to be read.", ("connection",)),
    "crmsync_last_telling_timestamp_seconds": ("When a record was told last.", ("connection",)),
    "crmsync_subscription_heard_timestamp_seconds": (
        "When a channel of a CRM was heard last: events or a sign of life.",
        ("connection", "channel"),
    ),
    "crmsync_needs": ("1 for each kind of thing that needs a person.", ("connection", "kind")),
    "crmsync_needs_a_person": ("How many things `crmsync status` names for a person to see to.", ("connection",)),
}
"""Name of a gauge → what it tells, and its labels. What is not known has no sample."""


class StandingGauges(Collector):
    """The gauges of all connections that are served."""

    def __init__(self, served: Served, now: Callable[[], datetime], next_run: NextRun) -> None:
        """`served`: settings by which the service runs by now, and the connections that it runs."""
        self._served = served
        self._now = now
        self._next_run = next_run
        self._read: tuple[datetime, list[Status], dict[str, Stages]] | None = None

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """The names, without asking the store."""
        for name, (meaning, labels) in GAUGES.items():
            yield GaugeMetricFamily(name, meaning, labels=labels)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Every gauge. Raises `CrmsyncError` when the store cannot be read."""
        found, stages = self._fresh()
        families = {family.name: family for family in self.describe()}
        for status in found:
            for name, labels, value in figures(status, stages[status.connection]):
                families[name].add_metric([status.connection, *labels], value)
        yield from families.values()

    def trouble(self) -> str | None:
        """What keeps the store from being read; null when nothing does."""
        try:
            self._fresh()
        except CrmsyncError as error:
            return error.message
        return None

    def _fresh(self) -> tuple[list[Status], dict[str, Stages]]:
        now = self._now()
        if self._read is None or not timedelta() <= now - self._read[0] < FRESH:
            settings, names = self._served()
            with closing(Store(settings.store)) as store:
                stages = {name: store.facts.leads_by_stage(name) for name in names}
            counted = {name: sum(there.values()) for name, there in stages.items()}
            found = statuses(settings, names, now=self._now, next_run=self._next_run, counted=counted)
            self._read = (now, found, stages)
        return self._read[1], self._read[2]


Figure = tuple[str, Sequence[str], float]
"""(gauge, labels after `connection`, value)"""


def figures(status: Status, stages: Stages) -> Iterator[Figure]:
    """What one connection's standing comes to. `stages`: stage → leads; leads without one stand under ``""``."""
    for stage, leads in sorted(stages.items()):
        yield "crmsync_leads", (stage or "none",), leads
    yield "crmsync_leads_due", (), status.due
    yield "crmsync_leads_set_aside", (), status.set_aside
    for cause in ("held", "pinned", "stopped"):
        yield "crmsync_leads_left_alone", (cause,), status.count(cause)
    if status.nobody_yet is not None:
        yield "crmsync_leads_nobody_yet", (), status.nobody_yet
    yield "crmsync_hand_offs", ("under_way",), status.hand_offs.under_way
    yield "crmsync_hand_offs", ("waiting",), status.hand_offs.waiting
    if status.hand_offs.late is not None:
        yield "crmsync_hand_offs", ("late",), status.hand_offs.late
    for breach in status.guard:
        yield "crmsync_guards_open", (breach.name,), 1
    if status.calls_left is not None:
        yield "crmsync_calls_left", (), status.calls_left
    yield "crmsync_writes_on", (), status.writes
    yield "crmsync_running", (), status.running
    if status.last is not None and status.last.run.ended_at is not None:
        yield "crmsync_last_run_end_timestamp_seconds", (), status.last.run.ended_at.timestamp()
        if status.last.run.exit_code is not None:
            yield "crmsync_last_run_exit_code", (), status.last.run.exit_code
    if status.read_at is not None:
        yield "crmsync_last_reading_timestamp_seconds", (), status.read_at.timestamp()
    yield "crmsync_next_run_timestamp_seconds", (), status.next_run.timestamp()
    yield from _of_tellings(status)
    for kind in dict.fromkeys(need.kind for need in status.needs):
        yield "crmsync_needs", (kind,), 1
    yield "crmsync_needs_a_person", (), len(status.needs)


def _of_tellings(status: Status) -> Iterator[Figure]:
    if status.tellings is None:
        return
    yield "crmsync_tellings_waiting", (), status.tellings.waiting
    if status.tellings.last_at is not None:
        yield "crmsync_last_telling_timestamp_seconds", (), status.tellings.last_at.timestamp()
    for each in status.tellings.subscribed:
        yield "crmsync_subscription_heard_timestamp_seconds", (each.channel,), each.heard_at.timestamp()
