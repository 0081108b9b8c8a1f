"""The CRM's own accounts, customers and open opportunities: what a pull makes of them, and who owns them."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl
from sqlalchemy import Connection, func, select

from crmsync.model import ACCOUNTS
from crmsync.store.dialects.statements import among, bulk, upsert
from crmsync.store.encoding import fetch
from crmsync.store.tables import accounts


class AccountPull:
    """The accounts of one pull. What was told last is true; a part's frame counts as later than its `gone` ids."""

    def __init__(self, connection_id: int) -> None:
        self._connection_id = connection_id
        self._waiting: list[pl.DataFrame] = []
        self._met: list[pl.Series] = []
        self._gone: set[str] = set()

    def take(self, frame: pl.DataFrame | None, gone: Iterable[str]) -> int:
        """Let a part wait for the next transaction; how many rows it has."""
        self._gone.update(gone)
        if frame is None:
            return 0
        self._waiting.append(frame)
        self._gone.difference_update(frame["account"] if self._gone else ())
        return frame.height

    def flush(self, at: Connection) -> None:
        """Write what waits and differs."""
        if not self._waiting:
            return
        incoming = pl.concat(self._waiting).unique(subset="account", keep="last", maintain_order=True)
        incoming = incoming.with_columns(pl.col("created_at").to_physical())
        self._waiting = []
        self._met.append(incoming["account"])
        mine = (accounts.c.connection_id == self._connection_id) & among(accounts.c.account, incoming["account"])
        stored = fetch(at, select(*(accounts.c[name] for name in ACCOUNTS)).where(mine), tuple(ACCOUNTS))
        changed = incoming.join(stored, on=list(ACCOUNTS), how="anti", nulls_equal=True)
        rows = changed.select(*ACCOUNTS, connection_id=pl.lit(self._connection_id))
        bulk(at, upsert(at, accounts), rows)

    def remove_stale(self, at: Connection, *, complete: bool) -> None:
        """Remove what has gone; after a complete pull also what it did not bring."""
        stale = self._gone
        if complete:
            mine = select(accounts.c.account).where(accounts.c.connection_id == self._connection_id)
            stored = set(fetch(at, mine, ("account",))["account"])
            stale = stale | stored.difference(*self._met)
        if stale:
            mine_gone = (accounts.c.connection_id == self._connection_id) & among(accounts.c.account, sorted(stale))
            at.execute(accounts.delete().where(mine_gone))


def read(at: Connection, connection_id: int) -> pl.DataFrame:
    """All accounts: earlier entries of the mapping file first, then lower ids."""
    query = select(*(accounts.c[name] for name in ACCOUNTS)).where(accounts.c.connection_id == connection_id)
    order = (accounts.c.rank, func.length(accounts.c.account), accounts.c.account)
    found = fetch(at, query.order_by(*order), tuple(ACCOUNTS))
    return found.select(pl.col(name).cast(dtype) for name, dtype in ACCOUNTS.items())
