"""`crmsync forget`: a person out of the store, for good."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crmsync.connection.named_leads import leads_of, not_stored
from crmsync.connection.stored_kind import last_seen, note_another_object
from crmsync.errors import ConfigurationError, UsageError
from crmsync.settings import ConnectionConfiguration, Settings
from crmsync.store import Forgotten, Store
from crmsync.values import asdict

FORGOTTEN = "forgotten"
"""Among a connection's digests, when somebody was last: what was computed before may still tell of them."""


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

    `lead`: its id in any form, the address of its page, or its e-mail. Raises `UsageError` when the store holds
    nothing of such a lead, or of several, or a change of it is still open, and `AnotherRunInProgress`.
    """
    [name] = settings.named([connection])
    with closing(Store(settings.store)) as store, store.hold(name, now=now()):
        configuration = _configuration(settings, name)
        leads_object = configuration.mapping.lead.object if configuration else None
        named = leads_of(name, settings.configured[name].connector, leads_object, store, [lead])
        ids = named[lead]
        if len(ids) > 1:
            raise UsageError(
                f"{lead} is the e-mail of {len(ids)} leads of {name}: {', '.join(ids)}",
                hint="look at them with `crmsync explain`, and erase each by its id",
            )
        [found] = ids or [lead]
        if configuration:
            note_another_object(configuration, last_seen(store, name))
        erased = store.forget(name, found)  # also where nothing is found: an earlier try may not have come to its end
        store.runs.set_digests(name, {FORGOTTEN: now().isoformat()})
    if not erased.anything:
        raise not_stored(name, named)
    return Erased(name, found, erased)


def _configuration(settings: Settings, connection: str) -> ConnectionConfiguration | None:
    """Null where the mapping is wrong, which does not stop an erasure by id or e-mail."""
    try:
        return settings.connection(connection)
    except ConfigurationError:
        return None
