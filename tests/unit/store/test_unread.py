"""What a pull could make nothing of stays stored until a later one finds it mended, or gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from crmsync.store import Pulled, Store
from crmsync.testing.store_frames import DAY, activities, activity, lead, leads, unread

SIZE = ("fact", "size", "Size__c")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store.db")


def remember(store: Store, *parts: Pulled, complete: bool = False) -> list[tuple[object, ...]]:
    store.facts.remember("c", parts, today=DAY, complete=complete)
    return store.facts.unread("c").rows()


def test_values_are_grouped_the_most_frequent_first(store: Store) -> None:
    rows = [("a", "a", *SIZE, "many"), ("b", "b", *SIZE, "1.000"), ("c", "c", *SIZE, "1.000")]
    part = Pulled(leads=leads(*map(lead, "abc")), unread=unread(*rows))
    assert remember(store, part) == [(*SIZE, "1.000", 2, "b"), (*SIZE, "many", 1, "a")]


def test_a_record_that_is_read_again_is_told_anew_and_others_stay(store: Store) -> None:
    rows = [("a", "a", *SIZE, "many"), ("b", "b", *SIZE, "few")]
    remember(store, Pulled(leads=leads(lead("a"), lead("b")), unread=unread(*rows)))
    assert remember(store) == [(*SIZE, "few", 1, "b"), (*SIZE, "many", 1, "a")]
    assert remember(store, Pulled(leads=leads(lead("a")))) == [(*SIZE, "few", 1, "b")]
    assert remember(store, Pulled(leads=leads(lead("a")), unread=unread(rows[0]))) == [
        (*SIZE, "few", 1, "b"),
        (*SIZE, "many", 1, "a"),
    ]
    assert remember(store, Pulled(gone_leads=["b"])) == [(*SIZE, "many", 1, "a")]


def test_a_complete_pull_leaves_only_what_it_met(store: Store) -> None:
    rows = [("a", "a", *SIZE, "many"), ("b", "b", *SIZE, "few")]
    part = Pulled(leads=leads(lead("a"), lead("b")), unread=unread(*rows))
    assert len(remember(store, part, complete=True)) == 2
    part = Pulled(leads=leads(lead("b")), unread=unread(rows[1]))
    assert remember(store, part, complete=True) == [(*SIZE, "few", 1, "b")]


def test_an_activity_counts_once_however_many_leads_it_has(store: Store) -> None:
    told = ("outcome", "calls", "disposition")
    rows = [("calls:1", lead_, *told, "busy") for lead_ in "ab"]
    acts = activities(activity("1", "a"), activity("1", "b"))
    assert remember(store, Pulled(activities=acts, unread=unread(*rows))) == [(*told, "busy", 1, "a")]
    assert remember(store, Pulled(gone_activities=["calls:1"])) == []


def test_what_is_forgotten_is_forgotten_here_too(store: Store) -> None:
    rows = [("a", "a", *SIZE, "many"), ("b", "b", *SIZE, "few")]
    remember(store, Pulled(leads=leads(lead("a"), lead("b")), unread=unread(*rows)))
    store.forget("c", "a")
    assert [row[3] for row in store.facts.unread("c").rows()] == ["few"]


def test_a_lead_of_which_only_such_values_are_known_is_known(store: Store) -> None:
    """An activity may be read before its lead, and its day be none."""
    remember(store, Pulled(unread=unread(("calls:1", "a", "day", "calls", "due", "someday"))))
    assert store.forget("c", "a").anything
    assert store.facts.unread("c").is_empty()
    assert not store.forget("c", "a").anything


def test_facts_of_leads_without_any_fact_are_stored(store: Store) -> None:
    frame = leads(lead("a"), lead("b"))
    bare = frame.drop([name for name in frame.columns if name.startswith("fact.")])
    store.facts.remember("c", [Pulled(leads=bare)], today=DAY)
    [batch] = store.facts.gather("c", DAY, everything=True, fact_types={})
    assert batch.leads["lead"].to_list() == ["a", "b"]


def test_every_fact_of_one_field_is_told(store: Store) -> None:
    """Each with its own count, also where the facts of a field are unknown for different leads."""
    rows = [("a", "a", "fact", "size", "Size__c", "few"), ("a", "a", "fact", "staff", "Size__c", "few"),
            ("b", "b", "fact", "size", "Size__c", "few")]  # fmt: skip
    part = Pulled(leads=leads(lead("a"), lead("b")), unread=unread(*rows))
    assert remember(store, part) == [
        ("fact", "size", "Size__c", "few", 2, "a"),
        ("fact", "staff", "Size__c", "few", 1, "a"),
    ]
