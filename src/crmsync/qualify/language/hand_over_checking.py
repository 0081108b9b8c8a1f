"""What can be wrong with a policy's hand-overs: names, stages, criteria, reasons, and one that would never count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from crmsync.qualify.criteria import Mistake, Path
from crmsync.qualify.language.hand_overs import KEYS_OF_A_MATCH, TAKEN, HandOver
from crmsync.qualify.language.ladder import HandOff
from crmsync.qualify.language.policy import Policy

FIRST_TOUCH = "first_touch"


def hand_over_mistakes(policy: Policy) -> Iterator[Mistake]:
    """Those of `hand_off` and `hand_overs`."""
    if policy.hand_off is not None and policy.hand_overs:
        yield Mistake(
            ("hand_off",),
            "`hand_off` and `hand_overs` say the same thing in two ways",
            hint="move `hand_off` into the list, with a `name`",
        )
    if policy.hand_off is not None:
        yield from _stage(("hand_off", "stage"), policy.hand_off.stage, policy)
        yield from _clocks(("hand_off",), policy.hand_off)
    yield from _names(policy)
    for index, hand_over in enumerate(policy.hand_overs):
        path: Path = ("hand_overs", index)
        if hand_over.stage is not None:
            yield from _stage((*path, "stage"), hand_over.stage, policy)
        for name in hand_over.when:
            if name not in policy.criteria:
                message = f"`{name}` is no criterion of this policy"
                yield Mistake((*path, "when"), message, tuple(policy.criteria) or ("",))
        yield from _leaving(path, hand_over, policy)
        yield from _clocks(path, hand_over)
        yield from _never_counts(path, hand_over, policy.hand_overs[index + 1 :], policy)


def _clocks(path: Path, rule: HandOff | HandOver) -> Iterator[Mistake]:
    """Each has its own name and is called so, since it has a line of its own in reports."""
    names = Counter(each.name for each in rule.clocks)
    called = Counter(each.called for each in rule.clocks)
    for number, clock in enumerate(rule.clocks):
        place: Path = (*path, "clocks", number)
        if clock.name == FIRST_TOUCH:
            hint = "choose another name: reports call so what `first_touch` says"
            yield Mistake((*place, "name"), f"`{clock.name}` is no name for a clock", hint=hint)
        elif names[clock.name] > 1:
            yield Mistake((*place, "name"), f"the clock `{clock.name}` stands twice")
        elif called[clock.called] > 1:
            where = (*place, "label") if clock.label else (*place, "name")
            yield Mistake(where, f"two clocks are called `{clock.called}`", hint="give each its own `label`")


def segment_mistakes(main: Policy, own: Policy) -> Iterator[Mistake]:
    """Hand-overs are those of the main policy."""
    if own.hand_overs != main.hand_overs and own.hand_overs:
        yield Mistake(
            ("hand_overs",),
            "a segment has no hand-overs of its own",
            hint="write them in the main policy; `when` says for which leads one is",
        )


def _stage(place: Path, stage: str, policy: Policy) -> Iterator[Mistake]:
    ladder = tuple(rung.stage for rung in policy.ladder)
    if policy.disqualified is not None and stage == policy.disqualified.stage:
        hint = f"name a stage of the ladder; `leaving` of `hand_overs` says to whom leads in `{stage}` go"
        yield Mistake(place, f"`{stage}` is no stage of the ladder", hint=hint)
    elif stage not in ladder:
        yield Mistake(place, f"`{stage}` is no stage of this policy", policy.stages)


def _names(policy: Policy) -> Iterator[Mistake]:
    names = Counter(each.name for each in policy.hand_overs)
    labels = Counter(each.called for each in policy.hand_overs)
    for index, hand_over in enumerate(policy.hand_overs):
        path: Path = ("hand_overs", index)
        if hand_over.name in TAKEN | KEYS_OF_A_MATCH:
            message = f"`{hand_over.name}` means something else in the roster"
            yield Mistake((*path, "name"), message, hint="choose another name, such as `to_ae`")
        elif names[hand_over.name] > 1:
            yield Mistake((*path, "name"), f"the hand-over `{hand_over.name}` stands twice")
        elif labels[hand_over.called] > 1:
            place = (*path, "label") if hand_over.label else (*path, "name")
            message = f"two hand-overs are called `{hand_over.called}`"
            yield Mistake(place, message, hint="tasks are told apart by it: give each its own `label`")


def _leaving(path: Path, hand_over: HandOver, policy: Policy) -> Iterator[Mistake]:
    if hand_over.leaving is None:
        return
    if policy.disqualified is None:
        message = "no lead leaves the ladder: the policy has no `disqualified`"
        yield Mistake((*path, "leaving"), message, hint="add `disqualified`, or take the hand-over out")
        return
    if hand_over.leaving is True:
        return
    known = reasons_of(policy)
    for name in hand_over.leaving:
        if name not in known:
            yield Mistake((*path, "leaving"), f"`{name}` is no reason of this policy", known)


def reasons_of(policy: Policy) -> tuple[str, ...]:
    """Every reason for which the policy or a segment's disqualifies; `other` where `when` does so by itself."""
    named: dict[str, None] = {}
    for one in (policy, *(segment.policy for segment in policy.segments)):
        leaving = one.disqualified
        if leaving is not None:
            named |= dict.fromkeys(reason.name for reason in leaving.reasons)
            named |= {"other": None} if leaving.when is not None else {}
    return tuple(named)


def _never_counts(path: Path, hand_over: HandOver, later: tuple[HandOver, ...], policy: Policy) -> Iterator[Mistake]:
    covering = next((each for each in later if _covers(each, hand_over, policy)), None)
    if covering is not None:
        yield Mistake(
            (*path, "name"),
            f"`{hand_over.name}` would never count: `{covering.name}`, further down, counts wherever it does",
            hint="of the hand-overs that count the last one holds: order them as leads go through them",
        )


def _covers(later: HandOver, earlier: HandOver, policy: Policy) -> bool:
    """Whether the later one counts wherever the earlier one does."""
    if earlier.leaving is not None or later.leaving is not None:
        if earlier.leaving is None or later.leaving is None:
            return False
        return later.leaving is True or (earlier.leaving is not True and set(earlier.leaving) <= set(later.leaving))
    ladder = [rung.stage for rung in policy.ladder]
    if not {stage for stage in (earlier.stage, later.stage) if stage is not None} <= set(ladder):
        return False
    rung = {None: 0} | {stage: number for number, stage in enumerate(ladder)}
    return rung[later.stage] <= rung[earlier.stage] and set(later.when) <= set(earlier.when)
