"""What the hops of a run hand to each other: frames with their schemas, and small frozen values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmsync.faces import shown_late

if TYPE_CHECKING:
    from crmsync.model.changes import (
        THE_HAND_OFF,
        Between,
        BoundTo,
        Change,
        Ending,
        GuardReading,
        HandOffMove,
        HandOffStep,
        NewRecord,
        Outcome,
        Plan,
        RecordChange,
        Rest,
        Routing,
        SetAside,
        native_values,
    )
    from crmsync.model.frames import (
        ACCOUNTS,
        ACTIVITIES,
        DECIDED,
        DECIDED_BY_NAME,
        FACT_DTYPES,
        FACT_PREFIX,
        LEADS,
        NO_EVIDENCE,
        NOT_DONE,
        ROUTED,
        STAYS,
        UNKNOWN_OUTCOME,
        UTC_MICROSECONDS,
        Batch,
        FactType,
        checked,
    )
else:
    __getattr__ = shown_late(
        __name__,
        {
            ".changes": (
                "THE_HAND_OFF Between BoundTo Change Ending GuardReading HandOffMove HandOffStep NewRecord "
                "Outcome Plan RecordChange Rest Routing SetAside native_values"
            ),
            ".frames": (
                "ACCOUNTS ACTIVITIES DECIDED DECIDED_BY_NAME FACT_DTYPES FACT_PREFIX LEADS NO_EVIDENCE NOT_DONE "
                "ROUTED STAYS UNKNOWN_OUTCOME UTC_MICROSECONDS Batch FactType checked"
            ),
        },
    )

__all__ = [
    "ACCOUNTS",
    "ACTIVITIES",
    "DECIDED",
    "DECIDED_BY_NAME",
    "FACT_DTYPES",
    "FACT_PREFIX",
    "LEADS",
    "NOT_DONE",
    "NO_EVIDENCE",
    "ROUTED",
    "STAYS",
    "THE_HAND_OFF",
    "UNKNOWN_OUTCOME",
    "UTC_MICROSECONDS",
    "Batch",
    "Between",
    "BoundTo",
    "Change",
    "Ending",
    "FactType",
    "GuardReading",
    "HandOffMove",
    "HandOffStep",
    "NewRecord",
    "Outcome",
    "Plan",
    "RecordChange",
    "Rest",
    "Routing",
    "SetAside",
    "checked",
    "native_values",
]
