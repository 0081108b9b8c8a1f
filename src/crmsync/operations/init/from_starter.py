"""Suggestions by the connector's starter mapping and by equal names: what is certain without guessing."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence

from crmsync.mapping import CrmMapping, FactMapping
from crmsync.suggest.shapes import (
    AskedFact,
    Candidate,
    FactSuggestion,
    Org,
    OrgField,
    OrgUser,
    PersonSuggestion,
    StageSuggestion,
    Suggestions,
)

TAKEN_FROM = 0.85
"""Confidence from which a suggestion is taken without asking."""

_ENOUGH = 50
"""Records without a value in a field say that the fact stands elsewhere."""

_FITTING: Mapping[str, frozenset[str]] = {
    "text": frozenset({"text", "choice", "unknown"}),
    "choice": frozenset({"choice", "text", "boolean", "unknown"}),
    "integer": frozenset({"number", "money"}),
    "number": frozenset({"number", "money"}),
    "money": frozenset({"money", "number"}),
    "boolean": frozenset({"boolean"}),
    "date": frozenset({"date", "datetime"}),
    "datetime": frozenset({"datetime"}),
}
_STAGE_WORDS: Mapping[str, tuple[str, ...]] = {
    "lead": ("lead", "new", "open", "opennotcontacted", "newlead", "subscriber"),
    "mql": ("mql", "marketingqualified", "marketingqualifiedlead"),
    "sal": ("sal", "salesaccepted", "salesacceptedlead"),
    "sql": ("sql", "salesqualified", "salesqualifiedlead"),
    "sqo": ("sqo", "salesqualifiedopportunity", "salesqualifiedopp"),
    "disqualified": ("disqualified", "unqualified", "notqualified", "closednotconverted"),
}
_ROLES: Sequence[tuple[str, re.Pattern[str]]] = (
    ("manager", re.compile(r"\b(manager|head|director|vp|vice president|leiter\w*)\b", re.I)),
    ("bdr", re.compile(r"\b(bdr|sdr|business development|sales development|inside sales)\b", re.I)),
    ("ae", re.compile(r"\b(ae|account executive|sales executive|closer)\b", re.I)),
)


def suggestions_by_starter(
    org: Org, facts: Sequence[AskedFact], stages: Sequence[str], starter: CrmMapping, late: Sequence[str]
) -> Suggestions:
    """`facts`, `stages`: of the policy, the lowest stage first. `late`: those from which a receiver owns the lead."""
    stage = _stages(org, stages, starter)
    return Suggestions(
        facts=tuple(_fact(org, asked, starter) for asked in facts),
        stage=stage,
        roster=tuple(_person(user, stage, late) for user in org.users if user.type == "person" and user.active),
    )


# --- facts ----------------------------------------------------------------------------------------------------------


def _fact(org: Org, asked: AskedFact, starter: CrmMapping) -> FactSuggestion:
    found = sorted(_candidates(org, asked, starter.mapped_facts.get(asked.name)), key=lambda it: -it.confidence)
    found = _the_only_one(org, asked, found)
    best: dict[str, Candidate] = {}
    for each in found:
        best.setdefault(each.field, each)
    candidates = tuple(best.values())[:5]
    sure = candidates and candidates[0].confidence >= TAKEN_FROM
    return FactSuggestion(asked.name, asked.type, candidates, candidates[0].field if sure else None)


def _candidates(org: Org, asked: AskedFact, usual: FactMapping | None) -> Iterator[Candidate]:
    words = {_bare(asked.name), _bare(asked.label or asked.name)}
    for field in org.fields:
        if usual is not None and field.name == usual.field[0]:
            values = dict(usual.values or {})
            met = not values or not field.choices or any(it.value in values for it in field.choices)
            unread = tuple(it.value for it in field.choices if values and it.active and it.value not in values)
            if field.filled == 0 and field.sampled >= _ENOUGH:
                yield Candidate(field.name, 0.5, "the usual field for it, and nothing stands there", values, unread)
            else:
                yield Candidate(field.name, 1.0 if met else 0.4, "the usual field for it", values, unread)
        elif field.type in _FITTING[asked.type]:
            names = {_bare(field.name), _bare(field.label)}
            near = max(difflib.SequenceMatcher(None, one, other).ratio() for one in words for other in names)
            if near >= 0.75:
                yield _by_name(field, asked, exact=bool(words & names), near=near)


def _the_only_one(org: Org, asked: AskedFact, found: list[Candidate]) -> list[Candidate]:
    """A figure that has the fact's word in its name is it, where no other filled field of its kind has it."""
    if asked.type not in ("integer", "number", "money") or any(it.confidence >= TAKEN_FROM for it in found):
        return found
    word = re.compile(rf"(?<![a-z]){re.escape(asked.name.replace('_', ' '))}(?![a-z])", re.I)
    fitting = [it for it in org.fields if it.type in _FITTING[asked.type] and word.search(it.label.replace("_", " "))]
    filled = [it for it in fitting if it.filled]
    if len(filled) != 1:
        return found
    return [Candidate(filled[0].name, TAKEN_FROM, "the only filled figure that is called so"), *found]


