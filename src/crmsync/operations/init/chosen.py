"""What is taken of the suggestions once the answers stand beside them, and what stays open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crmsync.errors import UsageError
from crmsync.model import FactType
from crmsync.operations.files.answers_file import Answers
from crmsync.operations.init.starter import Starter
from crmsync.operations.init.vocabulary_files import vocabulary
from crmsync.suggest.options import Read, bands, options_of, translated
from crmsync.suggest.shapes import (
    AskedFact,
    FactSuggestion,
    FieldCandidate,
    KnownOrg,
    OrgField,
    OrgUser,
    RecordRule,
    Suggestions,
)

UNMAPPED = "unmapped"
ROLES = ("bdr", "ae")


@dataclass(frozen=True, slots=True)
class FactChosen:
    """`field` null: unmapped. `values`: native → the policy's word; `unread`: native values that have none.

    `answered`: a person said so.
    """

    asked: AskedFact
    field: OrgField | None
    values: Mapping[str, str | None]
    candidate: FieldCandidate | None
    answered: bool
    unread: tuple[str, ...] = ()

    @property
    def fact(self) -> str:
        """Its name."""
        return self.asked.name

    @property
    def type(self) -> FactType:
        """What the policy makes of it."""
        return self.asked.type


@dataclass(frozen=True, slots=True)
class PersonChosen:
    """Somebody of the roster, and why."""

    user: OrgUser
    roles: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class ChosenSetUp:
    """`stages`: stage → as a mapping file has it; stages of the policy that are not there have no value.

    `left_alone`: labels of native stages that are none of the policy. `activities`: what words of the account's own
    mean. `others`: active people without a role, and what is known of them.
    """

    facts: tuple[FactChosen, ...]
    stages: Mapping[str, Any]
    missing_stages: tuple[str, ...]
    left_alone: tuple[str, ...]
    people: tuple[PersonChosen, ...]
    activities: tuple[RecordRule, ...] = ()
    others: tuple[PersonChosen, ...] = ()

    @property
    def receivers(self) -> bool:
        """Whether anybody can receive a hand-off."""
        return any("ae" in person.roles for person in self.people)

    @property
    def unmapped(self) -> Iterator[str]:
        """Facts for which nothing was found or answered."""
        return (fact.fact for fact in self.facts if fact.field is None and not fact.answered)

    def gaps(self) -> Iterator[str]:
        """What had to stay open, one sentence each; what somebody wanted so is none."""
        for fact in self.unmapped:
            yield f"the fact `{fact}` is unmapped: no field fits for certain"
        for stage in self.missing_stages:
            yield f"the stage `{stage}` has no value in the CRM, so the policy goes without it"
        if not self.receivers:
            yield "nobody is known to receive leads (role `ae`), so the policy hands none off"


def chosen(
    org: KnownOrg,
    asked: Sequence[AskedFact],
    stages: Sequence[str],
    found: Suggestions,
    starter: Starter,
    answers: Answers,
) -> ChosenSetUp:
    """Answers over suggestions over nothing. Raises `UsageError` for an answer that names what is not there."""
    fields = {field.name: field for field in org.fields}
    by_fact = {each.fact: each for each in found.facts}
    facts = tuple(_fact(each, by_fact.get(each.name), fields, answers) for each in asked)
    told = {stage: value for stage in stages if (value := _stage(stage, found, starter, fields, answers)) is not None}
    ordered = {stage: told[stage] for stage in _in_order(starter, stages) if stage in told}
    people = tuple(_people(org, found, answers))
    return ChosenSetUp(
        facts,
        ordered,
        tuple(stage for stage in stages if stage not in told),
        _left_alone(org, found, ordered),
        tuple(each for each in people if each.roles),
        found.activities,
        tuple(each for each in people if not each.roles),
    )


def _fact(
    asked: AskedFact, found: FactSuggestion | None, fields: Mapping[str, OrgField], answers: Answers
) -> FactChosen:
    answer = answers.facts.get(asked.name)
    name = answer if answer is not None else (found.taken if found else None)
    if name is None or name == UNMAPPED:
        return FactChosen(asked, None, {}, None, answer is not None)
    if name not in fields:
        raise UsageError(
            f"the answer for `{asked.name}` names the field `{name}`, which is not there",
            hint="`crmsync fields` lists them once init has run; or answer `unmapped`",
        )
    candidate = next((each for each in (found.candidates if found else ()) if each.field == name), None)
    values = _met(dict(candidate.translations), fields[name]) if candidate else {}
    unread = candidate.unread if candidate else ()
    if answer is not None and (unread or not values):  # what somebody named is read as far as it can be
        read = read_options(asked, fields[name])
        values, unread = {**values, **read.translations}, read.unread
    values |= answers.values.get(asked.name, {})
    left = tuple(native for native in unread if native not in values)
    return FactChosen(asked, fields[name], values, candidate, answer is not None, left)


def read_options(asked: AskedFact, field: OrgField) -> Read:
    """What the values of a field mean as a fact, as far as they are understood."""
    options = options_of(field)
    if asked.type == "choice" and asked.values:
        return translated(asked, options, vocabulary())
    if asked.type in ("integer", "number", "money") and field.type in ("choice", "text"):
        read = bands(options, vocabulary(), least=1 if asked.type == "integer" else 0)
        plain = all(native == word for native, word in read.translations.items())
        return Read({}, read.unread) if plain else read
    return Read({}, ())


def _met(values: dict[str, str | None], field: OrgField) -> dict[str, str | None]:
    """Without translations of what a field with a list neither offers nor holds."""
    offered = {it.value.casefold() for it in field.choices}
    if not offered:
        return values
    offered |= {value.casefold() for value, _ in field.values}
    return {native: word for native, word in values.items() if native.casefold() in offered} or values


def _in_order(starter: Starter, stages: Sequence[str]) -> list[str]:
    """The starter's order, which says what is read first, then the policy's."""
    usual = [stage for stage in starter.mapping.stage.values if stage in stages]
    return [*usual, *(stage for stage in stages if stage not in usual)]


def _stage(stage: str, found: Suggestions, starter: Starter, fields: Mapping[str, OrgField], answers: Answers) -> Any:
    """As a mapping file has it; null where nothing fits."""
    if stage in answers.stages:
        return answers.stages[stage]
    suggested = found.stage.values.get(stage, ()) if found.stage else ()
    usual = starter.data["stage"]["values"].get(stage)
    if usual is not None and _is_there(stage, starter, fields, suggested):
        return usual
    if not suggested or found.stage is None:
        return None
    labels = {it.value: it.label for it in fields[found.stage.field].choices}
    told = [{"label": labels[value]} if value.isdigit() else value for value in suggested]
    return told[0] if len(told) == 1 else told


def _is_there(stage: str, starter: Starter, fields: Mapping[str, OrgField], suggested: Sequence[str]) -> bool:
    """Whether what the starter says of a stage stands in this CRM, and is what was suggested."""
    value = starter.mapping.stage.values[stage]
    for name, natives in value.set.items():
        field = fields.get(name)
        if field is None or not field.writable:
            return False
        there = {word: it.value for it in field.choices for word in (it.value, f"label:{it.label}") if it.active}
        if any(native not in there for native in natives):
            return False
        if name == starter.mapping.stage.field and {there[native] for native in natives} != set(suggested):
            return False
    leaving = ((fields.get(name), native) for name, native in value.leaving.items())
    return all(field and native in {it.value for it in field.choices} for field, native in leaving)


def _left_alone(org: KnownOrg, found: Suggestions, stages: Mapping[str, Any]) -> tuple[str, ...]:
    """Labels of the values that no stage has, also of those that were taken for one and gave way to another."""
    if found.stage is None:
        return ()
    field = next((each for each in org.fields if each.name == found.stage.field), None)
    words = repr(stages)
    return tuple(
        it.label
        for it in (field.choices if field else ())
        if it.active and not any(repr(text) in words for text in (it.value, it.label, f"label:{it.label}"))
    )


def _people(org: KnownOrg, found: Suggestions, answers: Answers) -> Iterator[PersonChosen]:
    suggested = {each.user: each for each in found.roster}
    known = {key for user in org.users for key in (user.id, (user.email or "").lower())}
    for key in answers.roles:
        if key.lower() not in known and key not in known:
            raise UsageError("the answers give a role to somebody who is no user of the CRM", hint="correct `roles`")
    told = {key.lower(): role for key, role in answers.roles.items()}
    for user in org.users:
        if user.type != "person" or not user.active:
            continue
        answer = told.get((user.email or "").lower(), told.get(user.id.lower()))
        guess = suggested.get(user.id)
        role = answer if answer is not None else (guess.role if guess else None)
        why = "as you said" if answer else (guess.why if guess else "")
        yield PersonChosen(user, (str(role),) if role in ROLES else (), why)
