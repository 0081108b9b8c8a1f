"""No byte of a forgotten person is left where PostgreSQL keeps the database: in tables, indexes and statistics.

Its log (`pg_wal`) is left out: the server writes it for crashes, copies and backups; its keeper says for how long.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from crmsync.model import SetAside
from crmsync.store import Hold, NewPlan, PlannedChange, Pulled, Settlement, Store
from crmsync.testing.store_frames import DAY, NOW, activities, activity, lead, leads
from crmsync.testing.store_steps import change, intend, settle
from crmsync.values import replace

WORD = "Zebrauberall"
FOLDED = "zebrauberall"

pytestmark = pytest.mark.breadth


def filled(store: Store) -> None:
    """A person of whom everything tells, among enough others for the server's statistics to list some of them."""
    others = [lead(f"other-{number}") for number in range(40)]
    person = lead("1", title=f"{WORD} of facts") | {
        "email": f"{WORD}@x.example",
        "name": f"Ann {WORD}",
        "company": f"{WORD} Inc",
    }
    told = activities(activity("a", "1", subject=f"{WORD} called"))
    store.facts.remember("c", [Pulled(leads=leads(person, *others), activities=told)], today=DAY)
    moved = replace(change("1"), reasons=(f"{WORD} of reasons",), writes={"Note": (None, f"{WORD} of writes")})
    run = intend(store, moved)
    settle(store, Settlement("1", "written"))
    store.runs.end("c", run, now=NOW, exit_code=4, counts={}, aside=[SetAside("1", f"{WORD} of asides")])
    store.left_alone.hold("c", Hold("1", DAY, f"{WORD} of holds", "ada", NOW))
    aside = [{"lead": "1", "reason": f"{WORD} of plans"}]
    planned = [PlannedChange(each, "a→b", None, False, 0, {"lead": each}) for each in ("1", "other-3")]
    store.plans.keep("c", NewPlan("run", run, None, "digest", "ada", {"set_aside": aside}), planned, now=NOW)
    about = {"lead": "1"}
    store.console.note("lead_released", now=NOW, person="ada", connection="c", reason=f"{WORD} of deeds", about=about)
    store.facts.remember("c", [Pulled(leads=leads(person | {"name": f"Ann {WORD} Bell"}))], today=DAY)


def where_it_stands(at: psycopg.Connection[tuple[object, ...]]) -> dict[str, int]:
    """Relation → how often the word stands in its files, once all is written there."""
    at.execute("CHECKPOINT")
    folder = _one(at, "SHOW data_directory")
    base = Path(str(folder), "base", str(_one(at, "SELECT oid FROM pg_database WHERE datname = current_database()")))
    if not base.is_dir():
        pytest.skip("the server's files are on another machine")
    found = {}
    for file in sorted(base.iterdir()):
        content = file.read_bytes()
        times = content.count(WORD.encode()) + content.count(FOLDED.encode())
        if times:
            name = _one(
                at, f"SELECT relname FROM pg_class WHERE pg_relation_filenode(oid) = {file.name.split('.')[0]}"
            )
            found[str(name or file.name)] = times
    return found


def _one(at: psycopg.Connection[tuple[object, ...]], query: str) -> object:
    row = at.execute(query.encode()).fetchone()
    return row[0] if row else None


def test_a_forgotten_person_is_in_no_file_of_the_database(postgresql_database: str) -> None:
    with closing(Store(postgresql_database)) as store, psycopg.connect(postgresql_database, autocommit=True) as at:
        filled(store)
        at.execute("ANALYZE")
        before = where_it_stands(at)
        everywhere = {"leads", "activities", "lead_search", "journal", "holds", "set_aside", "plans", "console_log"}
        everywhere |= {"lead_search_blocks"}
        assert everywhere | {"pg_statistic", "plan_changes", "ix_plan_changes_called"} <= before.keys()
        assert any(name.startswith("ix_lead_search") for name in before), "its index holds it, too"
        store.forget("c", "1")
        assert where_it_stands(at) == {}
        assert store.facts.leads_called("c", ["other-3"], most=1) == ("other-3",), "others stay"
