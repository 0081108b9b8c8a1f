"""Forms and their submissions: kept in the database, summed up on the contact, listed newest first.

A submission carries, besides the e-mail, a hidden value `hs_object_id` with the contact's id: two contacts may have
one e-mail, or none. What HubSpot has no field for rides along as hidden values `activity_*`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from crmsync_practice.hubspot.storage import Storage

DEFAULT_FORM = "Website form"
_MOST_FORMS = 20
_NAMESPACE = uuid.UUID("5b1f6a52-7f1a-5d4b-9c0e-2f9f2b1f7e11")


class Forms:
    """The portal's forms by name; a submission's subject names its form while there are few."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def all(self) -> list[tuple[int, str, str, int]]:
        """Every form: (number, guid, name, created in ms), oldest first."""
        return self._storage.connection.execute(
            "SELECT seq, guid, name, created FROM hubspot_forms ORDER BY seq"
        ).fetchall()

    def plan(self, subjects: Iterable[str | None], created: int) -> None:
        """Makes the forms that an import needs: one per subject if few, else only the default one."""
        distinct = sorted({subject for subject in subjects if subject})
        names = [DEFAULT_FORM, *(distinct if len(distinct) <= _MOST_FORMS else [])]
        for name in names:
            self.make(name, created)

    def make(self, name: str, created: int) -> int:
        """A form's number, the form being made if there is none of that name; its guid follows from the name."""
        guid = str(uuid.uuid5(_NAMESPACE, name))
        self._storage.connection.execute(
            "INSERT OR IGNORE INTO hubspot_forms (guid, name, created) VALUES (?, ?, ?)", (guid, name, created)
        )
        row = self._storage.connection.execute("SELECT seq FROM hubspot_forms WHERE name = ?", (name,)).fetchone()
        return int(row[0])

    def for_subject(self, subject: str | None, known: Mapping[str, int]) -> tuple[int, str]:
        """Number and name of the form a submission belongs to; `known` maps names to numbers."""
        name = subject if subject is not None and subject in known else DEFAULT_FORM
        return known[name], name

    def numbers(self) -> dict[str, int]:
        """Form numbers by name."""
        return {name: number for number, _, name, _ in self.all()}


def submission_values(
    contact: int,
    props: Mapping[str, str],
    *,
    outcome: str | None,
    direction: str | None,
    by: str | None,
    subject: str | None,
) -> list[dict[str, str]]:
    """The `values` of a submission; `by` is an owner id."""
    listed = [
        ("email", props.get("email")),
        ("firstname", props.get("firstname")),
        ("lastname", props.get("lastname")),
        ("company", props.get("company")),
        ("hs_object_id", str(contact)),
        ("activity_subject", subject),
        ("activity_outcome", outcome),
        ("activity_direction", direction),
        ("activity_by", by),
    ]
    return [{"name": name, "value": value, "objectTypeId": "0-1"} for name, value in listed if value]


def hidden_values(record: Mapping[str, Any]) -> dict[str, str]:
    """A stored submission's values by name."""
    return {value["name"]: value["value"] for value in record["values"]}


def submission_record(number: int, at: int, values: list[dict[str, str]], form_name: str) -> str:
    """The stored JSON of one submission, as the v1 list shows it."""
    page = form_name.lower().replace(" ", "-")
    record = {
        "conversionId": str(uuid.uuid5(_NAMESPACE, f"{number}:{at}")),
        "submittedAt": at,
        "values": values,
        "pageUrl": f"https://www.example.com/{page}",
    }
    return msgspec.json.encode(record).decode()
