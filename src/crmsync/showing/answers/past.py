"""`runs`, `history`, `status`, `console log`: what was done, and how all stands."""

from __future__ import annotations

from typing import Literal

from crmsync.model import Outcome
from crmsync.operations.status.waiting import WaitsFor
from crmsync.showing.answers.heard import Tellings
from crmsync.showing.answers.shape import Day, Format, Instant, Shape, left_out
from crmsync.showing.answers.told import AlertChannel, Need
from crmsync.store import EntryState, Part, RunKind


class Breach(Shape):
    """A guard that stopped a run."""

    name: str
    """Its name, as in the table of guards."""
    value: float
    """What was counted, or a share 0…1."""
    limit: float
    """What was allowed."""


class TakenBackBy(Shape):
    """A run that took back what another had written."""

    run: int
    """Its number."""
    at: Instant
    """When it began."""
    leads: int
    """Of how many leads what it gave back stands still: not taken back in its turn."""


class RunLine(Shape):
    """One run."""

    id: int
    """Its number."""
    connection: str
    """Its name in crmsync.yaml."""
    kind: RunKind
    """What ran."""
    dry_run: bool
    """Whether nothing was to be written."""
    started_at: Instant
    """When it began."""
    ended_at: Instant | None
    """When it ended; null = it has not, or was killed."""
    exit_code: int | None
    """What it ended with; null as with `ended_at`."""
    counts: dict[str, int]
    """How many of what, as in its plan; empty where it did not come so far."""
    outcomes: dict[str, int]
    """Outcome → leads; what was written is told here."""
    by: str | None
    """Who started it, as the machine knows them."""
    plan: str | None
    """The digest of the plan that it showed or carried out."""
    undo_of: int | None
    """The run that it takes back."""
    undone_by: list[TakenBackBy]
    """Runs that took it back, oldest first."""
    breaches: list[Breach]
    """What stopped it."""


class Runs(Shape):
    """What ran, newest first."""

    format: Format
    runs: list[RunLine]
    """The runs."""


class Entry(Shape):
    """A native field that a run meant to write."""

    connection: str
    """Its name in crmsync.yaml."""
    run: int
    """The run's number."""
    at: Instant
    """When its end was known, else when it was meant."""
    lead: str
    """The CRM's id of the lead."""
    field: str
    """The native field."""
    before: str | None
    """What the field held; null = empty."""
    after: str | None
    """What was meant; null = empty."""
    part: Literal["stage", "owner", "other", "record"]
    """What of the lead the field is; `record` = it is of a record beside the lead, such as a task that was closed."""
    outcome: Outcome
    """What became of it."""
    state: EntryState
    """The journal's own word for it."""
    message: str
    """What the CRM said, without personal data."""
    reasons: list[str]
    """Why, in sentences; without them once the journal's detail is gone."""
    object: str | None
    """The CRM's object of the record beside the lead; null = the field is of the lead."""
    record: str | None
    """The CRM's id of that record."""
    url: str | None
    """The address of the lead's page in the CRM; null = it has none."""


class Move(Shape):
    """A change of a lead's stage, by crmsync or by somebody else."""

    connection: str
    """Its name in crmsync.yaml."""
    lead: str
    """The CRM's id of the lead."""
    day: Day
    """When it was seen."""
    before: str | None
    """The stage before, in the policy's names; null = none of them."""
    after: str | None
    """The stage after."""
    cause: str
    """`crmsync`; `crm`: somebody there; `undone`: crmsync, taking back a step of its own."""
    run: int | None
    """The run's number."""


class Overruled(Shape):
    """A value of ours that somebody replaced."""

    connection: str
    """Its name in crmsync.yaml."""
    lead: str
    """The CRM's id of the lead."""
    day: Day
    """When it was seen."""
    part: Part
    """What was replaced."""
    ours: str | None
    """What crmsync had written: a stage of the policy, or the CRM's id of an owner."""
    theirs: str | None
    """What stands there instead; null = a stage that the mapping does not name, nobody."""


class SetAsideLead(Shape):
    """A lead that a run could not handle, or part of it."""

    lead: str
    """The CRM's id of the lead."""
    reason: str
    """Why, without personal data."""


class History(Shape):
    """What became of a lead, or what a run wrote."""

    format: Format
    entries: list[Entry]
    """What runs meant to write, the newest run last."""
    moves: list[Move]
    """Of named leads: every change of stage."""
    overruled: list[Overruled]
    """Of named leads: what others replaced."""
    set_aside: list[SetAsideLead]
    """Of a run: what it could not handle; the first thousand."""


class HandOffCounts(Shape):
    """Hand-offs that are under way."""

    under_way: int
    """How many."""
    waiting: int
    """Those in which nobody was in touch yet."""
    late: int | None
    """Those of them that are late; null = not told."""


class LeftAloneCounts(Shape):
    """Leads that are left alone, by cause."""

    held: int
    """By `crmsync hold`."""
    pinned: int
    """By a field in the CRM."""
    stopped: int
    """As somebody kept changing them back."""
    undone: int
    """As what a run wrote was taken back."""


class Standing(Shape):
    """One connection."""

    connection: str
    """Its name in crmsync.yaml."""
    writes: Literal["on", "off"]
    """Whether it may write to the CRM."""
    last_run: RunLine | None
    """The last run; null = none yet."""
    next_run: Instant | None
    """When the schedule wants the next."""
    waits_for: WaitsFor
    """`run` = its end, `mending` = of files, `service` = to begin what is due, `quiet_hours` = their end, `time`."""
    running: bool
    """Whether a run is at work."""
    leads: int
    """Leads in the store."""
    due: int
    """Leads that wait to be decided."""
    open_guard: list[Breach]
    """What stopped the last run that was not dry."""
    read_at: Instant | None
    """When the CRM was read last."""
    lag_minutes: int | None
    """Minutes since then."""
    set_aside: int
    """Leads that the last run could not handle."""
    nobody_yet: int = left_out()
    """Leads that have no owner yet, or lie in a raw queue, as it should be; left out where none may."""
    quota_left: int | None
    """Calls left, by the CRM's word at the last run; null = it does not tell."""
    hand_offs: HandOffCounts
    """Hand-offs that are under way."""
    left_alone: LeftAloneCounts
    """Leads that are left alone."""
    tellings: Tellings | None
    """What the CRM told by itself; null = it never did, and `hooks` does not stand in crmsync.yaml."""
    attention: list[str]
    """What needs a person, each with the way on; empty = all is well."""
    needs: list[Need]
    """The same by kind, in the same order."""


class Status(Shape):
    """How each connection stands. The exit code is 1 where something needs a person."""

    format: Format
    connections: list[Standing]
    """One for each connection."""
    alert_channels: list[AlertChannel]
    """Whom `serve` tells what needs a person."""


class Deed(Shape):
    """Something that was done in the console."""

    id: int
    """Its number."""
    at: Instant
    """When."""
    person: str | None
    """By the name under which they signed in; null = nobody had."""
    what: str
    """What was done, by the name of its kind: `signed_in`, `plan_approved` and so on."""
    connection: str | None
    """Where, if on a connection."""
    reason: str
    """In the words of who did it; empty = none was asked."""
    about: dict[str, int | str | bool]
    """Numbers and names of what it was done to; no lead's data."""


class ConsoleLog(Shape):
    """Who did what in the console."""

    format: Format
    total: int
    """How many there are, shown or not."""
    deeds: list[Deed]
    """The newest first."""
