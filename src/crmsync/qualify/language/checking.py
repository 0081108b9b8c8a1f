"""Checks of a policy that need the whole of it: names that must exist, shapes of the ladder, circles, sizes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from crmsync.configuration import Document, did_you_mean
from crmsync.errors import Finding
from crmsync.qualify.criteria import Criterion, Mistake, Path, Scope, Sort
from crmsync.qualify.language.circles import circles_in
from crmsync.qualify.language.hand_over_checking import hand_over_mistakes, segment_mistakes
from crmsync.qualify.language.policy import ListFile, Policy
from crmsync.qualify.language.scores import ValuesRule
from crmsync.qualify.language.sizes import too_large
from crmsync.qualify.language.walk import criteria_of, selectors_with_places
from crmsync.qualify.terms.facts import BUILT_IN_FACTS, RangeOf, source_of, takes
from crmsync.qualify.terms.shape import Value, listed
from crmsync.qualify.terms.since import moment_of

_MOST_MISTAKES = 200
"""Looking for the word that was meant takes time; nobody reads more."""
_NOUNS: dict[Sort, str] = {
    "fact": "fact",
    "list": "list",
    "criterion": "criterion",
    "score": "score",
    "stage": "stage on the ladder",
    "standing": "stage",
}
_ON_THE_LADDER: tuple[Path, ...] = (("sales_confirmation", "stage"), ("disqualified", "recycle", "to"))
"""Places of stages that the disqualified one is none of."""


def findings_of(policy: Policy, document: Document) -> list[Finding]:
    """Every mistake in the policy and its segments, at its place in the document; of one too large only that."""
    large = too_large(policy)
    if large is not None:
        return [_finding(document, (), large)]
    found = _located(policy, document, ())
    for index, segment in enumerate(policy.segments):
        path: Path = ("segments", index, "policy")
        found += _located(segment.policy, document, path)
        found += [_finding(document, path, mistake) for mistake in _segment_mistakes(policy, segment.policy)]
    return sorted(set(found), key=lambda finding: (finding.line, finding.column))


def _located(policy: Policy, document: Document, prefix: Path) -> list[Finding]:
    every = chain(
        _ladder_mistakes(policy),
        hand_over_mistakes(policy),
        _name_clashes(policy),
        _part_mistakes(policy),
        _criterion_mistakes(policy),
        _since_mistakes(policy),
    )
    mistakes = list(islice(every, _MOST_MISTAKES))
    if not mistakes:  # circles need names that exist
        mistakes += circles_in(policy)
    return [_finding(document, prefix, mistake) for mistake in mistakes]


def _finding(document: Document, prefix: Path, mistake: Mistake) -> Finding:
    word = mistake.message.split("`")[1] if "`" in mistake.message else ""
    hint = mistake.hint or (did_you_mean(word, mistake.known) if mistake.known else None)
    return document.finding((*prefix, *mistake.path), mistake.message, hint)


def scope_of(policy: Policy) -> Scope:
    """The names that criteria of this policy may use."""
    return Scope(
        facts=policy.fact_types,
        choices={name: fact.values for name, fact in policy.facts.items() if fact.values},
        ranges=frozenset(name for name, how in policy.derived.items() if isinstance(how, RangeOf)),
        criteria=frozenset(policy.criteria),
        lists={name: _one_of_each_kind(values) for name, values in policy.lists.items()},
        scores=frozenset(policy.scores),
        stages=frozenset(rung.stage for rung in policy.ladder),
        standings=frozenset(policy.stages),
    )


def _one_of_each_kind(values: ListFile | tuple[Value, ...]) -> tuple[Value, ...]:
    return () if isinstance(values, ListFile) else tuple({type(value): value for value in reversed(values)}.values())


def _criterion_mistakes(policy: Policy) -> Iterator[Mistake]:
    scope = scope_of(policy)
    for path, criterion in criteria_of(policy):
        yield from _one_criterion(path, criterion, scope)


def _one_criterion(path: Path, criterion: Criterion, scope: Scope) -> Iterator[Mistake]:
    if isinstance(criterion, str):
        yield from _missing(path, "criterion", criterion, scope)
        return
    missing = [
        mistake
        for below, sort, name in criterion.references()
        for mistake in _missing((*path, *below), sort, name, scope)
    ]
    yield from missing
    if not missing:
        for mistake in criterion.mistakes(scope):
            yield Mistake((*path, *mistake.path), mistake.message, mistake.known, mistake.hint)


def _missing(path: Path, sort: Sort, name: str, scope: Scope) -> Iterator[Mistake]:
    known = scope.names(sort)
    if name not in known:
        yield Mistake(path, f"`{name}` is no {_NOUNS[sort]} of this policy", tuple(known) or ("",))


def _since_mistakes(policy: Policy) -> Iterator[Mistake]:
    """What is wrong with the days since when activities count."""
    scope = scope_of(policy)
    for path, selector in selectors_with_places(policy):
        if selector.since is None:
            continue
        moment, place = moment_of(selector.since), (*path, "since")
        if moment.how == "fact":
            yield from _missing((*place, "fact"), "fact", moment.name, scope)
            kind = scope.facts.get(moment.name, "date")
            if kind not in ("date", "datetime"):
                yield Mistake((*place, "fact"), f"`{moment.name}` is of type {kind}; `since` asks for a day")
        elif moment.how != "recycled" and moment.name not in policy.stages:
            yield Mistake((*place, moment.how), f"`{moment.name}` is no stage of this policy", policy.stages)
        elif moment.how == "recycled" and policy.disqualified is None:
            yield Mistake(
                place, "`recycled` needs a stage to come back from", hint="the policy has no `disqualified`"
            )


def _ladder_mistakes(policy: Policy) -> Iterator[Mistake]:
    if not policy.ladder:
        yield Mistake((), "the policy has no `ladder`", hint="list its stages, or `extends` a preset")
        return
    confirmation = policy.sales_confirmation
    confirmed = confirmation.stage if confirmation and confirmation.mode == "required" else None
    for index, rung in enumerate(policy.ladder):
        if index == 0 and rung.stage == confirmed:
            yield Mistake(
                ("sales_confirmation", "stage"),
                f"`{rung.stage}` is the lowest stage, and every lead stands at least there",
                hint="name the stage that needs the word of sales",
            )
        if index == 0 and (rung.when is not None or rung.set_by == "people"):
            yield Mistake(
                ("ladder", 0),
                "the lowest stage has no conditions: every lead stands at least there",
                hint="put a stage such as `lead` below it",
            )
        elif index and rung.when is None and rung.stage != confirmed:
            yield Mistake(("ladder", index), f"the stage `{rung.stage}` has no `when`")
    leaving = policy.disqualified
    if leaving and leaving.when is None and not leaving.reasons:
        yield Mistake(("disqualified",), "nothing disqualifies a lead", hint="add `reasons` or `when`")
    repeated = [stage for stage, times in Counter(policy.stages).items() if times > 1]
    for stage in repeated:
        yield Mistake(("ladder",), f"the stage `{stage}` stands twice")
    if leaving:
        names = Counter(reason.name for reason in leaving.reasons)
        for name in [name for name, times in names.items() if times > 1]:
            yield Mistake(("disqualified", "reasons"), f"the reason `{name}` stands twice")
        if leaving.when is not None and names["other"]:
            message = "`other` is the reason of leads for which `when` alone is met"
            yield Mistake(
                ("disqualified", "reasons"), message, hint="choose another name, or move `when` into `reasons`"
            )


def _name_clashes(policy: Policy) -> Iterator[Mistake]:
    for name in policy.facts.keys() & BUILT_IN_FACTS.keys():
        yield Mistake(("facts", name), f"`{name}` is built in; it needs no declaration")
    for name in policy.derived.keys() & (policy.facts.keys() | BUILT_IN_FACTS.keys()):
        yield Mistake(("derived", name), f"`{name}` is a fact already")
    names = Counter([policy.name, *(segment.name for segment in policy.segments)])
    for index, segment in enumerate(policy.segments):
        if names[segment.name] > 1:
            yield Mistake(("segments", index, "name"), f"the name `{segment.name}` stands twice")


def _part_mistakes(policy: Policy) -> Iterator[Mistake]:
    scope = scope_of(policy)
    stages = policy.stages
    declared = {**BUILT_IN_FACTS, **{name: fact.type for name, fact in policy.facts.items()}}
    for name, derived in policy.derived.items():
        function, source = source_of(derived)
        path: Path = ("derived", name, function)
        if source not in declared:
            yield Mistake(path, f"`{source}` is no declared fact", tuple(declared))
        elif declared[source] not in takes(derived):
            yield Mistake(path, f"`{function}` cannot work on `{source}`, which is of type {declared[source]}")
    for name, values in policy.lists.items():
        if isinstance(values, ListFile):
            yield Mistake(("lists", name, "file"), f"the file `{values.file}` was not found")
    for place, stage in _stage_names(policy):
        if stage not in stages:
            yield Mistake(place, f"`{stage}` is no stage of this policy", stages)
        elif place in _ON_THE_LADDER and stage not in scope.stages:
            told = tuple(rung.stage for rung in policy.ladder)
            yield Mistake(
                place, f"`{stage}` stands beside the ladder", hint=f"name one of its stages: {listed(told)}"
            )
    if policy.priority is not None:
        yield from _missing(("priority",), "score", policy.priority, scope)
    for index, question in enumerate(policy.questions):
        yield from _missing(("questions", index, "fact"), "fact", question.fact, scope)
    yield from _score_mistakes(policy, scope)


def _stage_names(policy: Policy) -> Iterator[tuple[Path, str]]:
    for index, stage in enumerate(policy.movement.protected):
        yield ("movement", "protected", index), stage
    for stage in policy.next_action:
        yield ("next_action", stage), stage
    if policy.sales_confirmation:
        yield ("sales_confirmation", "stage"), policy.sales_confirmation.stage
    recycle = policy.disqualified.recycle if policy.disqualified else None
    if recycle and recycle.to != "earned":
        yield ("disqualified", "recycle", "to"), recycle.to


def _score_mistakes(policy: Policy, scope: Scope) -> Iterator[Mistake]:
    for name, score in policy.scores.items():
        for part in score.combine or ():
            yield from _missing(("scores", name, "combine", part), "score", part, scope)
        for path, rule in score.all_rules():
            if isinstance(rule, ValuesRule):
                yield from _values_mistakes(("scores", name, *path), rule, scope)
    for grade, parts in policy.grades.items():
        if grade in policy.scores:
            yield Mistake(("grades", grade), f"`{grade}` is a score already")
        for index, part in enumerate(parts):
            yield from _missing(("grades", grade, index), "score", part, scope)
            if part in policy.scores and not policy.scores[part].bands:
                yield Mistake(("grades", grade, index), f"the score `{part}` has no `bands`")


def _values_mistakes(path: Path, rule: ValuesRule, scope: Scope) -> Iterator[Mistake]:
    missing = list(_missing((*path, "fact"), "fact", rule.fact, scope))
    yield from missing
    if missing:
        return
    kind = scope.facts[rule.fact]
    if kind not in ("text", "choice", "boolean"):
        yield Mistake((*path, "fact"), f"`{rule.fact}` is of type {kind}; give points for ranges with `first`")
        return
    valid: Iterable[str] = ("true", "false") if kind == "boolean" else scope.choices.get(rule.fact, rule.values)
    for word in rule.values:
        if word not in valid:
            yield Mistake((*path, "values", word), f"`{word}` is not a value of `{rule.fact}`", tuple(valid))


def _segment_mistakes(main: Policy, own: Policy) -> Iterator[Mistake]:
    yield from segment_mistakes(main, own)
    if own.segments:
        yield Mistake(("segments",), "a segment's policy has no segments of its own")
    order = [rung.stage for rung in main.ladder]
    stages = [rung.stage for rung in own.ladder]
    known = [stage for stage in order if stage in stages]
    if stages and stages != known:
        yield Mistake(("ladder",), "a segment's ladder uses stages of the main ladder, in the same order")
    elif stages and order and stages[0] != order[0]:
        yield Mistake(("ladder",), f"a segment's ladder begins with `{order[0]}`, like the main one")
    if own.disqualified and main.disqualified and own.disqualified.stage != main.disqualified.stage:
        yield Mistake(("disqualified",), f"the disqualified stage is `{main.disqualified.stage}` in every segment")
    for name, fact in own.facts.items():
        if name in main.facts and main.facts[name].type != fact.type:
            yield Mistake(("facts", name), f"`{name}` is a {main.facts[name].type} in the main policy")
