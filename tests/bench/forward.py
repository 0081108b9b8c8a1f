"""How long a large store of schema 0017 takes to come forward: `python tests/bench/forward.py LEADS [ADDRESS]`.

The store is one that `grown.py` makes, with what later schemas brought taken away again. `ADDRESS`: an empty
PostgreSQL database instead of a file; of its work the processor seconds of this process are told alone. With
`CRMSYNC.YAML` instead of a number a store that is there is taken back and comes forward.
"""

from __future__ import annotations

import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from grown import grown  # it stands beside this file
from sqlalchemy import text

from crmsync.settings import load_settings
from crmsync.store import Store
from crmsync.store.database import Database

FORMER_INDEX = "CREATE INDEX ix_leads_called ON leads (name, lead, company, email, connection_id)"
LISTED = "connection_id, plan_id, move, lead, outcome, points, owner, owner_moves"
TAKEN_AWAY = (
    "DROP TABLE lead_search",
    "DROP INDEX ix_plan_changes_called",
    "DROP INDEX ix_plan_changes_listed",
    f"CREATE INDEX ix_plan_changes_listed ON plan_changes ({LISTED})",
    "ALTER TABLE plan_changes DROP COLUMN called",
    "ALTER TABLE plans DROP COLUMN moves",
    "ALTER TABLE runs DROP COLUMN undone",
    "UPDATE alembic_version SET version_num = '0017'",
)


def taken_back(location: Path | str) -> None:
    """The store as schema 0017 had it."""
    database = Database(location)
    with database.writing() as at:
        other = FORMER_INDEX if at.dialect.name == "sqlite" else "DROP INDEX ix_leads_not_managed"
        for statement in (*TAKEN_AWAY, other):
            at.execute(text(statement))
    database.close()


def main(config: Path) -> None:
    """Print one line."""
    store = load_settings(config).store
    taken_back(store)
    worked, began = time.process_time(), time.perf_counter()
    with closing(Store(store)) as opened:
        seconds, work = time.perf_counter() - began, time.process_time() - worked
        print(f"{opened.facts.lead_count('salesforce'):,} leads: {seconds:.1f} s, {work:.1f} s of work here")


if __name__ == "__main__":
    if sys.argv[1].isdigit():
        with tempfile.TemporaryDirectory() as made:
            main(grown(Path(made) / "here", int(sys.argv[1]), *sys.argv[2:3]))
    else:
        main(Path(sys.argv[1]))
