"""A plan as data for machines: the JSON shape of the fixed contract. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from crmsync.model import Between, BoundTo, Change, GuardReading, HandOffStep, Outcome, Plan, Routing
from crmsync.plan.deltas import OwnerDelta, owner_deltas
from crmsync.plan.seal import sealed
from crmsync.values import asdict, replace

LEADS_OF_A_GUARD = 10
"""So many of the leads that a guard is about stand in the JSON; all are in `changes`."""


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """One connection's plan; `outcome` stands only on changes that were carried out, or never will be."""
    return {
        "connection": plan.connection,
        "as_of": plan.as_of.isoformat(),
        "digest": plan.digest,
        "bound_to": _bound_to(plan.bound_to),
        "undo_of": plan.undo_of,
        "guards": [_guard(guard) for guard in plan.guards],
        "counts": dict(plan.counts),
        "stages": dict(plan.stages),
        "changes": [_change(change, plan) for change in plan.changes],
        "owners": [_owner(delta) for delta in owner_deltas(plan)],
        "set_aside": [
            {"lead": item.lead, "reason": item.reason, "url": plan.urls.get(item.lead)} for item in plan.set_aside
        ],
        "notes": list(plan.notes),
        "rest": None
        if plan.rest is None
        else {
            "leads": plan.rest.leads,
            "stages": dict(plan.rest.stages),
            "owners": plan.rest.owners,
            "fields": plan.rest.fields,
        },
    }


def report_to_json(
    plans: Sequence[Plan], errors: Sequence[Mapping[str, Any]], *, dry_run: bool, as_of: date
) -> dict[str, Any]:
    """The whole answer of `crmsync run --format json`; of a dry run `crmsync.plan.saved` reads it back."""
    answer = {
        "format": 1,
        "dry_run": dry_run,
        "as_of": as_of.isoformat(),
        "plans": [plan_to_json(plan if dry_run else _with_every_outcome(plan)) for plan in plans],
        "errors": list(errors),
    }
    return sealed(answer)


def _with_every_outcome(plan: Plan) -> Plan:
    """Of a run that a guard has stopped nothing was sent (contracts: in a real run every change has an outcome)."""
    unsent: dict[str, Outcome] = {change.lead: "not_reached" for change in plan.changes}
    return replace(plan, outcomes={**unsent, **plan.outcomes})


def _bound_to(bound: BoundTo | None) -> dict[str, Any] | None:
    return None if bound is None else asdict(bound)


def _owner(delta: OwnerDelta) -> dict[str, Any]:
    """An owner whom the plan gives leads to or takes them from; `before` and `after` count all leads held."""
    return {
        "owner": delta.owner,
        "before": delta.before,
        "after": delta.after,
        "gains": delta.gains,
        "losses": delta.losses,
    }


def _guard(guard: GuardReading) -> dict[str, Any]:
    """Of the leads concerned the first ones; `way_on` is empty where nothing is breached."""
    return {
        "name": guard.name,
        "value": guard.value,
        "limit": guard.limit,
        "breached": guard.breached,
        "words": guard.words,
        "leads": list(guard.leads[:LEADS_OF_A_GUARD]),
        "way_on": guard.way_on,
    }


def _change(change: Change, plan: Plan) -> dict[str, Any]:
    stage = {"before": change.stage_before, "after": change.stage_after} if change.stage_changes else None
    owner = {"before": change.owner_before, "after": change.owner_after} if change.owner_changes else None
    shown: dict[str, Any] = {
        "lead": change.lead,
        "url": plan.urls.get(change.lead),
        "stage": stage,
        "owner": owner,
        "holds": {"stage": change.stage_before, "owner": change.owner_before},
        "decided": plan.decided.get(change.lead),
        "writes": {field: {"before": before, "after": after} for field, (before, after) in change.writes.items()},
        "fields": list(change.fields),
        "scores": {name: list(ends) for name, ends in change.scores.items()},
        "reasons": list(change.reasons),
        "routing": _routing(change.routing),
        "hand_off": _hand_off(change.hand_off),
        "turn": change.turn,
        "beside": dict(change.beside),
        "creates": [
            {"object": record.object, "values": dict(record.values), "known_by": list(record.known_by)}
            for record in change.creates
        ],
        "records": [
            {
                "object": record.object,
                "id": record.id,
                "writes": {
                    name: {"before": before, "after": after} for name, (before, after) in record.writes.items()
                },
            }
            for record in change.records
        ],
    }
    if change.lead in plan.outcomes:
        shown["outcome"] = plan.outcomes[change.lead]
        shown["may_be_written"] = change.lead in plan.in_doubt
    if change.lead in plan.messages:
        shown["message"] = plan.messages[change.lead]
    return shown


def _hand_off(step: HandOffStep | None) -> dict[str, Any] | None:
    if step is None:
        return None
    told = {"move": step.move, "attempt": step.attempt, "bdr": step.bdr, "reason": step.reason, "answer": step.answer}
    return told if step.hand_over is None else {**told, "hand_over": step.hand_over}


def _routing(routing: Routing | None) -> dict[str, Any] | None:
    """How the owner was found, everybody passed over included."""
    if routing is None:
        return None
    return {
        **({} if routing.hand_over is None else {"hand_over": routing.hand_over}),
        "reason": routing.reason,
        "pool": routing.pool,
        "counter": None
        if routing.pool is None
        else {"before": routing.counter_before, "after": routing.counter_after},
        "passed_over": [{"user": user, "why": why} for user, why in routing.passed_over],
        "shared": None
        if routing.shared is None
        else [{"user": user, "weight": weight} for user, weight in routing.shared],
        "between": between_told(routing.between),
    }


def between_told(turn: Between | None) -> dict[str, Any] | None:
    """The turn that the pool itself had."""
    if turn is None:
        return None
    return {
        "rotation": turn.rotation,
        "counter": {"before": turn.before, "after": turn.after},
        "pools": [{"pool": pool, "weight": weight} for pool, weight in turn.pools],
    }