def _by_name(field: OrgField, asked: AskedFact, *, exact: bool, near: float) -> Candidate:
    why = "it is called so" if exact else "its name is near"
    if asked.type != "choice":
        return Candidate(field.name, 0.9 if exact else 0.6 * near, why)
    options = [(it.value, it.label) for it in field.choices if it.active] or [(it, it) for it, _ in field.values]
    known = {_bare(value): value for value in asked.values}
    read = {value: known[_bare(label)] for value, label in options if _bare(label) in known}
    unread = tuple(value for value, _ in options if value not in read)
    certain = exact and bool(read) and not unread
    return Candidate(field.name, 0.9 if certain else 0.6 * near, why, read, unread)


def _bare(name: str) -> str:
    """Letters and figures only, without the ending of custom fields."""
    return re.sub(r"[\W_]+", "", re.sub(r"__c$", "", name)).casefold()


# --- stages ---------------------------------------------------------------------------------------------------------


def _stages(org: Org, stages: Sequence[str], starter: CrmMapping) -> StageSuggestion:
    name = starter.stage.field
    field = next((each for each in org.fields if each.name == name), None)
    choices = [it for it in field.choices if it.active] if field else []
    found: dict[str, tuple[str, ...]] = {}
    used: set[str] = set()
    for stage in stages:
        usual = starter.stage.values.get(stage)
        natives = usual.set.get(name, ()) if usual else ()
        labels = {text.removeprefix("label:").casefold() for text in natives}
        words = {*_STAGE_WORDS.get(stage, ()), _bare(stage)}
        free = [it for it in choices if it.value not in used]
        hit = [it for it in free if it.value in natives or it.label.casefold() in labels]
        hit = hit or [it for it in free if {_bare(it.label), _bare(it.value)} & words][:1]
        if not hit and stage == stages[0] and free:
            hit = free[:1]  # where records begin
        if hit:
            order = {native: place for place, native in enumerate(natives)}
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


# --- people ---------------------------------------------------------------------------------------------------------


def _person(user: OrgUser, stage: StageSuggestion, late: Sequence[str]) -> PersonSuggestion:
    for said, text in (("role", user.role), ("title", user.title), *(("team", team) for team in user.teams)):
        for role, pattern in _ROLES:
            if text and pattern.search(text.replace("_", " ")):
                return PersonSuggestion(user.id, role, 0.95, f"{said}: {text}")
    natives = {value for name in late for value in stage.values.get(name, ())}
    if user.owns_leads >= 5 and natives:
        far = sum(count for value, count in user.owns_by_stage if value in natives)
        share = far / user.owns_leads
        told = f"owns {user.owns_leads} leads, {far} of them at {late[0]} or later"
        if share >= 0.8:
            return PersonSuggestion(user.id, "ae", TAKEN_FROM, told)
        if share <= 0.2:
            return PersonSuggestion(user.id, "bdr", TAKEN_FROM, told)
        return PersonSuggestion(user.id, None, 0.0, told)
    return PersonSuggestion(user.id, None, 0.0, "nothing says what this person does")
