"""How faults are planted in a store, and which checks of the store kit have to notice each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, Table

from crmsync.store import erase

Patch = pytest.MonkeyPatch
FAULTS: dict[str, tuple[Callable[[Patch], None], str]] = {}


def fault(*caught_by: str) -> Callable[[Callable[[Patch], None]], Callable[[Patch], None]]:
    """A planted fault and the checks that must notice it."""

    def plant(patch: Callable[[Patch], None]) -> Callable[[Patch], None]:
        for name in caught_by:
            FAULTS[f"{patch.__name__}-{name}"] = (patch, f"test_{name}")
        return patch

    return plant


def commits_after(patch: Patch, owner: Any, name: str) -> None:
    """What the function did is committed at once, whatever happens later in the verb."""
    original = getattr(owner, name)

    def committing(*arguments: Any, **more: Any) -> Any:
        done = original(*arguments, **more)
        [connection] = [each for each in arguments if isinstance(each, Connection)]
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return done

    patch.setattr(owner, name, committing)


def forgets_all_but(patch: Patch, table: Table) -> None:
    forget = erase.forget

    def forgets(at: Connection, number: int, lead: str) -> erase.Forgotten:
        kept = [dict(row) for row in at.execute(table.select().where(table.c.lead == lead)).mappings()]
        done = forget(at, number, lead)
        if kept:
            at.execute(table.insert(), kept)
        return done

    patch.setattr(erase, "forget", forgets)
