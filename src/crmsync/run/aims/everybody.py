"""The everyday aim: every lead that is due is decided, and has the owner that it should have."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from msgspec import Struct

from crmsync.connection.prepared import Prepared
from crmsync.contract import Connector
from crmsync.run.changed_files import ChangedFiles
from crmsync.run.course import Course, RunCircumstances
from crmsync.run.decide import decide_and_plan
from crmsync.run.decided import Decided
from crmsync.run.looked import Looked
from crmsync.run.under_way import hand_offs_under_way
from crmsync.store import JournalEntry, RunKind, Store
from crmsync.values import replace


class Everybody(Struct, frozen=True):
    """`crmsync run`."""

    @property
    def kind(self) -> RunKind:
        """As the store keeps it."""
        return "run"

    @property
    def of_run(self) -> None:
        """It makes a plan of its own."""

    @property
    def partial(self) -> bool:
        """It is not a part of an everyday run."""
        return False

    @property
    def told(self) -> None:
        """What has changed since the last pull is read."""

    def looked_up(self, prepared: Prepared, store: Store) -> Everybody:
        """Nobody is named."""
        return self

    def command(self, connection: str) -> str:
        """This connection alone: the number is its own."""
        return f"run {connection}"

    def concerned_by(self, changed: ChangedFiles) -> ChangedFiles:
        """All of it."""
        return changed

    def look(self, found: RunCircumstances, connector: Connector) -> Looked:
        """Nothing: the store knows it."""
        return Looked()

    def course(self, found: RunCircumstances) -> Course:
        """What is due and what hand-offs under way ask for; all leads when files have changed, or for another day."""
        everything = found.changed_files.everything or found.on_another_day
        course = whole_course(found.prepared, found.store, as_of=found.as_of, now=found.now, open_entries=found.open)
        return replace(course, everything=everything)

    def decide(self, found: RunCircumstances, course: Course) -> Decided:
        """By policy and roster."""
        return decide_and_plan(found.prepared, found.store, course, as_of=found.as_of, now=found.now)

    def notes(self, found: RunCircumstances, course: Course, decided: Decided) -> Iterator[str]:
        """Nothing of its own."""
        return iter(())


def whole_course(
    prepared: Prepared, store: Store, *, as_of: date, now: datetime, open_entries: tuple[JournalEntry, ...]
) -> Course:
    """Every lead of the connection, with what hand-offs under way ask for."""
    under_way = hand_offs_under_way(prepared, store, now=now, as_of=as_of)
    return Course(
        under_way=under_way,
        everything=True,
        also=under_way.asking,
        orders=under_way.orders,
        reminded=under_way.reminded,
        open=open_entries,
    )
