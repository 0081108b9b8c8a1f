"""Whether a record is on a HubSpot list: the field `list:<id>` of contacts, `true` or `false`.

Being put on a list moves no stamp of the record. So a list is read whole, 250 members a call and one to ask what it
is, once for each reading that brings a record; records that did not change are looked at again by the next full
reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from crmsync.sdk import CrmUnreachable, NativeField, PagingGuard, UsageError, replace
from crmsync_hubspot.errors import HubSpotRefused
from crmsync_hubspot.gateway import Gateway
from crmsync_hubspot.parts import JsonObject, id_in
from crmsync_hubspot.paths import CONTACT

LIST = "list:"
_CONTACTS = "0-1"
ON_A_LIST = NativeField(LIST, LIST, "bool", writable=False, kind="boolean", calculated=True)
ON_A_CONTACTS_LIST = replace(ON_A_LIST, name=f"{CONTACT}{LIST}", label=f"{CONTACT}{LIST}")
"""What any such field is (of a lead, its contact's); nothing tells when it changes, as of a calculated one."""


class ListMembers:
    """The members of lists, each list read when it is first asked for. After `forget` it is read again."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._members: dict[str, frozenset[str]] = {}

    def forget(self) -> None:
        """The next question reads the lists anew."""
        self._members.clear()

    def filled(self, records: Sequence[JsonObject], fields: Iterable[str]) -> list[JsonObject]:
        """The records with those of the fields that are lists. No record, no call."""
        lists = [name for name in dict.fromkeys(fields) if name.startswith(LIST)]
        if not lists or not records:
            return list(records)
        members = {name: self._of(name.removeprefix(LIST)) for name in lists}
        return [
            {
                **record,
                "properties": {
                    **record["properties"],
                    **{name: "true" if str(record["id"]) in on else "false" for name, on in members.items()},
                },
            }
            for record in records
        ]

    def _of(self, number: str) -> frozenset[str]:
        if number not in self._members:
            self._members[number] = frozenset(self._read(number))
        return self._members[number]

    def _read(self, number: str) -> set[str]:
        if not (number.isascii() and number.isdigit()):
            raise _no_such_list(number)
        self._of_contacts(number)
        guard = PagingGuard(f"members of list {number}")
        found: set[str] = set()
        after: str | None = None
        while True:
            try:
                page = self._gateway.list_members(number, after=after)
            except HubSpotRefused as refused:
                if refused.status not in {400, 404}:
                    raise
                raise _no_such_list(number) from refused
            known = len(found)
            found.update(member for each in page.results if (member := id_in(each.get("recordId"))))
            if page.after is None:
                return found
            after = guard.check(page.after, news=len(found) > known)

    def _of_contacts(self, number: str) -> None:
        """Raises `UsageError` for a list that is deleted, or of other records: their numbers are not contacts'."""
        try:
            told = self._gateway.list_itself(number)
        except HubSpotRefused as refused:
            if refused.status not in {400, 404}:
                raise
            raise _no_such_list(number) from refused
        if told.get("deletedAt"):
            raise _no_such_list(number)
        if told.get("objectTypeId", _CONTACTS) != _CONTACTS:
            raise UsageError(
                f"list {number} of HubSpot holds no contacts but records of another object",
                hint="name a list of contacts: the number stands in the address of the list's page",
            )
        if told.get("processingStatus") == "PROCESSING":
            raise CrmUnreachable(
                f"HubSpot is still filling list {number}: who is on it is not known yet",
                hint="run again when the list's page shows its members",
            )


def _no_such_list(number: str) -> UsageError:
    return UsageError(
        f"HubSpot has no list {number!r} for this token",
        hint="the number stands in the address of the list's page; the token needs the scope crm.lists.read",
    )
