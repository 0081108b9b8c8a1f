"""How long qualifying takes: `python tests/bench/qualify.py [LEADS] [ACTIVITIES_PER_LEAD]`. Prints, asserts nothing.

The policy is the preset `saas`. Compared in the same run with the naive interpreter of the property tests (plain
Python, one lead after the other, no review day) on some of the same leads. CPU seconds are those of all threads: on
a busy machine they wander less than the clock. Point rules with memory are measured as ratios in the same run.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import cycle
from pathlib import Path
from statistics import median

import numpy as np
import polars as pl

from crmsync.configuration import read_document
from crmsync.model import ACTIVITIES, FACT_DTYPES, FACT_PREFIX, LEADS, Batch
from crmsync.operations.policy.named import preset
from crmsync.operations.policy.written_out import resolved_yaml
from crmsync.qualify.engine.compile import compile_policy
from crmsync.qualify.engine.decide import decide, part_of
from crmsync.qualify.explain import explain
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.language.scores import ActivityRule, Rules, Score, SilenceRule
from crmsync.qualify.telling.reasons import reasons
from crmsync.qualify.terms.activities import Selector
from crmsync.qualify.terms.once_per import Once, OnceInDays, OncePer
from crmsync.qualify.terms.since import Since, SinceWhen
from crmsync.values import replace

sys.path.insert(0, str(Path(__file__).parents[1] / "property" / "qualify"))
from naive_policy import Naive

AS_OF = date(2026, 11, 21)
CREATED = datetime(2026, 1, 1, tzinfo=UTC)
ROUNDS = 5
NAIVE_LEADS = 300
KINDS = ["page_view", "content_download", "webinar", "form_submission", "demo_request", "call", "email", "meeting"]
OUTCOMES = ["connected", "no_answer", "completed", None]


def population(count: int, each: int) -> Batch:
    """Made-up leads, two facts in five unknown; activities over 400 days, sorted by lead."""
    chance = np.random.default_rng(7)
    policy = preset("saas")

    def picked(values: list[str]) -> list[str | None]:
        return [values[at] if at < len(values) else None for at in chance.integers(0, len(values) * 5 // 3, count)]

    facts = {
        name: chance.integers(1, 3000, count) if fact.type == "integer" else picked(list(fact.values or WORDS[name]))
        for name, fact in policy.facts.items()
    }
    blank = dict.fromkeys([*LEADS, "stage_edited_on", "owner_edited_on", "stage_since"])
    told = {**blank, "lead": [f"L{number:07}" for number in range(count)], "managed": True, "created_at": CREATED}
    leads = pl.DataFrame({"row": pl.int_range(count, dtype=pl.UInt32, eager=True)}).with_columns(
        *(pl.Series(key, one) if isinstance(one, list) else pl.lit(one).alias(key) for key, one in told.items())
    )
    schema = {**LEADS, **dict.fromkeys(("stage_edited_on", "owner_edited_on", "stage_since"), pl.Date())}
    types = {name: FACT_DTYPES[fact.type] for name, fact in policy.facts.items()}
    leads = leads.cast(schema).with_columns(
        *(pl.Series(FACT_PREFIX + name, values, dtype=types[name]) for name, values in facts.items())
    )
    size = count * each
    ages = chance.integers(0, 400, size)
    rows = np.sort(chance.integers(0, count, size))
    activities = pl.DataFrame(
        {
            "row": pl.Series(rows, dtype=pl.UInt32),
            "activity": pl.int_range(size, eager=True).cast(pl.String),
            "lead": pl.Series([told["lead"][at] for at in rows]),
            "kind": pl.Series([KINDS[at] for at in chance.integers(0, len(KINDS), size)]),
            "day": pl.Series([AS_OF.toordinal() - 719163] * size, dtype=pl.Int32) - pl.Series(ages, dtype=pl.Int32),
            "outcome": pl.Series([OUTCOMES[at] for at in chance.integers(0, 4, size)]),
            "direction": pl.Series(["inbound"] * size),
            "by": pl.Series([None] * size, dtype=pl.String),
            "by_role": pl.Series([None] * size, dtype=pl.String),
        }
    ).cast({"day": pl.Date()})
    absent = {name: dtype for name, dtype in ACTIVITIES.items() if name not in activities.columns}
    activities = activities.with_columns(pl.lit(None, dtype=dtype).alias(name) for name, dtype in absent.items())
    return Batch(leads, activities.select("row", *ACTIVITIES, "by_role"))


def with_stays(batch: Batch) -> Batch:
    """The batch with a way through the stages for each lead: four moves, one of them out and back."""
    stages, days = ("lead", "mql", "disqualified", "lead", None), (300, 200, 120, 60, 20)
    size = batch.leads.height
    begun = [AS_OF - timedelta(days=ago) for ago in days]
    stays = [
        pl.DataFrame(
            {
                "row": batch.leads["row"],
                "stage": pl.Series([stage] * size, dtype=pl.String),
                "since": [since] * size,
                "until": pl.Series([until] * size, dtype=pl.Date),
                "exact": [since != begun[0]] * size,
            }
        )
        for stage, since, until in zip(stages, begun, [*begun[1:], None], strict=True)
    ]
    return replace(batch, stays=pl.concat(stays))


WORDS = {
    "industry": ["Banking", "Retail", "Farming", "Software"],
    "country": ["Germany", "Italy"],
    "title": ["VP Sales", "Student", "Head of IT", "Clerk"],
    "seniority": ["vp", "manager", "c_level", "junior"],
    "need_detail": ["Hand-overs get lost"],
}


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """(wall, CPU) seconds: medians."""
    told = []
    for _ in range(ROUNDS):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        told.append((time.perf_counter() - wall, time.process_time() - cpu))
    return median(wall for wall, _ in told), median(cpu for _, cpu in told)


def naive_seconds(batch: Batch) -> float:
    """CPU seconds of the naive interpreter for one lead."""
    data = read_document(resolved_yaml(preset("saas")), "saas").data
    mapped = frozenset(data["facts"])
    some = part_of(batch, batch.leads["row"].head(NAIVE_LEADS))
    own: dict[int, list[dict[str, object]]] = {}
    for activity in some.activities.to_dicts():
        own.setdefault(activity["row"], []).append(activity)
    people = [{key.removeprefix(FACT_PREFIX): value for key, value in lead.items()} for lead in some.leads.to_dicts()]
    begun = time.process_time()
    for lead in people:
        present = {key: lead[key] for key in ("stage", "managed", "stage_edited_on", "stage_since")}
        Naive(data, lead, own.get(lead["row"], []), AS_OF, mapped=mapped).everything(**present)
    return (time.process_time() - begun) / len(people)


ONCE_PER: tuple[OncePer, ...] = ("week", "month", "person")


def counted_once(policy: Policy) -> Policy:
    """The policy with every point rule for activities counting once per week, month or person, in turn."""
    turns = cycle(ONCE_PER)

    def once(rules: Rules) -> Rules:
        return tuple(
            one.model_copy(update={"once_per": next(turns)}) if isinstance(one, ActivityRule) else one
            for one in rules
        )

    return with_rules(policy, once)


def with_rules(policy: Policy, change: Callable[[Rules], Rules]) -> Policy:
    """The policy with other rules in its scores."""
    scores = {
        name: score.model_copy(
            update={
                "rules": change(score.rules),
                "groups": tuple(group.model_copy(update={"rules": change(group.rules)}) for group in score.groups),
            }
        )
        for name, score in policy.scores.items()
    }
    return policy.model_copy(update={"scores": scores})


MOMENTS: tuple[SinceWhen, ...] = (
    "recycled",
    Since(reached="mql", if_never="all"),
    Since(first_reached="sql"),
    Since(fact="created_at"),
)


def since_moments(policy: Policy) -> Policy:
    """The policy with every point rule for activities counting since one of four days of the lead's own, in turn."""
    turns = cycle(MOMENTS)

    def since(rules: Rules) -> Rules:
        return tuple(
            one.model_copy(update={"activities": one.activities.model_copy(update={"since": next(turns)})})
            if isinstance(one, ActivityRule)
            else one
            for one in rules
        )

    return with_rules(policy, since)


