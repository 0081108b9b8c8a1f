"""Plans that wait for an approval."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from crmsync.store import plans
from crmsync.store.damage import damage_in_words
from crmsync.store.faces.face import Face
from crmsync.store.plan_pages import PlanOrder, Sought, moves
from crmsync.store.plans import KeptPlan, NewPlan, PlannedChange


class WaitingPlans(Face):
    """One plan of each connection: the newest that was made to be looked at and approved."""

    def keep(self, connection: str, plan: NewPlan, changes: Sequence[PlannedChange], *, now: datetime) -> int:
        """A new plan in the place of the one before; its number."""
        number = self._numbers[connection]
        with damage_in_words(), self._database.writing() as at:
            return plans.keep(at, number, plan, changes, now)

    def of(self, connection: str) -> KeptPlan | None:
        """The connection's plan."""
        return self._read(connection, lambda at, number: plans.kept(at, number, connection))

    def moves(self, connection: str, plan: int) -> list[tuple[str, int, int]]:
        """Each move with its changes: in all, and not approved yet."""
        return self._read(connection, lambda at, number: moves(at, number, plan))

    def page(
        self, connection: str, plan: int, which: Sought, *, order: PlanOrder, first: int, most: int
    ) -> tuple[int, list[PlannedChange]]:
        """How many changes there are of these, and a page of them."""
        return self._read(connection, lambda at, number: plans.page(at, number, plan, which, order, first, most))

    def changes(self, connection: str, plan: int, leads: Collection[str] | None) -> tuple[PlannedChange, ...]:
        """The changes of these leads, or all, that nobody has approved yet."""
        return self._read(connection, lambda at, number: plans.changes(at, number, plan, leads))

    def one(self, connection: str, plan: int, lead: str) -> PlannedChange | None:
        """The change of one lead; null where the plan has none."""
        return self._read(connection, lambda at, number: plans.one(at, number, plan, lead))

    def take(self, connection: str, plan: int) -> bool:
        """Begin to carry it out; false where it is no longer the connection's plan."""
        number = self._numbers[connection]
        with damage_in_words(), self._database.writing() as at:
            return plans.take(at, number, plan)

    def carried_out(self, connection: str, plan: int, run: int | None, outcomes: Mapping[str, str]) -> None:
        """What became of the changes that were approved, by lead; the rest waits on."""
        number = self._numbers[connection]
        with damage_in_words(), self._database.writing() as at:
            plans.carried_out(at, number, plan, run, outcomes)

    def drop(self, connection: str, plan: int) -> bool:
        """Nobody wants it; false while it is carried out."""
        number = self._numbers[connection]
        with damage_in_words(), self._database.writing() as at:
            return plans.drop(at, number, plan)
