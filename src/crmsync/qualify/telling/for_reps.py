"""What a lead's own record says of it, for people who never open a terminal: the words of the written fields.

They tell how a lead stands and not how it came there: after a run the same facts give the same words again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import product

import polars as pl
from msgspec import Struct

from crmsync.model import Batch
from crmsync.qualify.criteria import sentence_of
from crmsync.qualify.engine.compile import CompiledPolicy, Unit
from crmsync.qualify.engine.decide import part_of
from crmsync.qualify.engine.evaluate import evaluate
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.language.scores import bands_of
from crmsync.qualify.telling.questions import KnownOfLead, Waiting, questions
from crmsync.qualify.telling.reasons import few, missing_for
from crmsync.qualify.telling.words import deciding, disqualified_words, vocabulary_of
from crmsync.tongue import ENGLISH, Tongue, to_say

OTHER = "other"
"""The reason's name where the policy gives none."""
_NOTHING_AGAINST = to_say("nothing speaks against it any more, and nothing has brought it back yet")
_LEADS_AT_ONCE = 2000


class LeadStanding(Struct, frozen=True):
    """How a lead stands, in words. `reason`: name and words of what disqualifies it; null while nothing does."""

    reasons: str
    ask: str | None
    reason: tuple[str, str] | None


def standings(
    compiled: CompiledPolicy,
    batch: Batch,
    decisions: pl.DataFrame,
    stages: Mapping[int, str | None],
    waiting: Mapping[int, Waiting],
    tongue: Tongue = ENGLISH,
) -> Iterator[tuple[int, LeadStanding]]:
    """(row, how the lead stands) on the stage that `stages` gives it; unmanaged leads are left out.

    `decisions` is what `decide` gave for this batch. `waiting`: what would tell the segment of leads of which that is
    not known. Leads are told in slices, as all columns of a lead in plain values take room.
    """
    managed = [row for row, stage in stages.items() if stage is not None]
    chosen = decisions.filter(pl.col("row").is_in(pl.Series(managed, dtype=pl.UInt32).implode()))
    for (policy, as_of), group in chosen.group_by(["policy", "as_of"], maintain_order=True):
        teller = _Teller(compiled.unit(str(policy)), [rung.stage for rung in compiled.policy.ladder], tongue)
        for some in group.iter_slices(_LEADS_AT_ONCE):
            reasons = dict(some.select("row", "reason").iter_rows())
            for known in teller.known(batch, some["row"], as_of):
                row = known.lead["row"]
                yield row, teller.standing(known, str(stages[row]), reasons[row], waiting.get(row, {}))


