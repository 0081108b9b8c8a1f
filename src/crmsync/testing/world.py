"""The CRM behind a connector, as the kit sees it: a tester gives one for each CRM."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

import pytest

NOWHERE = "no_such_thing_anywhere"
NOTHING: Mapping[str, str] = MappingProxyType({})


class World(Protocol):
    """The CRM behind the connector, with at least four leads. A class that inherits it tells what its CRM has.

    More leads and activities than the connector reads on one page let the kit see a page that is lost.

    `object`: the leads' object. `field`: a writable field of it that takes any short text and may be empty.
    `second_field`: another such field, null when there is none. `time_zone`: the account's, null = the world does not
    know it.
    `activity_object`: an object that `pull` reads with `leads_object`, null when the CRM has none.
    `creation_object`: an object that `create` makes for leads, null when the connector makes none.
    `creation_field`: a field of it that takes any short text. `creation_values`: what else a new one holds, as it
    is read again. `refused_values`: values that the CRM refuses in a new one.
    `secrets`: credentials and personal data that must never be in a message.
    """

    object: str
    field: str
    second_field: str | None = None
    time_zone: str | None = None
    activity_object: str | None = None
    creation_object: str | None = None
    creation_field: str = ""
    creation_values: Mapping[str, str] = NOTHING
    refused_values: Mapping[str, str] = NOTHING
    secrets: Sequence[str] = ()

    @abstractmethod
    def values(self) -> Mapping[str, str | None]:
        """Every lead that a full pull has to bring, by id, with the value of `field`."""

    @abstractmethod
    def edit(self, lead: str, value: str) -> None:
        """Somebody else sets `field`."""

    @abstractmethod
    def delete(self, lead: str) -> None:
        """Somebody else deletes the lead."""

    @abstractmethod
    def go_away(self) -> None:
        """From now on the CRM breaks off every connection, until the test ends."""

    def be_busy(self, times: int) -> None:
        """The CRM refuses so many of the next calls as too many, as it does on a busy day, and answers again then."""
        pytest.skip("this world does not say how its CRM refuses calls that are too many")

    def refuse_sign_in(self) -> None:
        """From now on the CRM accepts no credentials and no tokens, until the test ends."""
        pytest.skip("this CRM asks for no credentials")

    def activities(self) -> set[tuple[str, str]]:
        """(activity id, lead id) of every activity of `activity_object` that belongs to such a lead."""
        return set()

    def held(self, lead: str) -> Mapping[str, str | None]:
        """`creation_field` of every record of `creation_object` that belongs to this lead, by id."""
        return {}
