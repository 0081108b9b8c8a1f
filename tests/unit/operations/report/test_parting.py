"""Leads are not parted by what is another for nearly each of them."""

from __future__ import annotations

import pytest

from crmsync.errors import UsageError
from crmsync.operations.report.parting import MOST_PARTS, refuse_too_many


def test_what_holds_too_many_values_is_refused_in_words() -> None:
    refuse_too_many("need", MOST_PARTS)
    with pytest.raises(UsageError, match="`need`: it holds 10,000 values, and 500 are the most"):
        refuse_too_many("need", 10_000)
