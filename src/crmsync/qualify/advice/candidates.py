"""Leads of which it is not known whether they belong to a segment: the policies that could apply, and what to ask."""

from __future__ import annotations

from datetime import date

import polars as pl
from msgspec import Struct, field

from crmsync.model import Batch
from crmsync.qualify.engine.compile import CompiledPolicy, Unit
from crmsync.qualify.engine.decide import candidates_of, part_of
from crmsync.qualify.engine.evaluate import evaluate
from crmsync.qualify.telling.explanation import PolicyCandidate
from crmsync.qualify.telling.questions import KnownOfLead, Waiting
from crmsync.qualify.telling.words import disqualified_words, vocabulary_of
from crmsync.tongue import ENGLISH, Tongue


class Undecided(Struct, frozen=True):
    """One such lead: its candidates in the order of the segments, and the facts that would tell its segment."""

    candidates: tuple[PolicyCandidate, ...] = ()
    waiting: Waiting = field(default_factory=dict)


def undecided(
    compiled: CompiledPolicy, batch: Batch, decisions: pl.DataFrame, as_of: date, tongue: Tongue = ENGLISH
) -> dict[int, Undecided]:
    """Row → its candidates, only for leads that have several."""
    main, *segments = compiled.units
    if not segments:
        return {}
    unknown = pl.any_horizontal(pl.col(f"verdict.segment.{unit.name}").is_null() for unit in segments)
    part = part_of(batch, decisions.filter(unknown)["row"])
    if part.leads.is_empty():
        return {}
    found: dict[int, list[PolicyCandidate]] = {}
    for row, policy, earned, reason in candidates_of(compiled, part, as_of).iter_rows():
        found.setdefault(row, []).append(_candidate(compiled.unit(policy), earned, reason, tongue))
    leads = {lead["row"]: lead for lead in part.leads.to_dicts()}
    told: dict[int, Undecided] = {}
    for columns in evaluate(main, part, as_of).to_dicts():
        candidates = found[columns["row"]]
        if len(candidates) > 1:
            possible = [name for one in candidates if (name := f"segment.{one.policy}") in main.conditions]
            waiting = KnownOfLead(main, columns, leads[columns["row"]]).waiting(possible)
            told[columns["row"]] = Undecided(tuple(candidates), waiting)
    return told


def _candidate(unit: Unit, earned: str, reason: str | None, tongue: Tongue) -> PolicyCandidate:
    sentence = tongue.own(unit.policy.label_of(earned))
    if reason is not None:
        told = disqualified_words(unit.policy, vocabulary_of(unit.policy, tongue), reason)
        sentence = tongue.say("{stage}, but disqualified: {reason}", stage=sentence, reason=told)
    return PolicyCandidate(unit.name, earned, reason, sentence)
