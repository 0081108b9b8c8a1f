"""Which values of the stage field are which stages of a policy."""

from __future__ import annotations

from collections.abc import Sequence

from crmsync.mapping import CrmMapping
from crmsync.suggest.names import Words, phrases_in, words_in
from crmsync.suggest.shapes import KnownOrg, OrgChoice, StageSuggestion
from crmsync.suggest.vocabulary import NamePhrases

_QUALIFIED = "sql"


def suggested_stages(
    org: KnownOrg, stages: Sequence[str], starter: CrmMapping, words: NamePhrases
) -> StageSuggestion:
    """`stages`: of the policy, the lowest first. What the starter says comes before what values are called."""
    name = starter.stage.field
    field = next((each for each in org.fields if each.name == name), None)
    choices = [it for it in field.choices if it.active] if field else []
    found: dict[str, tuple[str, ...]] = {}
    used: set[str] = set()
    for stage in stages:
        usual = starter.stage.values.get(stage)
        natives = usual.set.get(name, ()) if usual else ()
        labels = {text.removeprefix("label:").casefold() for text in natives}
        free = [it for it in choices if it.value not in used]
        usual_hit = [it for it in free if it.value in natives or it.label.casefold() in labels]
        hit = usual_hit or [it for it in free if called(it, stages, words) == stage]
        if usual_hit and not any(it.count for it in usual_hit):
            own = [it for it in free if it.count and called(it, stages, words) == stage]
            hit = [*own, *(it for it in usual_hit if it not in own)]  # where the account's leads do stand comes first
        if stage == stages[0] and not usual_hit and free:
            hit = hit[:1] or [it for it in free if called(it, stages, words) is None][:1]  # where records begin
        if not hit and stage == _QUALIFIED:
            hit = _simply_qualified(free, words)
        if hit:
            order = (
                {native: place for place, native in enumerate(natives)} if any(it.count for it in usual_hit) else {}
            )
            values = tuple(it.value for it in sorted(hit, key=lambda it: order.get(it.value, 99)))
            found[stage] = values
            used.update(values)
    free = [it for it in choices if it.value not in used and it.count]
    if free and not any(it.count for it in choices if it.value in used):
        # None of the known values is in use: leads begin where most of them stand.
        begin = max(free, key=lambda it: it.count or 0).value
        found = {**found, stages[0]: (begin, *found.get(stages[0], ()))}
        used.add(begin)
    return StageSuggestion(name, found, tuple(it.value for it in choices if it.value not in used))


def called(choice: OrgChoice, stages: Sequence[str], words: NamePhrases) -> str | None:
    """The stage that a value is called after; of a phrase within it the longest counts, but for the lowest stage."""
    phrases = {phrase: stage for stage in stages for phrase in (words_in(stage), *words.stages.get(stage, ()))}
    for text in (choice.label, choice.value):
        read = words_in(text)
        for phrase, stage in phrases.items():
            if "".join(phrase) == "".join(read):
                return stage
    read = words_in(choice.label)
    made = _composed(read, words)
    within = [it for it in phrases_in(read, phrases) if phrases[it] != stages[0]]
    if not within:
        return made if made in stages else None
    longest = max(within, key=lambda it: len("".join(it)))
    denied = any(word in words.negations and word not in longest for word in read)
    if denied:
        return made if made in stages else None
    return phrases[longest]


def _composed(read: Words, words: NamePhrases) -> str | None:
    """Of what a name is made: who qualified or accepted, or that nobody did."""
    name = "".join(read)
    qualified = _is_qualified(read, words)
    if words.has("lost", name) or (qualified and any(word in words.negations for word in read)):
        return "disqualified"
    if qualified and words.has("marketing", name):
        return "mql"
    if qualified and words.has("sales", name):
        return _QUALIFIED
    accepted = words.has("accepted", name) and words.has("sales", name)
    return "sal" if accepted and not any(word in words.negations for word in read) else None


def _is_qualified(read: Words, words: NamePhrases) -> bool:
    """A participle at the end of a word: a qualification that is under way is none."""
    return any(word.endswith(it) for word in read for it in words.parts.get("qualified", ()))


def _simply_qualified(choices: Sequence[OrgChoice], words: NamePhrases) -> list[OrgChoice]:
    """Qualified, without saying by whom, is qualified by sales where it is the only such value."""
    found = []
    for it in choices:
        read = words_in(it.label)
        if len(read) == 1 and _is_qualified(read, words) and not words.has("lost", read[0]):
            found.append(it)
    return found if len(found) == 1 else []
