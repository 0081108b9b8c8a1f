"""Making records that belong to a lead, each once: what all CRMs have in common.

Look, make what is missing, and look again for what was lost. A connector brings the four steps; the order of them,
twins within a call and lost answers are settled here.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from contextlib import suppress

from msgspec import Struct

from crmsync.contract import STILL_THERE, Creation, CreationResult
from crmsync.errors import CrmUnreachable, TryAgain
from crmsync.sdk.frames import rewritten_instant
from crmsync.values import replace

UNREAD = "{what} could not be read"
"""Why nobody knows whether the record is there: it is not made before that is known."""


class Held(Struct, frozen=True):
    """A record that belongs to a lead. `values`: native text of every field that creations are known by.

    `unread`: it is there, and its answer was torn: it may be any of those that are wanted.
    """

    id: str
    lead: str
    values: Mapping[str, str | None]
    unread: bool = False


class CreationSteps(Struct, frozen=True):
    """What a connector does for a call of `create`.

    `gone`: of these leads, those that are not there, with the reason. `look`: records of the creations' leads, as
    they stand now, never from a search index; other records may be among them. `make`: one result for each
    creation, in order: `made`, `refused`, or `uncertain` where the answer was lost, which it must not ask for
    again. `retried`: calls a function again while it raises `TryAgain`, with growing waits.
    """

    gone: Callable[[Sequence[str]], Mapping[str, str]]
    look: Callable[[Sequence[Creation]], Iterable[Held]]
    make: Callable[[Sequence[Creation]], Sequence[CreationResult]]
    retried: Callable[[Callable[[], None]], None]


def create_once(creations: Sequence[Creation], steps: CreationSteps) -> list[CreationResult]:
    """One result for each creation, in order; equal ones of a call share the first one's record."""
    firsts: dict[Hashable, Creation] = {}
    for each in creations:
        firsts.setdefault(_known_as(each), each)
    results = _results(firsts, steps)
    answers = []
    for each in creations:
        key = _known_as(each)
        result = results[key]
        twin = result.outcome == "made" and firsts[key] is not each
        answers.append(replace(result, outcome="there") if twin else result)
    return answers


def _results(wanted: Mapping[Hashable, Creation], steps: CreationSteps) -> dict[Hashable, CreationResult]:
    if not wanted:
        return {}
    results = _gone(wanted, steps)
    standing = {key: each for key, each in wanted.items() if key not in results}
    held = _held(standing, steps)
    results |= {key: CreationResult(wanted[key].lead, "there", id_) for key, id_ in _found(standing, held).items()}
    results |= {
        key: CreationResult(each.lead, "uncertain", message=UNREAD.format(what="what is there already"))
        for key, each in standing.items()
        if key not in results and any(record.unread for record in held.get(each.lead, ()))
    }
    missing = {key: each for key, each in standing.items() if key not in results}
    if not missing:
        return results
    results.update(zip(missing, steps.make(list(missing.values())), strict=True))
    # A lead may have gone since; the CRMs' refusals do not tell that from other wrong ids.
    refused = {key: each for key, each in missing.items() if results[key].outcome == "refused"}
    results |= {key: result for key, result in _gone(refused, steps).items() if result.outcome == "gone"}
    lost = {key: each for key, each in missing.items() if results[key].outcome == "uncertain"}
    results |= {key: CreationResult(lost[key].lead, "made", id_) for key, id_ in _seen_later(lost, steps).items()}
    return results


def _gone(wanted: Mapping[Hashable, Creation], steps: CreationSteps) -> dict[Hashable, CreationResult]:
    """The results of those whose leads are not there. One that is there and cannot be read waits."""
    leads = list(dict.fromkeys(each.lead for each in wanted.values()))
    reasons = steps.gone(leads) if leads else {}
    return {
        key: CreationResult(each.lead, "uncertain", message=UNREAD.format(what="the lead"))
        if reasons[each.lead].startswith(STILL_THERE)
        else CreationResult(each.lead, "gone", message=reasons[each.lead])
        for key, each in wanted.items()
        if each.lead in reasons
    }


def _held(wanted: Mapping[Hashable, Creation], steps: CreationSteps) -> dict[str, list[Held]]:
    """Lead → records that are there."""
    held: dict[str, list[Held]] = {}
    for record in steps.look(list(wanted.values())) if wanted else ():
        held.setdefault(record.lead, []).append(record)
    return held


def _found(wanted: Mapping[Hashable, Creation], held: Mapping[str, Sequence[Held]]) -> dict[Hashable, str]:
    """The ids of the records that are there, the first of several."""
    found: dict[Hashable, str] = {}
    for key, creation in wanted.items():
        for record in held.get(creation.lead, ()):
            if not record.unread and _same(creation, record):
                found.setdefault(key, record.id)
    return found


def _same(creation: Creation, record: Held) -> bool:
    """Whether the record is the one that is wanted."""
    return all(_plain(record.values.get(name)) == _plain(creation.values[name]) for name in creation.known_by)


def _seen_later(lost: Mapping[Hashable, Creation], steps: CreationSteps) -> dict[Hashable, str]:
    """Of creations whose answer was lost: the ids of those that come to be seen while looking again.

    What does not come to be seen may still be under way, so it is not made a second time.
    """
    found: dict[Hashable, str] = {}

    def look_again() -> None:
        waiting = {key: each for key, each in lost.items() if key not in found}
        found.update(_found(waiting, _held(waiting, steps)))
        if len(found) < len(lost):
            raise TryAgain("records that may have been made are not to be seen")

    with suppress(CrmUnreachable):  # not seen in time, or the CRM is away: the next call's own looking tells
        steps.retried(look_again)
    return found


def _known_as(creation: Creation) -> Hashable:
    return creation.lead, frozenset((name, _plain(creation.values[name])) for name in creation.known_by)


def _plain(text: str | None) -> str | None:
    """A text as CRMs may keep it: without spaces at its ends, an instant in their own writing."""
    return rewritten_instant((text or "").strip())
