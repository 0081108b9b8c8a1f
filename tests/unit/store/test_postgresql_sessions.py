"""How sessions with a PostgreSQL server plan and wait: as crmsync needs it, and as the store's address says."""

from __future__ import annotations

from contextlib import closing
from urllib.parse import quote

from crmsync.store import Store


def shown(address: str, name: str) -> str:
    with closing(Store(address)) as store, store._database.reading() as at:
        return str(at.exec_driver_sql(f"SHOW {name}").scalar_one())


def test_pages_of_an_index_are_not_taken_for_those_of_a_disk_that_turns(postgresql_database: str) -> None:
    assert shown(postgresql_database, "random_page_cost") == "1.1"
    assert shown(postgresql_database, "lock_timeout") == "1min"


def test_what_the_address_says_of_planning_counts_and_of_waiting_it_says_nothing(postgresql_database: str) -> None:
    given = quote("-c random_page_cost=3 -c lock_timeout=7s")
    address = f"{postgresql_database}{'&' if '?' in postgresql_database else '?'}options={given}"
    assert shown(address, "random_page_cost") == "3"
    assert shown(address, "lock_timeout") == "1min"