def once_and_since(policy: Policy) -> Policy:
    """Both of every rule."""
    return since_moments(counted_once(policy))


def later_ageing(policy: Policy) -> Policy:
    """The policy with all ageing of points beginning after four weeks."""

    def later(rules: Rules) -> Rules:
        return tuple(
            one.model_copy(update={"after_days": 28})
            if isinstance(one, ActivityRule) and (one.half_life_days or one.linear_days)
            else one
            for one in rules
        )

    return with_rules(policy, later)


def silences(policy: Policy) -> Policy:
    """The policy with three rules for silence in its engagement, and that score within two combinations more."""
    engagement = policy.scores["engagement"]
    rules = tuple(
        SilenceRule(silence=selector, points=points, per_days=days, cap=20)
        for selector, points, days in (
            (Selector(), -5, 7),
            (Selector(kind=("call", "meeting")), -1, 30),
            (Selector(kind="email", outcome="connected", since=Since(reached="mql")), -2, 14),
        )
    )
    told = {
        "engagement": engagement.model_copy(update={"rules": (*engagement.rules, *rules)}),
        "pair": Score(combine={"engagement": 1, "fit": 0.5}, bands={"high": 30}),
        "whole": Score(combine={"pair": 1, "engagement": -0.2}, bands={"high": 20}),
    }
    return policy.model_copy(update={"scores": {**policy.scores, **told}})


