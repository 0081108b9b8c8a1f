"""What the CRM says of its own set-up, as last seen: kept in the store, so that deciding needs no call."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from msgspec import Struct

from crmsync.contract import Choice, CrmUser, Currencies, NativeField, Org
from crmsync.values import asdict

_KEPT = 8
"""Connections whose set-up is at hand; a large one has some hundred kilobytes."""


class Snapshot(Struct, frozen=True):
    """What deciding needs of the CRM's set-up: kept in the store, so that a decision needs no call.

    `lead_object`: the object whose records are the leads, as the mapping names it; null = not told.
    """

    org: Org
    users: tuple[CrmUser, ...]
    lead_fields: tuple[NativeField, ...]
    currencies: Currencies | None = None
    lead_object: str | None = None

    def to_text(self) -> str:
        """For the store."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    @lru_cache(maxsize=_KEPT)
    def from_text(cls, text: str) -> Snapshot | None:
        """From the store; null for a text that is damaged. The same for the same text: pages ask again and again."""
        try:
            data = json.loads(text)
            fields = tuple(
                NativeField(**{**field, "choices": tuple(map(_choice, field["choices"]))})
                for field in data["lead_fields"]
            )
            currencies = Currencies(**data["currencies"]) if data.get("currencies") else None
            users = tuple(_user(user) for user in data["users"])
            return cls(Org(**data["org"]), users, fields, currencies, data.get("lead_object"))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None


def readable(texts: Mapping[str, str]) -> Mapping[str, Snapshot]:
    """Those of stored set-ups that can be read, by the same names."""
    found = {name: Snapshot.from_text(text) for name, text in texts.items()}
    return {name: snapshot for name, snapshot in found.items() if snapshot is not None}


def _choice(stored: Mapping[str, Any]) -> Choice:
    """A choice from the store; snapshots of earlier versions number them, too."""
    return Choice(stored["value"], stored["label"], stored["active"])


def _user(stored: Mapping[str, Any]) -> CrmUser:
    """A user from the store; snapshots of earlier versions lack what was not read then."""
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()
    }
    return CrmUser(**values)
