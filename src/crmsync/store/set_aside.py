"""Which leads a run set aside, and why: as many of them as somebody looks at."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from crmsync.model import SetAside
from crmsync.store.tables import runs, set_aside

MOST_KEPT = 1_000
"""Of one run; how many there were stands in its counts."""


def keep(at: Connection, connection_id: int, run_id: int, aside: Sequence[SetAside]) -> None:
    """Note the first of them, in the order in which the run told them."""
    rows = [
        {"connection_id": connection_id, "run_id": run_id, "place": place, "lead": each.lead, "reason": each.reason}
        for place, each in enumerate(aside[:MOST_KEPT])
    ]
    if rows:
        at.execute(set_aside.insert(), rows)


def of_run(at: Connection, connection_id: int, run_id: int) -> tuple[SetAside, ...]:
    """As they were told."""
    mine = (set_aside.c.connection_id == connection_id) & (set_aside.c.run_id == run_id)
    rows = at.execute(select(set_aside).where(mine).order_by(set_aside.c.place))
    return tuple(SetAside(row.lead, row.reason) for row in rows)


def let_go(at: Connection, connection_id: int, before: int) -> None:
    """Of runs that began before this instant, and of those that are gone."""
    younger = select(runs.c.id).where(runs.c.connection_id == connection_id, runs.c.started_at >= before)
    at.execute(
        set_aside.delete().where(set_aside.c.connection_id == connection_id, set_aside.c.run_id.not_in(younger))
    )
