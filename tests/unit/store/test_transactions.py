"""Who waits for whom: writers of one connection for each other, readers for nobody."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import func, select, text

from crmsync.errors import StoreUnavailable
from crmsync.store import Pulled, Store
from crmsync.store.tables import leads as table
from crmsync.testing.store_frames import DAY, lead, leads


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    place = request.getfixturevalue("tmp_path" if request.param == "sqlite" else "postgresql_database")
    with closing(Store(place / "store.db" if request.param == "sqlite" else place)) as store:
        yield store


def test_a_reader_sees_one_state_while_somebody_writes(store: Store) -> None:
    store.facts.remember("c", [Pulled(leads=leads(lead("1")))], today=DAY)
    counted = select(func.count()).select_from(table)
    with store._database.reading() as at:
        assert at.execute(counted).scalar_one() == 1
        store.facts.remember("c", [Pulled(leads=leads(lead("2")))], today=DAY)
        assert at.execute(counted).scalar_one() == 1
    assert store.facts.lead_count("c") == 2


def test_a_store_that_was_brought_forward_meanwhile_is_not_written_by_an_older_program(store: Store) -> None:
    store.facts.remember("c", [Pulled(leads=leads(lead("1")))], today=DAY)
    with store._database._backend.writing(None) as at:
        at.execute(text("UPDATE alembic_version SET version_num = 'newer'"))
    for write in (
        lambda: store.facts.remember("c", [Pulled(leads=leads(lead("2")))], today=DAY),
        lambda: store.runs.set_digests("c", {"policy": "1"}),
    ):
        with pytest.raises(StoreUnavailable, match="brought to schema newer by another crmsync") as refused:
            write()
        assert "start it again" in str(refused.value.hint)
    assert store.facts.lead_count("c") == 1, "it can be read"


def begun(store: Store, number: int | None) -> tuple[threading.Event, threading.Thread]:
    """Whether a writing transaction on this connection has begun."""
    event = threading.Event()

    def write() -> None:
        with store._database.writing(number):
            event.set()

    thread = threading.Thread(target=write)
    thread.start()
    return event, thread


@pytest.mark.parametrize(
    ("held", "wanted", "waits"),
    [(1, 1, True), (1, None, True), (None, 1, True), (None, None, True), (1, 2, False)],
)
def test_writers_wait_for_those_of_the_same_rows(
    postgresql_database: str, held: int | None, wanted: int | None, waits: bool
) -> None:
    with closing(Store(postgresql_database)) as store:
        with store._database.writing(held):
            event, thread = begun(store, wanted)
            assert event.wait(0.3 if waits else 30) is not waits
        assert event.wait(30)
        thread.join()
