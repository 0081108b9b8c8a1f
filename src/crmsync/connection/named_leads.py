"""Leads as people name them: by a native id in any form, by the address of the record's page, or by e-mail."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from crmsync.connection import registry
from crmsync.settings import ConnectionConfiguration
from crmsync.store import Store


def named_leads(configuration: ConnectionConfiguration, store: Store, names: Iterable[str]) -> dict[str, list[str]]:
    """Name → native ids: several where leads share an e-mail; the name itself where nothing better is found."""
    spelt = registry.load(configuration.settings.connector).lead_id
    found: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        plain = name.strip()
        if "@" in plain and "://" not in plain:
            owners = store.facts.lead_owners(configuration.name, emails=(plain.lower(),))
            found[name] = owners.sort(pl.col("lead"))["lead"].to_list()
        else:
            found[name] = [(spelt(plain) if spelt else None) or plain]
    return found
