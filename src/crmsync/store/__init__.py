"""What outlives a run: facts, due marks, cursors, decisions, journal, counters, history. The only SQL."""

from crmsync.store.bookkeeping import RunRecord
from crmsync.store.decisions import Decision
from crmsync.store.history import StageMove
from crmsync.store.journal import Entry, EntryState
from crmsync.store.outcomes import Settlement
from crmsync.store.owners import Credit, OwnerMove
from crmsync.store.remember import Pulled, Remembered
from crmsync.store.rotation import Turns
from crmsync.store.store import Store

__all__ = [
    "Credit",
    "Decision",
    "Entry",
    "EntryState",
    "OwnerMove",
    "Pulled",
    "Remembered",
    "RunRecord",
    "Settlement",
    "StageMove",
    "Store",
    "Turns",
]
