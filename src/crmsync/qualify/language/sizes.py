"""How much a policy may ask as a whole, with its segments: every lead is decided in bounded time and memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct

from crmsync.qualify.criteria import Comparison, Criterion, Mistake, Path, Sequence, TextLook
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.language.scores import ActivityRule
from crmsync.qualify.language.walk import criteria_of
from crmsync.qualify.terms.points import milli


class _Limit(Struct, frozen=True):
    """At most so much of something; `size` of one criterion."""

    most: int
    size: Callable[[Criterion, Policy], int]
    message: str
    hint: str


_MOST_DAYS_OF_AGEING = 1_000_000
_SHARED = "each segment's policy counts with all it takes over from the main one"


def _values_looked_up(criterion: Criterion, policy: Policy) -> int:
    """How many values of named lists a comparison holds beside each other."""
    if not isinstance(criterion, Comparison):
        return 0
    names = [name for name in (criterion.in_, criterion.not_in) if isinstance(name, str)]
    lists = [policy.lists.get(name, ()) for name in names]
    return sum(len(values) for values in lists if isinstance(values, tuple))


_LIMITS = (
    _Limit(5_000, lambda *_: 1, "more than 5,000 criteria; a policy this large cannot be read by people", _SHARED),
    _Limit(
        500,
        lambda one, _: int(isinstance(one, Sequence)),
        "more than 500 criteria with `first` and `then`",
        f"name one in `criteria` and refer to it; {_SHARED}",
    ),
    _Limit(
        60_000,
        lambda one, _: one.pattern_size if isinstance(one, TextLook) else 0,
        "all patterns of `matches` and words of `contains_words` together are too large",
        f"repeat less within them, or use `contains_any`; {_SHARED}",
    ),
    _Limit(
        1_000_000,
        _values_looked_up,
        "all criteria together look up more than 1,000,000 values of `lists`",
        f"name the criterion that uses a long list and refer to it; {_SHARED}",
    ),
)


def too_large(policy: Policy) -> Mistake | None:
    """What there is too much of, at the place where it becomes so."""
    left = [limit.most for limit in _LIMITS]
    for path, criterion, of in _everything(policy):
        for index, limit in enumerate(_LIMITS):
            left[index] -= limit.size(criterion, of)
            if left[index] < 0:
                return Mistake(path, limit.message, hint=limit.hint)
    return _ages_too_long(policy)


def _ages_too_long(policy: Policy) -> Mistake | None:
    """Points by age stand in tables with a line for each day; rules that age alike share one."""
    seen: set[tuple[float | None, ...]] = set()
    left = _MOST_DAYS_OF_AGEING
    for place, one in [((), policy), *_segments(policy)]:
        for name, score in one.scores.items():
            for path, rule in score.all_rules():
                if not isinstance(rule, ActivityRule):
                    continue
                ageing = (rule.points, rule.half_life_days, rule.linear_days, rule.after_days)
                if ageing not in seen:
                    seen.add(ageing)
                    halvings = (2 * abs(milli(rule.points))).bit_length()
                    left -= (rule.half_life_days or 0) * halvings + (rule.linear_days or 0) + (rule.after_days or 0)
                if left < 0:
                    hint = "give several rules the same points and `half_life_days`, or shorter ones"
                    return Mistake((*place, "scores", name, *path), "points age in too many ways", hint=hint)
    return None


def _everything(policy: Policy) -> Iterator[tuple[Path, Criterion, Policy]]:
    for place, one in [((), policy), *_segments(policy)]:
        for path, criterion in criteria_of(one):
            yield (*place, *path), criterion, one


def _segments(policy: Policy) -> list[tuple[Path, Policy]]:
    return [(("segments", index, "policy"), segment.policy) for index, segment in enumerate(policy.segments)]
