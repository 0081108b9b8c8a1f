"""One named lead, as it is stored, to be shown by itself: whichever way whoever asks has named it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from crmsync.connection.named_leads import HOW_TO_NAME, NotStored, named_leads, not_stored
from crmsync.connection.prepared import Prepared
from crmsync.errors import NextStep, StoreUnavailable
from crmsync.model import Batch
from crmsync.run.gather import gathered_to_show
from crmsync.store import Store


def shown_lead(prepared: Prepared, store: Store, name: str, as_of: date) -> Batch:
    """A batch of it alone; of several that share an e-mail the first.

    Raises `NotStored`, and `StoreUnavailable` where what is stored of it is damaged.
    """
    ids = named_leads(prepared.configuration, store, (name,))[name]
    for batch in gathered_to_show(prepared, store, as_of, leads=ids[:1]):
        if batch.damaged:
            raise damaged(prepared.name, (name,))
        if batch.leads.height:
            return batch
    raise nowhere(prepared.name, {name: ids})


def damaged(connection: str, names: Sequence[str]) -> StoreUnavailable:
    """What is stored of these leads cannot be read."""
    return StoreUnavailable(
        f"what is stored of {', '.join(names)} is damaged",
        step=NextStep("make_plan", f"`crmsync run {connection} --dry-run` reads all records again", connection),
    )


def nowhere(connection: str, named: dict[str, list[str]]) -> NotStored:
    """Nothing is stored of leads that are named so; they may be new."""
    hint = f"{HOW_TO_NAME}; `crmsync run {connection} --dry-run` reads leads that are new"
    return not_stored(connection, named, step=NextStep("make_plan", hint, connection))
