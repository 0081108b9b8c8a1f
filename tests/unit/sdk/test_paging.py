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
