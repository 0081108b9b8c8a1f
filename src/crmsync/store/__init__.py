"""What outlives a run: facts, due marks, cursors, decisions, journal, counters, history. The only SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmsync.faces import shown_late

if TYPE_CHECKING:
    from crmsync.store.alerts import AlertState, ChannelTrouble, DueAlert, NeedFound, StoredAlert, Taken
    from crmsync.store.bookkeeping import Breach, ReadRuns, RunKind, RunRecord
    from crmsync.store.console import Deed, Session
    from crmsync.store.decisions import Decision
    from crmsync.store.dialects.backend import file_at
    from crmsync.store.earlier_stages import EARLIER
    from crmsync.store.entries import EntryState, JournalEntry
    from crmsync.store.erase import Forgotten
    from crmsync.store.history import StageMove, attempt_of, standing_moves
    from crmsync.store.kept_sessions import KeptSessions
    from crmsync.store.left_alone import Hold, Overruled, Overruling, Part
    from crmsync.store.locks.file_lock import lock_file
    from crmsync.store.outcomes import Settlement
    from crmsync.store.owners import OwnerMove, StoredCredit
    from crmsync.store.peek import stored_snapshots, why_unusable
    from crmsync.store.plan_pages import PlanOrder, Sought
    from crmsync.store.plans import KeptPlan, NewPlan, PlannedChange, PlanState
    from crmsync.store.pulled import Missing, Pulled, Remembered
    from crmsync.store.rotation import RETURNED, Turns
    from crmsync.store.store import Store
    from crmsync.store.tellings import ANYTHING, HeardUpTo, Subscribed, TellingsStanding, ToldRecord, Waiting
    from crmsync.store.tidy import OlderThan, Tidied
    from crmsync.store.undone import Undone
else:
    __getattr__ = shown_late(
        __name__,
        {
            ".alerts": "AlertState ChannelTrouble DueAlert NeedFound StoredAlert Taken",
            ".bookkeeping": "Breach ReadRuns RunKind RunRecord",
            ".console": "Deed Session",
            ".decisions": "Decision",
            ".dialects.backend": "file_at",
            ".earlier_stages": "EARLIER",
            ".entries": "EntryState JournalEntry",
            ".erase": "Forgotten",
            ".history": "StageMove attempt_of standing_moves",
            ".kept_sessions": "KeptSessions",
            ".left_alone": "Hold Overruled Overruling Part",
            ".locks.file_lock": "lock_file",
            ".outcomes": "Settlement",
            ".owners": "OwnerMove StoredCredit",
            ".peek": "stored_snapshots why_unusable",
            ".plan_pages": "PlanOrder Sought",
            ".plans": "KeptPlan NewPlan PlannedChange PlanState",
            ".pulled": "Missing Pulled Remembered",
            ".rotation": "RETURNED Turns",
            ".store": "Store",
            ".tellings": "ANYTHING HeardUpTo Subscribed TellingsStanding ToldRecord Waiting",
            ".tidy": "OlderThan Tidied",
            ".undone": "Undone",
        },
    )

__all__ = [
    "ANYTHING",
    "EARLIER",
    "RETURNED",
    "AlertState",
    "Breach",
    "ChannelTrouble",
    "Decision",
    "Deed",
    "DueAlert",
    "EntryState",
    "Forgotten",
    "HeardUpTo",
    "Hold",
    "JournalEntry",
    "KeptPlan",
    "KeptSessions",
    "Missing",
    "NeedFound",
    "NewPlan",
    "OlderThan",
    "Overruled",
    "Overruling",
    "OwnerMove",
    "Part",
    "PlanOrder",
    "PlanState",
    "PlannedChange",
    "Pulled",
    "ReadRuns",
    "Remembered",
    "RunKind",
    "RunRecord",
    "Session",
    "Settlement",
    "Sought",
    "StageMove",
    "Store",
    "StoredAlert",
    "StoredCredit",
    "Subscribed",
    "Taken",
    "TellingsStanding",
    "Tidied",
    "ToldRecord",
    "Turns",
    "Undone",
    "Waiting",
    "attempt_of",
    "file_at",
    "lock_file",
    "standing_moves",
    "stored_snapshots",
    "why_unusable",
]
