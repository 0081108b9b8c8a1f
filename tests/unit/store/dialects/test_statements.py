"""What goes to the database: the same statements for both, and SQLite finds its indexes."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Dialect, event, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from crmsync.store import NewPlan, PlannedChange, PlanOrder, Pulled, Settlement, Sought, Store
from crmsync.store.database import Database
from crmsync.store.dialects.statements import among, upsert
from crmsync.store.tables import activities, counters, leads, metadata
from crmsync.testing.store_frames import DAY, FACTS, NOW, activity, decided, lead
from crmsync.testing.store_frames import activities as activities_frame
from crmsync.testing.store_frames import leads as leads_frame
from crmsync.testing.store_steps import change, intend, settle

SQLITE, POSTGRESQL = sqlite.dialect(), postgresql.dialect()


def compiled(statement: Any, dialect: Dialect) -> str:
    return " ".join(str(statement.compile(dialect=dialect)).split())


def test_among_takes_one_parameter_however_many_values() -> None:
    query = select(leads.c.key).where(leads.c.connection_id == 1, among(leads.c.lead, ["a", "b"]))
    assert compiled(query, SQLITE).endswith(
        "WHERE leads.connection_id = ? AND leads.lead IN (SELECT value FROM json_each(?))"
    )
    assert compiled(query, POSTGRESQL).endswith("AND leads.lead = ANY (%(param_1)s::TEXT[])")
    assert "::BIGINT[]" in compiled(select(leads.c.lead).where(among(leads.c.key, [1])), POSTGRESQL)


def test_every_table_can_be_made_in_postgresql() -> None:
    """Ids sort by their bytes there as here; numbers given out are wide."""
    words = {name: compiled(CreateTable(table), POSTGRESQL) for name, table in metadata.tables.items()}
    assert 'lead TEXT COLLATE "C" NOT NULL' in words["leads"]
    assert "key BIGSERIAL NOT NULL" in words["leads"].replace('"', "")
    assert all("AUTOINCREMENT" not in statement for statement in words.values())


def test_indexes_of_few_leads_hold_no_others_in_either_database() -> None:
    """What PostgreSQL has to know of them is said where its users load it, and nowhere else."""
    importlib.import_module("crmsync.store.dialects.postgresql")  # as a store there does before it makes a table
    few = {each.name: each for each in leads.indexes if str(each.name) in {"ix_leads_pinned", "ix_leads_undone"}}
    assert compiled(CreateIndex(few["ix_leads_pinned"]), POSTGRESQL).endswith("WHERE pinned IS true")
    assert compiled(CreateIndex(few["ix_leads_pinned"]), SQLITE).endswith("WHERE pinned IS 1")
    assert all(
        compiled(CreateIndex(few["ix_leads_undone"]), dialect).endswith("WHERE undone_on IS NOT NULL")
        for dialect in (SQLITE, POSTGRESQL)
    )


@pytest.mark.parametrize("dialect", [SQLITE, POSTGRESQL])
def test_upsert_replaces_all_but_the_key(dialect: Dialect) -> None:
    class At:
        """All that `upsert` asks of a connection."""

    At.dialect = dialect  # type: ignore[attr-defined]
    words = compiled(upsert(At(), counters), dialect)  # type: ignore[arg-type]
    assert words.endswith(
        "ON CONFLICT (connection_id, pool, person) DO UPDATE SET count = excluded.count, state = excluded.state"
    )


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[tuple[Store, list[str]]]:
    """A store with two leads, and the plan of each statement that SQLite carries out from now on."""
    store = Store(tmp_path / "store.db")
    acts = activities_frame(activity("a", "1"))
    store.facts.remember("c", [Pulled(leads=leads_frame(lead("1"), lead("2")), activities=acts)], today=DAY)
    database: Database = store._database
    plans: list[str] = []

    def explain(raw: Any, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool) -> None:
        if statement.split(maxsplit=1)[0] in {"SELECT", "UPDATE", "DELETE"}:
            first = parameters[0] if executemany else parameters
            plans.extend(row[3] for row in raw.connection.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", first))

    event.listen(database.engine, "before_cursor_execute", explain)
    yield store, plans
    store.close()


@pytest.mark.parametrize("what", ["due", "named", "incremental pull", "decisions", "outcomes", "pending"])
def test_nothing_that_concerns_few_leads_reads_them_all(watched: tuple[Store, list[str]], what: str) -> None:
    """An incremental run costs what changed, whatever the size of the org."""
    store, plans = watched
    news = Pulled(leads=leads_frame(lead("1", title="x")), activities=activities_frame(activity("a", "2")))
    run = store.runs.start("c", now=NOW, dry_run=False)
    {
        "due": lambda: list(store.facts.gather("c", DAY, fact_types=FACTS)),
        "named": lambda: list(store.facts.gather("c", DAY, fact_types=FACTS, leads=["1"])),
        "incremental pull": lambda: store.facts.remember("c", [news], today=DAY),
        "decisions": lambda: store.history.record("c", run, decided("1"), policy_digest="p", as_of=DAY, now=NOW),
        "outcomes": lambda: (intend(store, change("1")), settle(store, Settlement("1", "written"))),
        "pending": lambda: store.journal.pending("c"),
    }[what]()
    assert plans
    whole = [plan for plan in plans if plan.startswith(("SCAN leads", "SCAN activities", "SCAN journal"))]
    assert whole == []
    assert not any(
        "ix_journal_connection_id_state" in plan and "lead=?" not in plan for plan in plans if what == "outcomes"
    )


def test_who_is_due_is_counted_and_gathered_from_the_ends_of_the_index(watched: tuple[Store, list[str]]) -> None:
    """And not from one to the other, past all who are not."""
    store, plans = watched
    assert store.facts.due_count("c", DAY) == 2
    assert [batch.leads.height for batch in store.facts.gather("c", DAY, fact_types=FACTS, also=["1", "9"])] == [2]
    of_due = [plan for plan in plans if "ix_leads_connection_id_due_on_lead" in plan]
    assert len(of_due) == 4
    assert all("due_on<" in plan or "due_on>" in plan for plan in of_due)


@pytest.mark.parametrize("order", ["name", "move"])
def test_a_page_of_a_plan_is_read_in_the_order_of_an_index_that_holds_all_that_is_asked(
    watched: tuple[Store, list[str]], order: PlanOrder
) -> None:
    """There may be a million changes, and each is long."""
    store, plans = watched
    changes = [PlannedChange(each, "a→b", None, False, 0, {}) for each in "12"]
    plan = store.plans.keep("c", NewPlan("run", 1, None, "digest", None, {}), changes, now=NOW)
    del plans[:]
    for words in ((), ("person",)):
        count, _ = store.plans.page("c", plan, Sought(words=words), order=order, first=0, most=9)
        assert count == 2
    of_plan = [each for each in plans if "plan_changes" in each and "lead=?" not in each]
    assert of_plan != []
    assert all("COVERING INDEX" in each for each in of_plan)
    if order == "name":
        assert not any("TEMP B-TREE" in each for each in plans)


def test_the_plan_of_a_bad_query_would_be_seen(watched: tuple[Store, list[str]]) -> None:
    store, plans = watched
    with store._database.reading() as connection:
        _reads_all(connection)
    assert any(plan.startswith("SCAN activities") for plan in plans)


def _reads_all(at: Connection) -> None:
    at.execute(select(activities.c.key).where(activities.c.kind == "call")).all()
