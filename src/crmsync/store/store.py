"""The store as the rest of crmsync sees it: ten faces by subject, one file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from crmsync.faces import LateModule
from crmsync.progress import Progress, silent
from crmsync.store.database import Database
from crmsync.store.faces.face import Numbers
from crmsync.store.faces.facts import StoredFacts
from crmsync.store.faces.hand_offs import HandOffs
from crmsync.store.faces.history import History
from crmsync.store.faces.left_alone import LeftAloneLeads
from crmsync.store.faces.runs import Runs
from crmsync.store.migrate import bring_up_to_date

if TYPE_CHECKING:
    from crmsync.store import copying, erase
    from crmsync.store.erase import Forgotten
    from crmsync.store.faces import alerts, console, journal, plans, tellings
    from crmsync.store.faces.alerts import Alerts
    from crmsync.store.faces.console import SessionsAndDeeds
    from crmsync.store.faces.journal import Journal
    from crmsync.store.faces.plans import WaitingPlans
    from crmsync.store.faces.tellings import Tellings
else:  # what few commands need
    copying, erase = LateModule("crmsync.store.copying"), LateModule("crmsync.store.erase")
    alerts, console, journal, plans, tellings = (
        LateModule(f"crmsync.store.faces.{name}") for name in ("alerts", "console", "journal", "plans", "tellings")
    )


class Store:
    """Everything crmsync remembers. Every verb may raise `StoreUnavailable`; what raises has changed nothing.

    Whoever changes a connection's data holds it (`hold`). Threads may share a store. `name` says where it is,
    without a secret; `shared`: whether processes of other machines may work on it, too.
    """

    def __init__(self, location: Path | str) -> None:
        """Open a SQLite file (or its URL), make it if need be, and migrate it."""
        self._database = Database(location)
        self.name, self.shared = self._database.name, self._database.shared
        self._numbers = Numbers(self._database)
        try:
            bring_up_to_date(self._database)
        except BaseException:
            self._database.close()
            raise
        self.facts = StoredFacts(self._database, self._numbers)
        self.hand_offs = HandOffs(self._database, self._numbers)
        self.runs = Runs(self._database, self._numbers)
        self.history = History(self._database, self._numbers)
        self.left_alone = LeftAloneLeads(self._database, self._numbers)

    @cached_property
    def journal(self) -> Journal:
        """What crmsync means to write and what became of it."""
        return journal.Journal(self._database, self._numbers)

    @cached_property
    def alerts(self) -> Alerts:
        """What needs a person, and who was told."""
        return alerts.Alerts(self._database, self._numbers)

    @cached_property
    def tellings(self) -> Tellings:
        """What CRMs told of changes."""
        return tellings.Tellings(self._database, self._numbers)

    @cached_property
    def console(self) -> SessionsAndDeeds:
        """Who is signed in to the console, and what was done there."""
        return console.SessionsAndDeeds(self._database, self._numbers)

    @cached_property
    def plans(self) -> WaitingPlans:
        """Plans that wait for somebody."""
        return plans.WaitingPlans(self._database, self._numbers)

    def close(self) -> None:
        """Give the file back."""
        self._database.close()

    def hold(self, connection: str, *, now: datetime) -> AbstractContextManager[None]:
        """Keep other runs off the connection. Raises `AnotherRunInProgress`, naming since when and which process."""
        return self._database.hold(connection, lambda: self._numbers[connection], now)

    def listen(self, connection: str, *, now: datetime) -> AbstractContextManager[None]:
        """Keep other processes from listening to the connection's CRM, and no run off it. While the block runs, this
        store does nothing else. Raises `AnotherRunInProgress`.
        """
        return self._database.hold(f"{connection} (listening)", lambda: -self._numbers[connection], now)

    def still_held(self) -> None:
        """Asked before the CRM is written. Raises `Overtaken` where another run holds it by now.

        That can be in a store that machines share only; a file's lock goes with its process.
        """
        self._database.still_held()

    def abandoned(self, connections: Iterable[str]) -> tuple[str, ...]:
        """Those of the connections on which a process of another machine was at work when it died or froze.

        Only where machines share the store. A run of the connection finds out how far that one came.
        """
        numbers = self._database.abandoned()
        return tuple(name for name in connections if self._numbers[name] in numbers) if numbers else ()

    def copy_into(self, empty: Store, *, now: datetime, progress: Progress = silent) -> Mapping[str, int]:
        """All of this store into one that was just made; rows by table. See `store.copying`."""
        return copying.copy(self._database, empty._database, now=now, progress=progress)

    def forget(self, connection: str, lead: str) -> Forgotten:
        """Erase a person: facts, activities, decision, history, and the values and reasons in the journal.

        Entries keep lead, owner and turn, so that counters stay right. Nothing of what was erased is left in the
        bytes of the file either: it is written anew, which takes as much free space again. Raises `UsageError`
        while a change of the lead is open.
        """
        number = self._numbers[connection]
        with self._database.writing(number) as at:
            forgotten = erase.forget(at, number, lead)
        self._database.write_anew()  # also where nothing is left: an earlier try may have been kept from it
        return forgotten

    def back_up(self, to: Path) -> None:
        """Copy the store as it stands into the new file `to`, whole and checked, while others go on working.

        Raises `UsageError` when there is such a file, or it cannot be written.
        """
        self._database.back_up(to)
