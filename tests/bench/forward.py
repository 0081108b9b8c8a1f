"""How long a large store of schema 0017 takes to come forward: `python tests/bench/forward.py LEADS [ADDRESS]`.

The store is one that `grown.py` makes, with what schema 0018 brought taken away again. `ADDRESS`: an empty PostgreSQL
database instead of a file; of its work the processor seconds of this process are told alone.
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


def taken_back(location: Path | str) -> None:
    """The store as schema 0017 had it."""
    database = Database(location)
    with database.writing() as at:
        at.execute(text("DROP TABLE lead_search"))
        if at.dialect.name == "sqlite":
            at.execute(text(FORMER_INDEX))
        at.execute(text("UPDATE alembic_version SET version_num = '0017'"))
    database.close()


def main(folder: Path, count: int, address: str | None = None) -> None:
    """Print one line."""
    store = load_settings(grown(folder / "here", count, address)).store
    taken_back(store)
    worked, began = time.process_time(), time.perf_counter()
    with closing(Store(store)) as opened:
        seconds, work = time.perf_counter() - began, time.process_time() - worked
        print(f"{opened.facts.lead_count('salesforce'):,} leads: {seconds:.1f} s, {work:.1f} s of work here")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        main(Path(made), int(sys.argv[1]), *sys.argv[2:3])