def once_in_days(policy: Policy) -> Policy:
    """The policy with every point rule for activities counting once in 30 days, without ageing."""

    def once(rules: Rules) -> Rules:
        return tuple(
            one.model_copy(update={"once_per": OnceInDays(days=30), "half_life_days": None, "linear_days": None})
            if isinstance(one, ActivityRule)
            else one
            for one in rules
        )

    return with_rules(policy, once)


def running_once(policy: Policy, once: Once = "week") -> Policy:
    """The running totals with one activity of each kind a week counting."""
    told = running_totals(policy)
    scores = {
        name: score.model_copy(
            update={"rules": tuple(one.model_copy(update={"once_per": once}) for one in score.rules)}
        )
        if score.running
        else score
        for name, score in told.scores.items()
    }
    return told.model_copy(update={"scores": scores})


def running_totals(policy: Policy) -> Policy:
    """The policy with two scores more that are held within limits after each day, of all kinds of activities."""
    told = {
        name: Score(
            running=True,
            floor=0,
            cap=cap,
            bands={"high": 50},
            rules=tuple(
                ActivityRule(activities=Selector(kind=kind), points=points)
                for kind, points in zip(KINDS, (1, 5, -25, 10, 30, 5, -2, 20), strict=True)
            ),
        )
        for name, cap in (("running", None), ("capped", 60))
    }
    return policy.model_copy(update={"scores": {**policy.scores, **told}})


VARIANTS: tuple[tuple[str, Callable[[Policy], Policy]], ...] = (
    ("with every rule once per …", counted_once),
    ("with every rule once in 30 days", once_in_days),
    ("with every rule since …", since_moments),
    ("with both", once_and_since),
    ("with ageing after four weeks", later_ageing),
    ("with silence, and combined", silences),
    ("with two running totals", running_totals),
    ("with those once a week", running_once),
    ("with those once in 30 days", partial(running_once, once=OnceInDays(days=30))),
)
"""Of each the processor time as a multiple of that of the policy as it is."""


def main() -> None:
    """One row for each figure."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    each = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    batch = population(count, each)
    policy = preset("saas")
    compiled = compile_policy(policy, mapped_facts=frozenset(policy.facts))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wall, cpu = timed(lambda: decide(compiled, batch, AS_OF))
    added = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    slow = naive_seconds(batch)
    print(f"{count:,} leads, {count * each:,} activities, preset saas, medians of {ROUNDS}")
    print(f"decide, with review days        {wall:8.2f} s   {cpu:8.2f} CPU s   {cpu / count * 1e6:8.1f} µs a lead")
    print(f"naive interpreter, without them {'':10}   {slow * count:8.0f} CPU s   {slow * 1e6:8.1f} µs a lead")
    print(f"ratio of CPU seconds            {slow * count / cpu:8.0f}")
    print(f"memory added by decide          {added:8.0f} MiB")
    lived = with_stays(batch)
    for what, change in VARIANTS:
        other = compile_policy(change(policy), mapped_facts=frozenset(policy.facts))
        _, spent = timed(partial(decide, other, lived, AS_OF))
        print(f"{what:31} {'':10}   {spent:8.2f} CPU s   {spent / cpu:8.2f} times as much")
    decisions = decide(compiled, batch, AS_OF)
    one = part_of(batch, batch.leads["row"].head(1))
    for what, some, work in (
        ("reasons of 1,000 leads", 1000, lambda: reasons(compiled, batch, decisions, range(1000))),
        ("explain 1 lead, no ways", 1, lambda: explain(compiled, one, AS_OF, ways=False)),
        ("explain 1 lead, with ways", 1, lambda: explain(compiled, one, AS_OF)),
    ):
        wall, cpu = timed(work)
        print(f"{what:31} {wall:8.3f} s   {cpu:8.3f} CPU s   {cpu / some * 1e6:8.0f} µs a lead")


if __name__ == "__main__":
    main()
