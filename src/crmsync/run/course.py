"""What an aim makes of the circumstances: the course of one run. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from msgspec import Struct, field

from crmsync.connection.prepared import Prepared
from crmsync.route.placing.orders import Order
from crmsync.run.changed_files import ChangedFiles
from crmsync.run.looked import Looked
from crmsync.run.selection import Selection
from crmsync.run.under_way import UnderWay
from crmsync.store import JournalEntry, ReadRuns, Store


class RunCircumstances(Struct, frozen=True):
    """What a run finds when the CRM has been read.

    `as_of`: a day in the org's zone; `on_another_day`: it is not today's. `open`: changes of earlier runs that are
    still intended. `leads`: so many the connection has. `runs`: what earlier runs and this one have left behind.
    `looked`: what the CRM holds of what the aim has asked for. `told`: where only what was told was read, the leads
    that it concerns.
    """

    prepared: Prepared
    store: Store
    now: datetime
    as_of: date
    changed_files: ChangedFiles
    leads: int
    runs: ReadRuns
    on_another_day: bool = False
    open: tuple[JournalEntry, ...] = ()
    looked: Looked = field(default_factory=Looked)
    told: tuple[str, ...] | None = None


class Course(Struct, frozen=True):
    """Which leads a run decides, and how.

    `under_way`: the hand-offs under way that concern these leads. `everything`: all leads; else those that are due
    and those named in `also`. `leads`: these and no others. `stages_stay`: no stage is decided, each lead stays on
    the one it has; `only_stages`: those leads that end in one of these (empty = in any). `orders`: for routing, by
    lead. `leavers`: native users who lose their leads and get none. `reminded`: leads whose owner is reminded.
    `open`: changes of earlier runs that are still intended. `remembered`: decisions are recorded, and what changed
    files mean is carried out by this run; else both are left to the next one. `selection`: which of these leads may
    change, and what of them.
    """

    under_way: UnderWay
    everything: bool = False
    leads: tuple[str, ...] | None = None
    also: tuple[str, ...] = ()
    stages_stay: bool = False
    only_stages: tuple[str, ...] = ()
    orders: Mapping[str, Order] = field(default_factory=dict)
    leavers: frozenset[str] = frozenset()
    reminded: tuple[str, ...] = ()
    open: tuple[JournalEntry, ...] = ()
    remembered: bool = True
    selection: Selection = field(default_factory=Selection)
