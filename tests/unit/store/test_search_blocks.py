"""What leads are called together is what each of them is called: none is missing, and none stays who is gone."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from crmsync.store import Pulled, Store, search, search_blocks
from crmsync.store.tables import lead_search, lead_search_blocks
from crmsync.testing.store_frames import DAY, lead, leads
from suite.breadth import broadly


def one_by_one(store: Store) -> dict[tuple[int, int], list[str]]:
    """The lines of all leads of a block, made from what each of them is called."""
    made: dict[tuple[int, int], list[str]] = {}
    with store._database.reading() as at:
        for row in at.execute(select(lead_search)):
            made.setdefault((row.connection_id, row.lead_key // search_blocks.LEADS), []).extend(
                row.called.split("\n")
            )
    return {block: sorted(lines) for block, lines in made.items()}


def together(store: Store) -> dict[tuple[int, int], list[str]]:
    """The same as it is kept."""
    with store._database.reading() as at:
        rows = at.execute(select(lead_search_blocks))
        return {(row.connection_id, row.block): sorted(row.texts.split("\n")) for row in rows}


@pytest.mark.parametrize("kept_in", broadly(["a file", "postgresql"]))
def test_whoever_comes_goes_or_is_renamed_does_so_in_its_block(
    kept_in: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Each in the middle of others, and all of a block."""
    place = tmp_path / "store.db" if kept_in == "a file" else request.getfixturevalue("postgresql_database")
    with closing(Store(place)) as store:

        def pulled(connection: str, numbers: Iterable[int], name: str, *, complete: bool = False) -> None:
            rows = (lead(f"{each:04}") | {"name": f"{name} {each}"} for each in numbers)
            store.facts.remember(connection, [Pulled(leads=leads(*rows))], today=DAY, complete=complete)
            assert together(store) == one_by_one(store)

        pulled("c", range(600), "Ann")
        pulled("d", range(300), "Bo")
        pulled("c", range(700), "Ann")
        assert len(together(store)) >= 5, "keys of one connection go on where those of the other end"
        pulled("c", range(0, 600, 150), "Cy")
        pulled("c", range(500), "Ann", complete=True)
        pulled("c", (0, 650), "Dee")
        store.forget("c", "0003")
        assert together(store) == one_by_one(store)
        assert "ann 3" not in [line for lines in together(store).values() for line in lines]
        pulled("c", (), "Ann", complete=True)


def test_a_rare_name_is_looked_for_in_blocks_and_a_frequent_one_in_the_order_of_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many blocks hold it, and whether or not its leads stand where the order begins."""
    monkeypatch.setattr(search, "_BLOCKS", 2)
    monkeypatch.setattr(search_blocks, "LEADS", 16)
    with closing(Store(tmp_path / "store.db")) as store:
        rows = [
            lead(f"{each:04}") | {"name": f"Ann {9_999 - each} {'Zoe' * (each % 90 == 7)}"} for each in range(900)
        ]
        store.facts.remember("c", [Pulled(leads=leads(*rows))], today=DAY)
        zoes = [row["lead"] for row in reversed(rows) if "Zoe" in row["name"]]
        for beginning in (0, 1, 800):
            monkeypatch.setattr(search, "_AT_THE_BEGINNING", beginning)
            for words, found in (
                (["zoe"], zoes),
                (["zoe", "9992"], ["0007"]),
                (["zoe", "9993"], []),
                (["nobody"], []),
                (["ann", "999"], [f"{each:04}" for each in range(9, -1, -1)]),
                (["9100"], ["0899"]),
            ):
                for most in (1, 5, 20):
                    assert store.facts.leads_called("c", words, most=most) == tuple(found[:most]), (words, beginning)
