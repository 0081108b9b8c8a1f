"""A server that lets nobody in says why in words alone; what they mean decides what a person does."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import OperationalError

from crmsync.store.dialects.postgresql import _unavailable


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("FATAL:  sorry, too many clients already", "takes no more connections"),
        ("FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute", "takes no more"),
        ('FATAL:  too many connections for role "crmsync"', "takes no more connections"),
        ('FATAL:  database "crmsync" does not exist', "there is no such database"),
        ('FATAL:  password authentication failed for user "crmsync"', "refuses the user or the password"),
        ("connection refused", "cannot be reached"),
    ],
)
def test_words_of_a_refusal_are_understood(words: str, told: str) -> None:
    refused = OperationalError("", {}, Exception(f"connection failed: {words}"))
    assert told in _unavailable("postgresql://db/crmsync", refused).message