class _Teller:
    """One policy's words for the leads that it applies to. `ladder`: the main policy's stages."""

    def __init__(self, unit: Unit, ladder: Sequence[str], tongue: Tongue) -> None:
        self._unit, self._words, self._tongue = unit, vocabulary_of(unit.policy, tongue), tongue
        self._ladder = list(ladder)
        self._order = [rung.stage for rung in unit.policy.ladder]
        self._by_rung = sorted(unit.conditions, key=lambda name: not name.startswith("ladder."))
        self._verdicts = list(
            dict.fromkeys([*(f"verdict.{name}" for name in unit.conditions), *unit.columns.values()])
        )
        self._facts = list(unit.policy.fact_types)
        self._told: dict[object, LeadStanding] = {}

    def known(self, batch: Batch, rows: pl.Series, as_of: date) -> Iterator[KnownOfLead]:
        """What is known of these leads."""
        part = part_of(batch, rows)
        columns = {each["row"]: each for each in evaluate(self._unit, part, as_of).to_dicts()}
        return (KnownOfLead(self._unit, columns[lead["row"]], lead) for lead in part.leads.to_dicts())

    def standing(self, lead: KnownOfLead, stage: str, reason: str | None, segment: Waiting) -> LeadStanding:
        """`segment`: what would tell to which segment the lead belongs.

        The words follow from the verdicts and from which facts are known: many leads have the same.
        """
        verdicts = tuple([lead.columns[name] for name in self._verdicts])
        known = tuple([lead.value_of(fact) is not None for fact in self._facts])
        key = (stage, reason, lead.columns["earned_stage"], verdicts, known)
        if segment or key not in self._told:
            told = self._standing(lead, stage, reason, segment)
            if segment:
                return told
            self._told[key] = told
        return self._told[key]

    def _standing(self, lead: KnownOfLead, stage: str, reason: str | None, segment: Waiting) -> LeadStanding:
        policy = self._unit.policy
        against = None if reason is None else (reason, disqualified_words(policy, self._words, reason))
        ask = " ".join(each.ask for each in questions(policy, self._tongue, lead.waiting(self._by_rung), segment))
        return LeadStanding("; ".join(self._sentences(lead, stage, against)), ask or None, against)

    def _sentences(self, lead: KnownOfLead, stage: str, against: tuple[str, str] | None) -> Iterator[str]:
        policy, labels, say = self._unit.policy, self._words.stages, self._tongue.say
        label = labels.get(stage, stage)
        if policy.disqualified is not None and stage == policy.disqualified.stage:
            yield f"{label}: {against[1] if against else say(_NOTHING_AGAINST)}"
            return
        if against is not None:
            yield say("{stage}, and yet something speaks against it: {reason}", stage=label, reason=against[1])
            return
        earned = str(lead.columns["earned_stage"])
        because = self._because(lead, earned)
        compared = self._ladder.index(earned) - self._ladder.index(stage)
        if compared == 0:
            yield f"{label}{because}"
        elif compared < 0:
            told = say("{stage}, though the evidence gives no more than {earned}", stage=label, earned=labels[earned])
            yield f"{told}{because}"
        else:
            yield f"{say('{stage}, and the evidence gives {earned}', stage=label, earned=labels[earned])}{because}"
        place = self._order.index(earned)
        for following in self._order[place + 1 : place + 2]:
            yield from missing_for(self._unit, self._words, following, lead.verdict_of)

    def _because(self, lead: KnownOfLead, earned: str) -> str:
        condition = self._unit.conditions.get(f"ladder.{earned}")
        if condition is None:
            return ""
        parts = deciding(self._unit.policy, condition, True, lead.verdict_of)
        said = few([sentence_of(part, self._words) for part in parts], self._tongue)
        return f" ({said})" if said else ""


def decided_by(policy: str, day: date, tongue: Tongue = ENGLISH) -> str:
    """By which policy and on which day."""
    return tongue.say("decided by policy {policy} on {day}", policy=policy, day=tongue.day(day))


def bands(policies: Iterable[Policy], score: str) -> list[str]:
    """The labels that a score may have, each once; none for a score without bands."""
    found = [policy.scores[score] for policy in policies if score in policy.scores]
    return list(dict.fromkeys(label for one in found for label, _ in bands_of(one)))


def grade_words(policies: Iterable[Policy], grade: str) -> list[str]:
    """All combinations of bands that a grade may be."""
    listed: dict[str, None] = {}
    for policy in policies:
        parts = [[label for label, _ in bands_of(policy.scores[score])] for score in policy.grades.get(grade, ())]
        listed.update(dict.fromkeys("".join(one) for one in product(*parts)) if parts else {})
    return list(listed)


def reasons_named(policies: Iterable[Policy], tongue: Tongue = ENGLISH) -> list[tuple[str, str]]:
    """Every (name, words) of a reason for which a lead may be disqualified."""
    found: dict[tuple[str, str], None] = {}
    for policy in policies:
        leaving = policy.disqualified
        if leaving is None:
            continue
        names = [reason.name for reason in leaving.reasons]
        for name in [*names, OTHER] if leaving.when is not None else names:
            found[name, disqualified_words(policy, vocabulary_of(policy, tongue), name)] = None
    return list(found)


def actions(policies: Iterable[Policy], tongue: Tongue = ENGLISH) -> list[tuple[str, str]]:
    """Every (stage, words) of a next action."""
    listed = (item for policy in policies for item in policy.next_action.items())
    return list(dict.fromkeys((stage, tongue.own(words)) for stage, words in listed))


def policies_of(policy: Policy) -> Sequence[Policy]:
    """The main policy and its segments'."""
    return (policy, *(segment.policy for segment in policy.segments))
