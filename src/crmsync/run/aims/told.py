"""The aim of a run by tellings: the everyday run for leads that the CRM has just told to have changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from crmsync.connection.prepared import Prepared
from crmsync.contract import Connector
from crmsync.errors import UsageError
from crmsync.run.aims.everybody import Everybody
from crmsync.run.changed_files import ChangedFiles
from crmsync.run.course import Course, RunCircumstances
from crmsync.run.decide import decide_and_plan
from crmsync.run.decided import Decided
from crmsync.run.looked import Looked
from crmsync.run.selection import Selection
from crmsync.store import RunKind, Store, Waiting
from crmsync.values import replace


class WholeRunNeeded(UsageError):
    """All records have to be read before those that were told: the mapping has changed, say."""


@dataclass(frozen=True, slots=True)
class ToldLeads:
    """`records`: what was told and waits to be read. Nothing else is read, and no lead is decided that is not due."""

    records: tuple[Waiting, ...]

    @property
    def kind(self) -> RunKind:
        """As the store keeps it."""
        return "told"

    @property
    def of_run(self) -> None:
        """It makes a plan of its own."""

    @property
    def partial(self) -> bool:
        """It is not a part of an everyday run."""
        return False

    @property
    def told(self) -> tuple[Waiting, ...]:
        """These records are read, by their ids."""
        return self.records

    def looked_up(self, prepared: Prepared, store: Store) -> ToldLeads:
        """Nobody is named by a person."""
        return self

    def command(self, connection: str) -> str:
        """Leads stay due, and the everyday run finds them."""
        return f"run {connection}"

    def concerned_by(self, changed: ChangedFiles) -> ChangedFiles:
        """New files decide these leads, too; the rest is the next run's. Raises `WholeRunNeeded`."""
        if changed.complete:
            raise WholeRunNeeded("all records have to be read first", hint="the next run of the schedule does so")
        return replace(changed, everything=False, notes=())

    def look(self, found: RunCircumstances, connector: Connector) -> Looked:
        """Nothing: the store knows it."""
        return Looked()

    def course(self, found: RunCircumstances) -> Course:
        """Of the leads that were told those that are due by what was read: an echo of our own writing is none."""
        course = Everybody().course(found)
        leads = found.store.facts.due_among(found.prepared.name, found.told or (), found.as_of)
        return replace(
            course,
            everything=False,
            leads=leads,
            also=(),
            under_way=course.under_way.only(leads),
            selection=Selection(leads=frozenset(leads)),
        )

    def decide(self, found: RunCircumstances, course: Course) -> Decided:
        """By policy and roster."""
        return decide_and_plan(found.prepared, found.store, course, as_of=found.as_of, now=found.now)

    def notes(self, found: RunCircumstances, course: Course, decided: Decided) -> Iterator[str]:
        """Nothing of its own."""
        return iter(())
