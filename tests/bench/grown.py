"""A large store that looks like a used one: `python tests/bench/grown.py FOLDER LEADS [ADDRESS]`. Leaves it there.

2,000 leads of the practice CRM are run over, and the run planned to be taken back. Then every row of the store that
is of a lead is written once more for each further 2,000 leads, under another id, name and e-mail address. `ADDRESS`:
an empty PostgreSQL database instead of a file.
"""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / "acceptance"), str(Path(__file__).parents[1])]

import polars as pl  # noqa: E402 - so that it stands with the others
from rehearsal import keep_in, rehearsal  # noqa: E402 - it stands beside this folder
from sqlalchemy import Column, Connection, Table, func, select, text  # noqa: E402

from crmsync.clock import now  # noqa: E402
from crmsync.operations.run.waiting_plans import make_plan  # noqa: E402
from crmsync.progress import silent  # noqa: E402
from crmsync.settings import load_settings  # noqa: E402
from crmsync.store import Store  # noqa: E402
from crmsync.store.called import keep  # noqa: E402
from crmsync.store.database import Database  # noqa: E402
from crmsync.store.plan_pages import keep_moves  # noqa: E402
from crmsync.store.tables import decisions, lead_search, leads, metadata, plans, set_aside  # noqa: E402

SEED_LEADS = 2_000
CRM = "salesforce"
GUARDS = ("changes", "stage-changes", "owner-changes", "backward", "disqualified", "owner-lost", "per-receiver")
ROWS_AT_ONCE = 100_000
TEXTS = ("lead", "name", "company", "email")
NAMED = {"key": pl.Int64, "connection_id": pl.Int64} | dict.fromkeys(TEXTS, pl.String)
_NUMBERS = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :last)"


def grown(folder: Path, count: int, address: str | None = None) -> Path:
    """The configuration's file, with a store of about so many leads beside it or at the address."""
    config = folder / "crmsync.yaml"
    with rehearsal(folder, "--leads", str(min(count, SEED_LEADS)), "--seed", "7", "--crm", CRM) as here:
        if address:
            keep_in(config, address)
        here.json("run", *(f"--allow={guard}=1000000" for guard in GUARDS), code=(0, 4))
        settings = load_settings(config)
        with closing(Store(settings.store)) as store:
            [ran] = [run.id for run in store.runs.last(CRM, limit=1)]
        make_plan(settings, CRM, undo_of=ran, by=None, now=now, progress=silent)
    multiply(settings.store, max(count // SEED_LEADS, 1))
    return config


def multiply(location: Path | str, times: int) -> None:
    """Each lead with all that is known of it so many times in all."""
    database = Database(location)
    with database.writing() as at:
        for table in metadata.sorted_tables:
            if "lead" in table.c and table not in (leads, set_aside):
                _repeat(at, table, times)
        _repeat(at, leads, times)
        _repeat_decisions(at, times)
        at.execute(plans.update().values(leads=plans.c.leads * times))
        for plan in at.execute(select(plans.c.connection_id, plans.c.id)).all():
            keep_moves(at, *plan)
        _call(at)
    if database.engine.dialect.name == "postgresql":  # as the server does by itself soon after
        with closing(database.engine.connect()) as at:
            at.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))
    database.close()


def _repeat(at: Connection, table: Table, times: int) -> None:
    names = [each.name for each in table.c if not _given_out(table, each)]
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(_of_copy(name) for name in names)
    if times > 1:
        at.execute(
            text(
                f"INSERT INTO {table.name} ({columns}) {_NUMBERS} "
                f"SELECT {values} FROM numbers CROSS JOIN {table.name}"
            ),
            {"last": times - 1},
        )


def _given_out(table: Table, column: Column[object]) -> bool:
    return bool(column.primary_key) and column.name in {"id", "key"}


def _of_copy(name: str) -> str:
    if name in {"lead", "activity", "record", "name"}:
        return f"\"{name}\" || '-' || n"
    if name == "email":
        return "n || '.' || email"
    return "place + 1000000 * n" if name == "place" else f'"{name}"'


def _repeat_decisions(at: Connection, times: int) -> None:
    others = ", ".join(each.name for each in decisions.c if each.name != "lead_key")
    old = ", ".join(f"d.{each.name}" for each in decisions.c if each.name != "lead_key")
    at.execute(
        text(
            f"INSERT INTO decisions (lead_key, {others}) {_NUMBERS} "
            f"SELECT new.key, {old} FROM numbers CROSS JOIN decisions d JOIN leads old ON old.key = d.lead_key "
            "JOIN leads new ON new.connection_id = old.connection_id AND new.lead = old.lead || '-' || n"
        ),
        {"last": times - 1},
    )


def _call(at: Connection) -> None:
    """What the new leads are called."""
    last = at.execute(select(func.max(lead_search.c.lead_key))).scalar() or 0
    some = select(*(leads.c[name] for name in NAMED)).order_by(leads.c.key).limit(ROWS_AT_ONCE)
    while rows := at.execute(some.where(leads.c.key > last)).all():
        last = rows[-1].key
        frame = pl.DataFrame([tuple(row) for row in rows], schema=NAMED, orient="row")
        for (connection,), part in frame.group_by("connection_id"):
            keep(at, int(str(connection)), part)


if __name__ == "__main__":
    print(grown(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:4]))
