"""What became of writes, by what was read back: the CRM's answer only tells apart why a value is not there."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct, field

from crmsync.contract import Replaced, WriteResult
from crmsync.errors import CrmsyncError
from crmsync.model import Change
from crmsync.run.held import (
    Values,
    arrived,
    as_before,
    emptied_on_the_way,
    gone_words,
    holds,
    ours,
    owner_holds,
    shown,
    value_of,
)
from crmsync.store import Settlement
from crmsync.values import replace

Pairs = Mapping[str, tuple[str | None, str | None]]

CONFIRMED = "the CRM confirmed it, but it could not be read back; the next run looks"
MAYBE = "it may have been written: the CRM's answer was lost, and it could not be read back; the next run looks"


class Ends(Struct, frozen=True):
    """What is known of a batch's changes, by lead.

    `settled`: how they ended. `in_doubt`: they may have been written and nobody could look; words for each. `open`:
    not written by the time they were read back; words for each. `broken`: what kept the batch from its end.
    """

    settled: Mapping[str, Settlement] = field(default_factory=dict)
    in_doubt: Mapping[str, str] = field(default_factory=dict)
    open: Mapping[str, str] = field(default_factory=dict)
    broken: CrmsyncError | None = None


def verified(
    change: Change, result: WriteResult, values: Values, *, left_out: str | None = None
) -> Settlement | None:
    """The outcome by what was read back.

    `left_out`: the CRM's words for which the fields for people were not sent. None: the answer was lost and nothing
    is written so far, or a field was emptied and not set. It may still be on its way: the entry stays open.
    """
    replaced = result.seen.replaced if result.seen else {}
    if left_out is None and result.outcome in {"refused", "conflict"}:  # nothing was sent that was not there before
        if end := arrival(change, values, left_out=result.message):
            return replace(end, outcome="unchanged") if end.lacking else end
    elif end := arrival(change, values, replaced=replaced, left_out=left_out):
        return end
    owner_arrived = owner_holds(change, values)
    if result.outcome == "refused":
        return _refused(change, result, owner_arrived=owner_arrived)
    if result.outcome == "conflict":
        return Settlement(change.lead, "conflict", result.message, owner_arrived)
    if result.outcome == "uncertain" and (as_before(change, values) or emptied_on_the_way(change, values)):
        return None
    words = _why_it_did_not_stick(change, values, replaced)
    others = any(it.by != "automation" for name, it in replaced.items() if name in change.guarded)
    return Settlement(change.lead, "conflict" if others else "did_not_stick", words, owner_arrived, found=values)


def arrival(
    change: Change, values: Values, *, replaced: Mapping[str, Replaced] | None = None, left_out: str | None = None
) -> Settlement | None:
    """How the change ended where the lead holds what decides it; None where it does not.

    Fields for people tell of stage and owner. Where those have arrived the change has, and what is made beside the
    lead is made; a field that is not as it should be is lacking.
    """
    if holds(values, ours(change), change.fields):
        return Settlement(change.lead, "written")
    amiss = {
        name: pair
        for name, pair in change.writes.items()
        if name in change.fields and not arrived(name, values.get(name), pair[1], change.fields)
    }
    if not change.guarded or not holds(values, _without(ours(change), amiss), change.fields):
        return None
    if left_out is None:
        words = _why_it_did_not_stick(replace(change, writes=amiss), values, replaced or {})
    else:
        words = f"written without {', '.join(amiss)}, as the CRM refused the record with them: {left_out}"
    found = {name: values.get(name) for name in amiss}
    return Settlement(change.lead, "written", words, lacking=words, found=found)


def _without(pairs: Pairs, names: Collection[str]) -> Pairs:
    return {name: pair for name, pair in pairs.items() if name not in names}


def without_reading(
    changes: Sequence[Change], results: Mapping[str, WriteResult]
) -> tuple[dict[str, Settlement], dict[str, str]]:
    """Where nothing could be read back: what the CRM's answers settle by themselves, and what stays in doubt.

    A refusal is the CRM's word that nothing was taken. That it took something is believed once it has been read.
    """
    settled: dict[str, Settlement] = {}
    in_doubt: dict[str, str] = {}
    for change in changes:
        result = results[change.lead]
        match result.outcome:
            case "refused":
                settled[change.lead] = _refused(change, result, owner_arrived=False)
            case "conflict":
                settled[change.lead] = Settlement(change.lead, "conflict", result.message)
            case "gone":
                settled[change.lead] = Settlement(change.lead, "gone", gone_words(result.message))
            case "accepted":
                in_doubt[change.lead] = CONFIRMED
            case "uncertain":
                in_doubt[change.lead] = MAYBE
    return settled, in_doubt


def _refused(change: Change, result: WriteResult, *, owner_arrived: bool) -> Settlement:
    words = result.message or "the CRM refused it without a word"
    return Settlement(change.lead, "refused", words, owner_arrived)


_CAUSES = {
    "person": "a person has set it after crmsync had written it",
    "program": "another program has set it after crmsync had written it",
    "automation": "an automation of the CRM has set it after crmsync had written it",
}


def _why_it_did_not_stick(change: Change, values: Values, replaced: Mapping[str, Replaced]) -> str:
    words = []
    for name, (before, after) in change.writes.items():
        now = value_of(values.get(name))
        if arrived(name, now, after, change.fields):
            continue
        if name in replaced:
            cause = _CAUSES[replaced[name].by] + (f": {replaced[name].source}" if replaced[name].source else "")
        elif now == value_of(before):
            cause = "the CRM kept it: a rule there forbids this move, or set it back at once"
        else:
            cause = "an assignment rule, a workflow or a person has replaced it"
        if name in change.fields:  # what stands there may be a person's own words
            words.append(f"{name} is not as it was written ({cause})")
        else:
            words.append(f"{name} should be {shown(after)} and is {shown(now)} ({cause})")
    return "; ".join(words)
