"""The CRM behind a connector, as the kit sees it: a tester gives one for each CRM."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

NOWHERE = "no_such_thing_anywhere"


class World(Protocol):
    """The CRM behind the connector, with at least four leads.

    `object`: the leads' object. `field`: a writable field of it that takes any short text and may be empty.
    `activity_object`: an object that `pull` reads with `leads_object`, null when the CRM has none.
    `creation_object`: an object that `create` makes for leads, null when the connector makes none.
    `creation_field`: a field of it that takes any short text. `creation_values`: what else a new one holds, as it
    is read again. `refused_values`: values that the CRM refuses in a new one.
    `secrets`: credentials and personal data that must never be in a message.
    """

    object: str
    field: str
    activity_object: str | None
    creation_object: str | None
    creation_field: str
    creation_values: Mapping[str, str]
    refused_values: Mapping[str, str]
    secrets: Sequence[str]

    def values(self) -> Mapping[str, str | None]:
        """Every lead that a full pull has to bring, by id, with the value of `field`."""

    def activities(self) -> set[tuple[str, str]]:
        """(activity id, lead id) of every activity of `activity_object` that belongs to such a lead."""

    def held(self, lead: str) -> Mapping[str, str | None]:
        """`creation_field` of every record of `creation_object` that belongs to this lead, by id."""

    def edit(self, lead: str, value: str) -> None:
        """Somebody else sets `field`."""

    def delete(self, lead: str) -> None:
        """Somebody else deletes the lead."""

    def refuse_sign_in(self) -> None:
        """From now on the CRM accepts no credentials and no tokens, until the test ends."""

    def go_away(self) -> None:
        """From now on the CRM breaks off every connection, until the test ends."""
