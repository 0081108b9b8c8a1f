"""The hand-off process under whatever people do: whole runs over a CRM in memory, the store and the writer are real.

After each thing that happens there is a run, and one more at the same instant, which has nothing to do.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hand_off_checks import check_changes, check_owners, check_rows, check_several
from hand_off_configurations import CONFIGURATIONS, ONE_HAND_OFF, configured
from hand_off_crm import NAMES, PEOPLE
from hand_off_firm import Practice
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from crmsync.hand_off import HandOffRecord
from crmsync.store import Store

LEAD = st.sampled_from(NAMES)


def _events(heat: Sequence[str], takers: Sequence[str | None]) -> st.SearchStrategy[list[tuple[Any, ...]]]:
    return st.lists(
        st.one_of(
            st.tuples(st.just("hours"), st.sampled_from((1, 5, 12, 30))),
            st.tuples(st.just("answer"), LEAD, st.sampled_from(("accepted", "returned", "returned", None))),
            st.tuples(st.just("close_task"), LEAD, st.sampled_from(("done", "declined"))),
            st.tuples(st.just("touch"), LEAD),
            st.tuples(st.just("take"), LEAD, st.sampled_from(takers)),
            st.tuples(st.just("heat"), LEAD, st.sampled_from(heat)),
            st.tuples(st.just("redistribute"), st.sampled_from(("ae-1", "ae-2", "bdr-1"))),
            st.tuples(st.just("leaves"), st.sampled_from(("ae-1", "ae-3", "bdr-1"))),
        ),
        min_size=4,
        max_size=14,
    )


EVENTS = _events(("hot", "hot", "cold", "lost"), PEOPLE)
OF_SEVERAL = _events(("hot", "hot", "warm", "warm", "cold", "lost"), (*PEOPLE, None))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store; every example has a connection of its own."""
    store = Store(tmp_path_factory.mktemp("store") / "store.db")
    yield store
    store.close()


EXAMPLES = itertools.count()


@pytest.mark.breadth
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(
    number=11,
    events=[
        ("leaves", "ae-1"),
        ("redistribute", "ae-1"),
        ("hours", 12),
        ("close_task", "a", "declined"),
        ("hours", 30),
        ("close_task", "a", "declined"),
    ],
)
@example(number=4, events=[("hours", 12), ("hours", 30), ("take", "a", "ae-3"), ("hours", 30), ("heat", "b", "cold")])
@example(number=6, events=[("hours", 12), ("answer", "a", "accepted"), ("hours", 30), ("touch", "b"), ("hours", 30)])
@example(number=2, events=[("hours", 1), ("hours", 1), ("redistribute", "ae-2"), ("hours", 30)])
@given(number=st.integers(0, len(ONE_HAND_OFF) - 1), events=EVENTS)
def test_whatever_people_do_the_process_keeps_its_word(
    store: Store, number: int, events: Sequence[tuple[Any, ...]]
) -> None:
    firm = Practice(store, f"example {next(EXAMPLES)}", number)
    at_most = configured(number).policy.hand_off.returned.at_most  # type: ignore[union-attr]
    ended: dict[int, HandOffRecord] = {}
    for what, *arguments in (("hours", 0), *events):
        getattr(firm, what)(*arguments)
        before = firm.hand_offs()
        changes = firm.run()
        check_changes(firm, changes, before)
        again = firm.run()
        assert again == (), f"a second run at the same instant changes {again}"
        check_rows(firm, at_most, ended)


@pytest.mark.breadth
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(
    number=len(ONE_HAND_OFF) + 7,
    events=[
        ("hours", 5),
        ("heat", "c", "warm"),
        ("redistribute", "ae-1"),
        ("redistribute", "ae-2"),
        ("redistribute", "ae-3"),
    ],
)
@given(number=st.integers(len(ONE_HAND_OFF), len(CONFIGURATIONS) - 1), events=OF_SEVERAL)
def test_whatever_people_do_several_hand_overs_keep_their_word(
    store: Store, number: int, events: Sequence[tuple[Any, ...]]
) -> None:
    firm = Practice(store, f"example {next(EXAMPLES)}", number)
    for name, owner, heat in zip(NAMES, (None, "desk", "bdr-1"), ("warm", "cold", "hot"), strict=True):
        firm.crm.records[name].update(OwnerId=owner, Heat=heat)
    ended: dict[int, HandOffRecord] = {}
    for what, *arguments in (("hours", 0), *events):
        getattr(firm, what)(*arguments)
        before = firm.hand_offs()
        changes = firm.run()
        check_owners(firm, changes, before)
        again = firm.run()
        assert again == (), f"a second run at the same instant changes {again}"
        check_several(firm, ended)
