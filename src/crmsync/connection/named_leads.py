"""Leads as people name them: by a native id in any form, by the address of the record's page, or by e-mail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from crmsync.connection import registry
from crmsync.errors import NextStep, UsageError
from crmsync.settings import ConnectionConfiguration
from crmsync.store import Store

HOW_TO_NAME = "name a lead by record id, the address of its page, or e-mail"


class NotStored(UsageError):
    """Names of leads lead to nothing that is stored. Name them otherwise, or have the CRM read again."""


def named_leads(configuration: ConnectionConfiguration, store: Store, names: Iterable[str]) -> dict[str, list[str]]:
    """Name → native ids: several where leads share an e-mail; the name itself where nothing better is found."""
    connector, lead_object = configuration.settings.connector, configuration.mapping.lead.object
    return leads_of(configuration.name, connector, lead_object, store, names)


def leads_of(
    connection: str, connector: str, lead_object: str | None, store: Store, names: Iterable[str]
) -> dict[str, list[str]]:
    """The same where the mapping may not be known; without the leads' object, addresses of pages name nobody."""
    spelt = registry.load(connector).lead_id
    plain = {name: name.strip() for name in dict.fromkeys(names)}
    emails = {name: text.lower() for name, text in plain.items() if "@" in text and "://" not in text}
    found = {
        name: [(spelt(text, lead_object) if spelt else None) or text]
        for name, text in plain.items()
        if name not in emails
    }
    if emails:
        there: dict[str, list[str]] = {email: [] for email in emails.values()}
        owners = store.facts.lead_owners(connection, emails=tuple(there))
        for lead, email in owners.sort(pl.col("lead")).select("lead", "email").iter_rows():
            there[email].append(lead)
        found |= {name: there[email] for name, email in emails.items()}
    return {name: found[name] for name in plain}


def id_form(connector: str, text: str) -> str | None:
    """The one form of a record's id, whichever way it is written; null for a text that is none."""
    spelt = registry.load(connector).lead_id
    return spelt(text, None) if spelt else None


def not_stored(
    connection: str, named: Mapping[str, Sequence[str]], hint: str = HOW_TO_NAME, *, step: NextStep | None = None
) -> NotStored:
    """These names lead to nothing that is stored; it is told what was looked for."""
    told = ", ".join(_looked_for(name, ids) for name, ids in named.items())
    return NotStored(f"not among the stored leads of {connection}: {told}", hint=None if step else hint, step=step)


def _looked_for(name: str, ids: Sequence[str]) -> str:
    if not ids:
        return f"{name} (as an e-mail)"
    return name if [name] == list(ids) else f"{name} (looked for the id {ids[0]})"
