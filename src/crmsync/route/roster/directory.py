"""The CRM's users, looked up as the roster writes them."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Sequence

from crmsync.contract import CrmUser


class Directory:
    """The CRM's users by id, e-mail and (queues) name. `groups`: names of all groups."""

    def __init__(self, users: Sequence[CrmUser]) -> None:
        self._people = [user for user in users if user.kind == "person"]
        self._queues = [user for user in users if user.kind == "queue" and user.active]
        self.groups = frozenset(user.name for user in users if user.kind == "group")
        self._by_id = {form: user for user in reversed(self._people) for form in (*_short(user.id), user.id)}
        self._by_email: dict[str, list[CrmUser]] = defaultdict(list)
        for user in self._people:
            if user.email:
                self._by_email[user.email.lower()].append(user)

    @property
    def people(self) -> Sequence[CrmUser]:
        """Everybody, inactive ones too."""
        return self._people

    @property
    def queue_names(self) -> set[str]:
        """The active queues."""
        return {queue.name for queue in self._queues}

    def person(self, written: str) -> CrmUser | str:
        """The user, or words that say what is wrong."""
        if written in self._by_id:
            return self._by_id[written]
        found = self._by_email.get(written.lower(), [])
        active = [user for user in found if user.active]
        if len(active) > 1 or (not active and len(found) > 1):
            return "is the e-mail of several users"
        if not found:
            return "is no user"
        return (active or found)[0]

    def hint(self, written: str) -> str | None:
        """The mend for a user that `person` did not find."""
        if self._by_email.get(written.lower()):
            return "write the user's id instead of the e-mail"
        close = self._close_email(written.lower())
        if close:
            return f"did you mean the user with the id {self._by_email[close][0].id}?"
        return "write the e-mail or the id of a user of this CRM"

    def _close_email(self, written: str) -> str | None:
        """The most similar e-mail. All of a firm share a domain, so what stands before the @ must be similar, too."""
        for email in difflib.get_close_matches(written, self._by_email):
            if difflib.get_close_matches(written.partition("@")[0], [email.partition("@")[0]]):
                return email
        return None

    def queue(self, written: str) -> str | None:
        """Native id of the queue with this name or id."""
        found = [queue.id for queue in self._queues if written in (*_short(queue.id), queue.id, queue.name)]
        return found[0] if len(found) == 1 else None


def _short(native: str) -> tuple[str, ...]:
    """Salesforce shows one id with 18 characters or, in reports and old links, with the first 15 of them."""
    return (native[:15],) if len(native) == 18 and native.isalnum() and not native.isdigit() else ()
