"""What a run asks of the store: what may be much there, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from small_firm import Firm
from sqlalchemy import event

from crmsync.store.dialects import statements


@contextmanager
def asked(firm: Firm) -> Iterator[list[str]]:
    """The statements of a block."""
    said: list[str] = []

    def heard(_at: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(" ".join(statement.split()))

    engine = firm.store._database.engine
    event.listen(engine, "before_cursor_execute", heard)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", heard)


@pytest.mark.parametrize(
    "once",
    [
        lambda it: it.startswith("SELECT count(*)") and "FROM leads" in it,
        lambda it: "runs.started_at" in it and "FROM runs WHERE runs.connection_id" in it,
    ],
    ids=["how many leads there are", "earlier runs"],
)
def test_what_grows_with_leads_and_runs_is_read_once(firm: Firm, once: Callable[[str], bool]) -> None:
    firm.run()
    with asked(firm) as said:
        firm.run()
    assert len([each for each in said if each.startswith("SELECT") and once(each)]) == 1


def test_a_set_up_that_is_as_it_was_is_not_written_again(firm: Firm) -> None:
    firm.run()
    with asked(firm) as said:
        firm.run()
        assert not [each for each in said if each.startswith("UPDATE connections")]
        firm.crm.inactive.add("bob")
        firm.run()
    assert len([each for each in said if each.startswith("UPDATE connections")]) == 1


def test_where_nothing_was_left_open_nobody_asks_before_the_reading_who_is_left_alone(firm: Firm) -> None:
    firm.run()
    with asked(firm) as said:
        firm.run()
    assert len([each for each in said if "FROM holds" in each]) == 1


def test_of_what_is_not_there_nothing_more_is_asked(firm: Firm) -> None:
    firm.run()
    with asked(firm) as said:
        firm.run()
    assert not firm.store.hand_offs.read(firm.name)
    assert [each for each in said if "JOIN activities" in each] == [], "no hand-off under way: who touched it?"
    assert [each for each in said if "JOIN (SELECT stage_history" in each] == [], (
        "no lead's history is to be asked for"
    )
    assert [each for each in said if "about FROM activities" in each] == [], "none is new, and none is gone"
    assert len([each for each in said if "FROM leads" in each and "leads.company FROM" in each]) == 0, "none is open"


def test_a_statement_of_many_rows_is_compiled_once(firm: Firm) -> None:
    firm.run()
    cache = statements._compiled
    before = cache.cache_info()
    firm.now += timedelta(days=1)
    firm.crm.records["a"]["Heat"] = "hot"
    firm.run()
    firm.crm.records["b"]["Heat"] = "hot"
    firm.run()
    after = cache.cache_info()
    assert after.misses - before.misses < after.hits - before.hits
