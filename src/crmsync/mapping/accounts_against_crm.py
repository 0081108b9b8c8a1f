"""Holding the mapping's accounts against the CRM's own fields."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crmsync.configuration import Document
from crmsync.errors import Finding
from crmsync.mapping.account_mapping import AccountMapping
from crmsync.mapping.against_crm import Fields, Path, missing_field


def account_findings_against(
    accounts: Sequence[AccountMapping], object_name: str, there: Fields, document: Document
) -> Iterator[Finding]:
    """A finding for each field of these entries that the object lacks or the user may not see."""
    for index, account in enumerate(accounts):
        if account.object == object_name:
            for name, place in _named(account, ("accounts", index)):
                yield from missing_field(object_name, name, there, document, place)


def _named(account: AccountMapping, place: Path) -> Iterator[tuple[str, Path]]:
    """Every native field with the place where the file names it."""
    yield account.owner, (*place, "owner")
    for key, names in (("name", account.name), ("domain", account.domain)):
        yield from ((name, (*place, key)) for name in names)
    yield from ((name, (*place, "when", name)) for name in account.when)
    if account.created_at:
        yield account.created_at, (*place, "created_at")
    yield from ((name, (*place, "facts", fact)) for fact, names in account.facts.items() for name in names)
