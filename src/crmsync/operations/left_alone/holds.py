"""`crmsync hold` and `crmsync holds`: leads that people keep for themselves, and those that crmsync gave in on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import date, datetime
from typing import Any

from msgspec import Struct

from crmsync.clock import local_day
from crmsync.connection.stored_kind import last_seen, note_another_object
from crmsync.errors import UsageError
from crmsync.operations.history.stored_leads import pages_of, stored_leads
from crmsync.run.left_alone import LeftAlone, kept
from crmsync.run.started_by import started_by
from crmsync.settings import Settings
from crmsync.store import Hold, Store
from crmsync.values import field_names, replace

LONGEST_WHY = 500
"""Every plan repeats it while the hold lasts."""


class Kept(Struct, frozen=True):
    """A lead that is left alone, with its page. `by`, `made_at`: of a hold. `name`: who it is, for people's eyes.
    `again`: the same hold stood there, and stands on.
    """

    connection: str
    what: LeftAlone
    name: str = ""
    by: str | None = None
    made_at: datetime | None = None
    url: str | None = None
    again: bool = False

    def to_json(self) -> dict[str, Any]:
        """Without the person's name."""
        made_at = self.made_at.isoformat(timespec="seconds") if self.made_at else None
        told = {"connection": self.connection, "lead": self.what.lead, **self.what.to_json()}
        return {**told, "by": self.by, "made_at": made_at, "url": self.url}


class Released(Struct, frozen=True):
    """A lead that crmsync may change again: how many holds ended, and how many overrulings count no more.

    `undone`: hands were off it, because what a run wrote there was taken back.
    """

    connection: str
    lead: str
    holds: int
    overruled: int
    undone: bool = False

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {name: getattr(self, name) for name in field_names(self)}


def hold_lead(
    settings: Settings,
    lead: str,
    connections: Sequence[str],
    *,
    until: date,
    why: str,
    by: str | None = None,
    now: Callable[[], datetime],
) -> list[Kept]:
    """Hold the named lead on each connection that stores it. Raises `UsageError` for a day that is over.

    `by`: who holds it; null = whoever is signed in to this machine.
    """
    with closing(Store(settings.store)) as store:
        found = stored_leads(settings, store, lead, connections, to_change=True)
        for connection, _ in found:
            today = today_of(store, connection, now())
            if until < today:
                raise UsageError(f"{until} is over: it is {today} there", hint="give the last day of the hold")
        held = []
        for connection, native in found:
            hold = Hold(native, until, why, by or started_by(), now())
            with store.hold(connection, now=now()):
                before = next((each for each in store.left_alone.holds(connection) if each.lead == native), None)
                again = before is not None and replace(hold, made_at=before.made_at) == before
                if not again:
                    store.left_alone.hold(connection, hold)
            url = pages_of(settings, store, connection)(native)
            alone = LeftAlone(native, "held", why, until)
            held.append(Kept(connection, alone, "", hold.by, hold.made_at, url, again))
        return held


def release_lead(
    settings: Settings, lead: str, connections: Sequence[str], *, now: Callable[[], datetime]
) -> list[Released]:
    """Let crmsync go on with the named lead. Raises `UsageError` when nothing keeps crmsync off it."""
    with closing(Store(settings.store)) as store:
        done = []
        for connection, native in stored_leads(settings, store, lead, connections, once_stored=True, to_change=True):
            with store.hold(connection, now=now()):
                ended, let_go, undone = store.left_alone.release(connection, native, now=now())
            if ended or let_go or undone:
                done.append(Released(connection, native, ended, let_go, undone))
        if not done:
            raise UsageError(
                f"the lead {lead} is neither held nor stopped, nor was anything taken back there",
                hint="`crmsync holds` lists those that are; a pin is taken out in the CRM",
            )
        return done


def kept_leads(settings: Settings, connections: Sequence[str], *, now: Callable[[], datetime]) -> list[Kept]:
    """Every lead that is left alone today, of the named connections or of all, by connection and id."""
    found: list[Kept] = []
    with closing(Store(settings.store)) as store:
        for configuration in settings.chosen(connections):
            name = configuration.name
            today = today_of(store, name, now())
            alone = kept(name, configuration.mapping, settings.policy.movement, store, today)
            names = store.facts.lead_names(name, list(alone))
            page = pages_of(settings, store, name)
            if alone:
                note_another_object(configuration, last_seen(store, name))
            holds = {hold.lead: hold for hold in store.left_alone.holds(name)}
            for lead, what in sorted(alone.items()):
                hold = holds.get(lead) if what.cause == "held" else None
                by, made_at = (hold.by, hold.made_at) if hold else (None, None)
                found.append(Kept(name, what, names.get(lead, ""), by, made_at, page(lead)))
    return found


def today_of(store: Store, connection: str, now: datetime) -> date:
    """The day in the zone of the CRM's account as it was last seen; in UTC before that."""
    snapshot = last_seen(store, connection)
    return local_day(now, snapshot.org.time_zone if snapshot else "UTC")
