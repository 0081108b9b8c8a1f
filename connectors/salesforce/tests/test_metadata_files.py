"""Definitions of fields as Salesforce itself writes them."""

from __future__ import annotations

import pytest

from crmsync.contract.provisions import FieldKind, FieldProvision
from crmsync_salesforce.metadata_files import custom_field


@pytest.mark.parametrize(
    ("kind", "characters", "type_", "says_required"),
    [
        ("text", 40, "Text", True),
        ("text", 1000, "LongTextArea", False),
        ("boolean", None, "Checkbox", False),
        ("number", None, "Number", True),
        ("date", None, "Date", True),
        ("reference", None, "Lookup", True),
    ],
)
def test_a_long_text_and_a_tick_box_do_not_say_whether_they_are_required(
    kind: FieldKind, characters: int | None, type_: str, says_required: bool
) -> None:
    made = custom_field(FieldProvision("Lead", "Why__c", "Why", kind, characters=characters))
    assert made["type"] == type_
    assert ("required" in made) == says_required
    assert made.get("required", False) is False
