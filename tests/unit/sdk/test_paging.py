"""Paging that comes round again stops the run."""

from __future__ import annotations

import pytest

from crmsync.errors import CrmUnreachable
from crmsync.sdk import PagingGuard


def test_new_cursors_pass_and_a_known_one_stops() -> None:
    guard = PagingGuard("Lead records")
    assert [guard.check(cursor) for cursor in ("a", "b", "c")] == ["a", "b", "c"]
    with pytest.raises(CrmUnreachable, match="Lead records"):
        guard.check("a")


def test_pages_with_nothing_new_are_not_read_for_ever() -> None:
    guard = PagingGuard("Lead records")
    for number in range(49):
        guard.check(f"a{number}", news=False)
    guard.check("something", news=True)
    for number in range(49):
        guard.check(f"b{number}", news=False)
    with pytest.raises(CrmUnreachable, match="50 pages of Lead records with nothing new on them"):
        guard.check("one more", news=False)


def test_there_is_a_last_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crmsync.sdk.paging.MOST_PAGES", 3)
    guard = PagingGuard("Lead records")
    guard.check("a")
    guard.check("b")
    with pytest.raises(CrmUnreachable, match="sent 3 pages"):
        guard.check("c")
