"""The guards as data: what each looks at, where it stops by default, what lets a run through. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

FLOOR = 50
"""Fewer leads than this are a small set: no share stops them, unless somebody says so."""


class Limit(Struct, frozen=True):
    """The largest number of leads, and the largest share of the connection's leads; null = any. Both have to hold.

    `floor`: fewer leads than this are never stopped by the share.
    """

    share: float | None = None
    number: int | None = None
    floor: int = FLOOR


class GuardKind(Struct, frozen=True):
    """One guard.

    `readings`: the names by which it stands in a plan. `setting`: its key under `guards:`, null = none. `allowed`:
    what the N of `--allow NAME=N` counts, null = nothing lets a run through.
    """

    meaning: str
    readings: tuple[str, ...]
    setting: str | None = None
    allowed: str | None = None


CHANGE_LIMITS: Mapping[str, Limit] = {
    "stage_changes": Limit(share=0.25),
    "owner_changes": Limit(share=0.25),
    "backward": Limit(share=0.1),
    "disqualified": Limit(share=0.1),
    "owner_lost": Limit(share=0.02),
    "per_receiver": Limit(number=200),
}
"""Guards that count leads of the plan, each with its default limit."""

_LEADS = "leads of the plan"
GUARDS: Mapping[str, GuardKind] = {
    "writes_off": GuardKind("the connection is not switched on (`writes: on`)", ("writes_off",)),
    "gone": GuardKind(
        "known leads that a full reading no longer finds",
        ("gone_share", "gone_leads"),
        "gone_share",
        "known leads that may be gone",
    ),
    "all_unmanaged": GuardKind("every lead stands in a stage that the mapping does not name", ("all_unmanaged",)),
    "changes": GuardKind(
        "leads that change in any way", ("changed_share", "allowed_changes"), "changed_share", _LEADS
    ),
    "stage_changes": GuardKind("leads that change stage", ("stage_changes",), "stage_changes", _LEADS),
    "owner_changes": GuardKind("leads that change owner", ("owner_changes",), "owner_changes", _LEADS),
    "backward": GuardKind("leads that go back on the ladder", ("backward",), "backward", _LEADS),
    "disqualified": GuardKind("leads that are disqualified", ("disqualified",), "disqualified", _LEADS),
    "owner_lost": GuardKind("leads that lose their owner and get none", ("owner_lost",), "owner_lost", _LEADS),
    "per_receiver": GuardKind("leads that one user or queue gets", ("per_receiver",), "per_receiver", _LEADS),
    "language": GuardKind(
        "leads written for nothing but their texts, after the language has changed",
        ("language",),
        allowed="leads that are written for their texts alone",
    ),
    "few_leads": GuardKind(
        "a reading brings nothing, or far fewer leads than the last ones did",
        ("few_leads",),
        "few_share",
        "leads that are enough",
    ),
    "few_activities": GuardKind(
        "the same for activities", ("few_activities",), "few_share", "activities that are enough"
    ),
    "unknown": GuardKind(
        "a fact is unknown for far more leads than at the last runs: as a rule, its mapping broke",
        ("unknown",),
        "unknown_jump",
        "leads for which a fact may be unknown",
    ),
    "calls": GuardKind(
        "calls that carrying out the plan needs, against what is left of the day's",
        ("calls",),
        "calls_share",
        "calls that may be made",
    ),
    "declined": GuardKind("who was asked before the first write did not say yes", ("declined",)),
}
"""Name → guard, in the order of a plan."""

ALLOWABLE = tuple(name for name, kind in GUARDS.items() if kind.allowed is not None)
"""Guards that `--allow NAME=N` lets a run through."""
