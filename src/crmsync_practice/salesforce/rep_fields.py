"""Custom fields of Lead that a program may fill for the people who look at a lead: points, bands, sentences, days.

They are no qualification fields: nothing is imported into them, and the import shape does not show them.
"""

from __future__ import annotations

from collections.abc import Iterator

from crmsync_practice.salesforce.schema import Field

NAMES = "Crmsync_"
_NUMBERS = {"Fit": 8, "Engagement": 8, "Total": 8, "Attempts": 3}
"""Whole numbers, and how many digits they take."""
_LISTS = {"Fit_Band": ("A", "B", "C"), "Engagement_Band": ("1", "2", "3")}
_TEXTS = {
    "Grade": 10,
    "Next_Action": 255,
    "Disqualification_Reason": 255,
    "Previous_Owner": 120,
    "Decided_By": 120,
}
_LONG_TEXTS = {"Reasons": 255, "Ask": 32768}
_DAYS = {"Mql_First": "date", "Mql_Latest": "date", "Sql_First": "datetime", "Sql_Latest": "date"}
RESTRICTED = frozenset(f"{NAMES}{stem}__c" for stem in _LISTS)
"""Picklists as people make them today: the API takes no other values."""


def rep_fields() -> Iterator[Field]:
    """The fields, as an admin would have made them."""
    for stem, digits in _NUMBERS.items():
        yield _field(stem, "double", precision=digits, scale=0)
    for stem, values in _LISTS.items():
        yield _field(stem, "picklist", length=255, picklist=values, restricted=True)
    for stem, length in _TEXTS.items():
        yield _field(stem, "string", length=length)
    for stem, length in _LONG_TEXTS.items():
        long = length > 255
        yield _field(stem, "textarea", length=length, filterable=not long, sortable=not long, groupable=not long)
    for stem, kind in _DAYS.items():
        yield _field(stem, kind)
    yield _field("Hot", "boolean", nillable=False)


def _field(stem: str, kind: str, **given: object) -> Field:
    label = f"crmsync {stem.replace('_', ' ').lower()}"
    return Field(f"{NAMES}{stem}__c", kind, label, custom=True, **given)  # type: ignore[arg-type]
