"""`crmsync forget`: a person out of the store, for good."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from crmsync.errors import UsageError
from crmsync.settings import Settings
from crmsync.store import Forgotten, Store


@dataclass(frozen=True, slots=True)
class Erased:
    """One lead's erasure."""

    connection: str
    lead: str
    erased: Forgotten

    def to_json(self) -> Mapping[str, Any]:
        """For `--format json`."""
        return {"format": 1, "connection": self.connection, "lead": self.lead, "erased": asdict(self.erased)}


def forget_lead(settings: Settings, connection: str, lead: str, *, now: Callable[[], datetime]) -> Erased:
    """Erase all that the store holds of the lead. The CRM is neither asked nor changed.

    Raises `UsageError` when the store holds nothing of such a lead, or a change of it is still open, and
    `AnotherRunInProgress`.
    """
    [name] = settings.named([connection])
    with closing(Store(settings.store)) as store, store.hold(name, now=now()):
        erased = store.forget(name, lead)
    if not erased.anything:
        raise UsageError(
            f"nothing is stored of a lead {lead} of {name}",
            hint="give the lead's id in the CRM, as `crmsync explain` shows it",
        )
    return Erased(name, lead, erased)
