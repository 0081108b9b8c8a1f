"""What a pull brings becomes what the store knows.

Parts come one by one and are written in transactions of up to `ROWS_AT_ONCE` rows, due marks together with the
facts that caused them; the last transaction also removes what is gone and moves the cursors. So a cursor never
stands ahead of the facts, and a pull that breaks off is simply read again. (One transaction over a whole first
pull would hold the database's only write lock for as long as the CRM takes, while other connections wait.)

Only rows whose content differs are written. A lead is due when its own row or one of its activities changed; an
account makes none due, it is asked for when a lead needs an owner.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import polars as pl
from sqlalchemy import Connection

from crmsync.store import accounts, bookkeeping, unanswered
from crmsync.store.activity_pull import ActivityPull
from crmsync.store.database import Database
from crmsync.store.encoding import day_number
from crmsync.store.lead_pull import LeadPull
from crmsync.store.pulled import Missing, Pulled, Remembered
from crmsync.store.unread import UnreadPull

ROWS_AT_ONCE = 100_000


def remember(
    database: Database,
    connection_id: int,
    parts: Iterable[Pulled],
    *,
    complete: bool,
    today: date,
    missing: Missing,
) -> Remembered:
    """Take all parts of one pull. `complete`: it reads everything, so what it does not bring has gone.

    Cursors go, too: of an object that it left out, nothing is stored any more. But where more leads are `missing`
    than may leave, they are taken for hidden and not for gone.
    """
    with database.reading() as at:
        pull = _Pull(at, connection_id, today)
    for part in parts:
        pull.take(part)
        if pull.waiting >= ROWS_AT_ONCE:
            with database.writing(connection_id) as at:
                pull.flush(at)
    with database.writing(connection_id) as at:
        pull.flush(at)
        if complete and pull.leads.misses_too_many(at, missing):
            return pull.told()
        pull.remove_stale(at, complete=complete)
        if complete:
            bookkeeping.drop_cursors(at, connection_id)
        bookkeeping.set_cursors(at, connection_id, pull.cursors)
    return pull.told()


class _Pull:
    """The state of one pull: what waits to be written, and which stored rows it has met."""

    def __init__(self, at: Connection, connection_id: int, today: date) -> None:
        self._connection_id = connection_id
        self.cursors: dict[str, str] = {}
        self.waiting = 0
        self.leads = LeadPull(at, connection_id, day_number(today))
        self._activities = ActivityPull(at, connection_id)
        self._accounts = accounts.AccountPull(connection_id)
        self._unread = UnreadPull(at, connection_id)
        self._stamps: list[pl.DataFrame] = []

    def take(self, part: Pulled) -> None:
        """Let a part wait for the next transaction."""
        self.cursors.update(part.cursors)
        self.waiting += self.leads.take(part.leads, part.gone_leads, part.outside)
        self.waiting += self._activities.take(part.activities, part.gone_activities)
        self.waiting += self._accounts.take(part.accounts, part.gone_accounts)
        self._unread.take(part.unread, part.records)
        if part.stamps is not None:
            self._stamps.append(part.stamps)

    def flush(self, at: Connection) -> None:
        """Write what waits."""
        self._note_changes(at, self.leads.flush(at))
        self._note_changes(at, self._activities.flush(at))
        self._accounts.flush(at)
        self._unread.flush(at)
        self._stamps, self.waiting = [], 0

    def _note_changes(self, at: Connection, news: pl.DataFrame) -> None:
        """Remember when records (`record`, of `lead`) were changed whose content is another now."""
        if self._stamps:
            stamps = pl.concat(self._stamps).unique("record", keep="last")
            noted = news.join(stamps, on="record").select("lead", "changed_at")
            unanswered.note(at, self._connection_id, noted)

    def remove_stale(self, at: Connection, *, complete: bool) -> None:
        """Remove what has gone, and stored rows that this pull should have met and has not."""
        gone = self.leads.remove_gone(at)
        self._activities.remove_gone(at)
        self._accounts.remove_stale(at, complete=complete)
        self._unread.remove_stale(at, gone, complete=complete)
        self._activities.remove_unmet(at, complete=complete)
        if complete:
            self.leads.remove_unmet(at)

    def told(self) -> Remembered:
        """What it came to."""
        read, changed = self._activities.read, self._activities.changed
        return Remembered(
            **self.leads.counts, activities_read=read, activities_changed=changed, unmet=self.leads.unmet
        )
