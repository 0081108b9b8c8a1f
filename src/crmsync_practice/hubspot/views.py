"""Records as the objects API shows them (wire notes, section 2.1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from crmsync_practice.hubspot import history
from crmsync_practice.hubspot.instants import iso
from crmsync_practice.hubspot.object_types import ObjectType
from crmsync_practice.hubspot.portal import Portal
from crmsync_practice.hubspot.storage import LIVE, Record

_REDACTED = ("hs_email_text", "hs_email_html", "hs_email_subject", "hs_body_preview")


class View:
    """Shows records of one type with one choice of properties.

    Asked-for names that are not defined are left out, defined but empty ones are null; the record's id and its two
    dates always come along. Without `sales-email-read` the content of e-mails is blank.
    """

    def __init__(
        self,
        portal: Portal,
        kind: ObjectType,
        names: Sequence[str] = (),
        with_history: Sequence[str] = (),
        scopes: frozenset[str] | None = None,
    ) -> None:
        defined = portal.properties.live(kind)
        wanted: Iterable[str] = (
            {*names, *with_history, "hs_object_id", kind.created, kind.modified} if names else kind.defaults
        )
        redacted = kind.name == "emails" and scopes is not None and "sales-email-read" not in scopes
        self._portal = portal
        self._kind = kind
        self._plain = sorted(name for name in wanted if name in defined and not (redacted and name in _REDACTED))
        self._columns = kind.columns
        self._history = sorted(name for name in set(with_history) if name in defined)

    def show(self, record: Record, **extra: Any) -> dict[str, Any]:
        """The record's JSON; `extra` fields such as `associations` are added."""
        columns, props = self._columns, record.props
        created, updated = iso(record.created), iso(record.updated)
        own = {"id": str(record.id), "created": created, "updated": updated}
        shown: dict[str, Any] = {
            "id": own["id"],
            "properties": {name: own[columns[name]] if name in columns else props.get(name) for name in self._plain},
            "createdAt": created,
            "updatedAt": updated,
            "archived": record.archived != LIVE,
        }
        if record.archived != LIVE and record.archived_at is not None:
            shown["archivedAt"] = iso(record.archived_at)
        if self._history:
            shown["propertiesWithHistory"] = history.shown(self._portal.storage, self._kind, record, self._history)
        shown.update(extra)
        return shown
