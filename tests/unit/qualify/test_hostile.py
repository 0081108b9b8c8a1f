"""Policies meant to hurt: refused with a place, or run in bounded time. No clock is asserted, only that all ends."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from crmsync.configuration import read_document
from crmsync.errors import ConfigurationError
from crmsync.qualify.engine.compile import compile_policy
from crmsync.qualify.engine.decide import decide
from crmsync.qualify.examples import Example, ExampleActivity, Expectation, batch_of
from crmsync.qualify.explain import explain
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.language.reading import policy_from
from crmsync.qualify.telling.explanation import Explanation
from suite.breadth import broadly

HEAD = "name: hostile\nfacts: {n: {type: integer}, t: {type: text}, d: {type: date}}\n"
LADDER = "ladder: [{stage: lead}]\n"


def policy(text: str) -> Policy:
    return policy_from(read_document(text, "policy.yaml"), {})


def refused(text: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        policy(text)
    return str(caught.value)


def criteria(lines: list[str]) -> str:
    return HEAD + "criteria:\n" + "".join(f"  {line}\n" for line in lines) + LADDER


def sequences(number: int) -> str:
    return ", ".join(f"{{first: {{kind: a, within_days: {day}}}, then: {{kind: b}}}}" for day in range(number))


def decided(read: Policy, example: Example, as_of: date = date(2026, 11, 21)) -> Explanation:
    """The policy decides the lead, in bulk and with its whole story, and both agree."""
    compiled = compile_policy(read, mapped_facts=frozenset(read.facts))
    batch = batch_of(read, [example], as_of)
    decision = decide(compiled, batch, as_of)
    [story] = explain(compiled, batch, as_of)
    assert decision["stage"].to_list() == [story.stage]
    return story


ANYBODY = Example(
    name="anybody",
    facts={"n": 5, "t": "a" * 5000, "d": date(2026, 1, 1)},
    activities=(ExampleActivity(kind="call", days_ago=3),),
    expect=Expectation(),
)


def test_ten_thousand_criteria_are_refused() -> None:
    told = refused(criteria([f"c{number}: {{fact: n, is: {number}}}" for number in range(10_000)]))
    assert "policy.yaml:4:3" in told


def test_thousands_of_nested_criteria_are_refused() -> None:
    nested = "".join("\n    - {fact: n, is: 1}" for _ in range(450))
    told = refused(criteria([f"c{number}:\n   any:{nested}" for number in range(12)]))
    assert "more than 5,000 criteria" in told


def test_a_long_chain_is_refused() -> None:
    chain = ["c0: {fact: n, is: 1}", *(f"c{number}: {{not: c{number - 1}}}" for number in range(1, 999))]
    assert "inside each other" in refused(criteria(chain))


def test_a_chain_at_the_limit_runs() -> None:
    chain = ["c0: {fact: n, is: 1}", *(f"c{number}: {{not: c{number - 1}}}" for number in range(1, 49))]
    story = decided(policy(criteria(chain)), ANYBODY)
    assert [story.conditions[name] for name in ("c0", "c1", "c48")] == ["not_met", "met", "not_met"]


def test_doubling_criteria_do_not_double_the_work() -> None:
    """Each names the one before twice: 2^32 paths lead down, one column each is made, and sentences stay short."""
    chain = ["c0: {fact: n, is: 1}", *(f"c{n}: {{any: [c{n - 1}, {{all: [c{n - 1}]}}]}}" for n in range(1, 33))]
    read = policy(criteria(chain).replace("[{stage: lead}]", "[{stage: lead}, {stage: sql, when: c32}]"))
    assert decided(read, ANYBODY).conditions["c32"] == "not_met"
    five = ANYBODY.model_copy(update={"facts": {"n": 1}})
    assert decided(read, five).stage == "sql"


@pytest.mark.breadth
def test_a_thousand_criteria_run() -> None:
    lines = [f"c{number}: {{activities: {{kind: k{number % 50}, within_days: {number}}}}}" for number in range(1000)]
    called = ANYBODY.model_copy(update={"activities": (ExampleActivity(kind="k7", days_ago=100),)})
    met = {name for name, verdict in decided(policy(criteria(lines)), called).conditions.items() if verdict == "met"}
    assert met == {f"c{number}" for number in range(100, 1000) if number % 50 == 7}


@pytest.mark.breadth
def test_hundreds_of_sequences_run() -> None:
    """Each is a query of its own; their planning must not take the square of their number."""
    lines = [f"c{n}: {{first: {{kind: a, within_days: {n}}}, then: {{kind: b}}}}" for n in range(300)]
    both = (ExampleActivity(kind="a", days_ago=200), ExampleActivity(kind="b", days_ago=100))
    story = decided(policy(criteria(lines)), ANYBODY.model_copy(update={"activities": both}))
    assert (story.conditions["c199"], story.conditions["c200"]) == ("not_met", "met")


def test_a_catastrophic_pattern_takes_linear_time() -> None:
    lines = ["c: {fact: t, matches: '(a+)+$'}", "e: {fact: t, matches: '^(a|aa)+b'}", "f: {fact: t, matches: (a*)*c}"]
    story = decided(policy(criteria(lines)), ANYBODY)
    assert dict(story.conditions) == {"c": "met", "e": "not_met", "f": "not_met"}


def test_a_list_that_is_too_long_is_told_in_plain_words() -> None:
    told = refused(criteria([f"c: {{fact: t, in: [{', '.join(f'v{number}' for number in range(10_001))}]}}"]))
    assert told == "policy.yaml:4:20: `in` has 10,001 entries; at most 10,000 belong here"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("c: {fact: n, at_least: .nan}", "policy.yaml:4:26: `.nan` is not a number one can count with"),
        ("c: {fact: n, at_least: 1e999}", "policy.yaml:4:26: `1e999` is not a number one can count with"),
        ("c: {fact: n, is: 0xFFFFFFFFFFFFFFFFFFFF}", "policy.yaml:4:20: "),
        (
            "c: {fact: n, is: 1:30:00}",
            "policy.yaml:4:20: `1:30:00` cannot be a value of `n`, which is of type",
        ),
        ("c: {fact: d, before: 2026-02-30}", "policy.yaml:4:24: `2026-02-30` is not a value crmsync can read"),
        ("c: {fact: d, before: 10000-01-01}", "policy.yaml:4:24: a day such as 2026-12-31"),
        ("c: {fact: d, before: 2026-01-01T10:00:00Z}", "policy.yaml:4:24: a day such as 2026-12-31"),
        ("c: {fact: t, matches: '((a{1,1000}){1,1000}){1,1000}'}", "policy.yaml:4:6: "),
        ("c: {fact: t, matches: '(?=a)b'}", "policy.yaml:4:25: `(?=a)b` is not a pattern crmsync can run"),
        ("'#meets.sql': {fact: n, is: 1}", "policy.yaml:4:3: `#meets.sql` is no name; use letters"),
        ('"a\\nb": {fact: n, is: 1}', "policy.yaml:4:3: "),
        ("c: {score: s, at_least: 1}", "policy.yaml:4:14: `s`"),
        ("c: c", "policy.yaml:4:6: `c` depends on itself: c → c"),
    ],
)
def test_odd_values_are_refused_at_their_place(line: str, words: str) -> None:
    assert refused(criteria([line])).startswith(words)


def test_circles_through_scores_and_stages_are_refused() -> None:
    through_score = criteria(["c: {score: s, at_least: 1}"]) + "scores: {s: {rules: [{when: c, points: 1}]}}\n"
    assert "`c` depends on itself: c → s → c" in refused(through_score)
    through_stage = criteria(["c: {meets: sql}"]).replace("[{stage: lead}]", "[{stage: lead}, {stage: sql, when: c}]")
    assert "`c` depends on itself: c → sql → c" in refused(through_stage)


@pytest.mark.parametrize(
    "line",
    [
        "c: {fact: n, at_least: 1e300}",
        "c: {fact: n, is: 99999999999999999999}",
        "c: {activities: {within_days: 99999999}}",
        "c: {activities: {within_days: -1}}",
        "c: {activities: {}, at_least: 99999999}",
        "c: {fact: d, within_days: 40000}",
        "c: {fact: n, at_least: true}",
        "c: {fact: n, at_least: '5'}",
        "c: {fact: n, at_least: null}",
        "c: {fact: d, before: 5}",
    ],
)
def test_absurd_numbers_are_refused_at_their_place(line: str) -> None:
    assert "policy.yaml:4:" in refused(criteria([line]))


@pytest.mark.parametrize(
    "rule",
    [
        "{when: c, points: 1e9}",
        "{activities: {}, points: 1, half_life_days: 0}",
        "{activities: {}, points: 1, half_life_days: 99999}",
        "{activities: {}, points: 1, cap: -1}",
        "{activities: {}, points: 1, half_life_days: 5, linear_days: 5}",
    ],
)
def test_absurd_points_are_refused_at_their_place(rule: str) -> None:
    text = criteria(["c: {fact: n, is: 1}"]) + f"scores: {{s: {{rules: [{rule}]}}}}\n"
    assert "policy.yaml:6:" in refused(text)


def test_the_largest_points_fit() -> None:
    rules = ", ".join("{activities: {}, points: 1000000, half_life_days: 3650}" for _ in range(3))
    text = HEAD + LADDER + f"scores: {{s: {{rules: [{rules}], bands: {{A: 1}}}}, c: {{combine: {{s: 100}}}}}}\n"
    many = Example(
        name="many",
        activities=(ExampleActivity(kind="call", days_ago=0, times=1000),) * 20,
        expect=Expectation(),
    )
    read = policy(text)
    compiled = compile_policy(read, mapped_facts=frozenset(read.facts))
    decision = decide(compiled, batch_of(read, [many], date(2026, 11, 21)), date(2026, 11, 21))
    assert decision["score.s.low"].to_list() == decision["score.c.low"].to_list() == [10**12]


@pytest.mark.parametrize("as_of", [date(1, 1, 1), date(1970, 1, 1), date(2024, 2, 29), date(9999, 12, 31)])
@pytest.mark.parametrize("day", [date(1, 1, 1), date(9999, 12, 31)])
def test_first_and_last_days(as_of: date, day: date) -> None:
    lines = [
        "a: {fact: d, within_days: 36500}",
        "b: {fact: d, more_than_days_ago: 36500}",
        f"c: {{fact: d, before: {day}}}",
    ]
    read = policy(criteria([*lines, "e: {fact: since, at_least: 3}"]) + "derived: {since: {days_since: d}}\n")
    story = decided(read, Example(name="edge", facts={"d": day}, expect=Expectation()), as_of)
    ago = (as_of - day).days
    expected = {"a": -36_500 <= ago <= 0, "b": ago > 36_500, "c": False, "e": ago >= 3}
    assert story.conditions == {name: "met" if met else "not_met" for name, met in expected.items()}


def test_words_that_look_like_columns_and_patterns() -> None:
    lines = ["c: {fact: t, is: '^.*$'}", "e: {fact: t, contains_any: '('}", "f: {activities: {kind: '^call$'}}"]
    call = ExampleActivity(kind="^call$", days_ago=1)
    odd = Example(name="odd", facts={"t": "^.*$ ("}, activities=(call,), expect=Expectation())
    assert decided(policy(criteria(lines)), odd).conditions == {"c": "not_met", "e": "met", "f": "met"}
    assert decided(policy(criteria(lines)), ANYBODY).conditions == {"c": "not_met", "e": "not_met", "f": "not_met"}


@pytest.mark.parametrize(
    ("lines", "words"),
    broadly(
        [
            (
                [f"c{n}: {{any: [{sequences(100)}]}}" for n in range(6)],
                "more than 500 criteria with `first` and `then`",
            ),
            ([f"c{n}: {{fact: t, matches: '\\w{{100}}{n}'}}" for n in range(1000)], "all patterns of `matches`"),
            (
                ["c: {fact: t, matches: '((a{99}){99}){99}'}"],
                "words of `contains_words` together are too large",
            ),
            (["c: {fact: t, is: " + "x" * 501 + "}"], "policy.yaml:4:20: a text of 501 characters"),
            (['c: {fact: t, is: "\\ud800"}'], "policy.yaml:4:20: half a character"),
            (["c: {fact: t, is: a\x01b}"], "policy.yaml:4:21: the character U+0001 is no text"),
            (["c: {<<: {fact: n}, is: 1}"], "policy.yaml:4:7: `<<` is not used here; write the values out"),
            (["c: {fact: n, at_least: true}"], "policy.yaml:4:26: a number belongs here, not `true`"),
            (["c: " + "[" * 5_000], "policy.yaml:4:44: nested more than 40 levels deep"),
        ],
        core=4,
    ),
    ids=["sequences", "patterns", "repetitions", "text", "surrogate", "control", "merge", "boolean", "depth"],
)
def test_what_would_take_too_much_is_refused(lines: list[str], words: str) -> None:
    assert words in refused(criteria(lines))


def of_list(criteria_lines: list[str], values: int) -> str:
    text = criteria(criteria_lines).replace("criteria:", "lists: {l: {file: l.txt}}\ncriteria:")
    with pytest.raises(ConfigurationError) as caught:
        policy_from(read_document(text, "policy.yaml"), {}, {"l.txt": "\n".join(f"v{n}" for n in range(values))})
    return str(caught.value)


def test_long_lists_looked_up_again_and_again_are_refused() -> None:
    told = of_list([f"c{n}: {{fact: t, in: l}}" for n in range(30)], 50_000)
    assert told.startswith("policy.yaml:25:8: all criteria together look up more than 1,000,000 values of `lists`")


def test_points_that_age_in_too_many_ways_are_refused() -> None:
    rules = ", ".join(f"{{activities: {{}}, points: 1, half_life_days: {days}}}" for days in range(3300, 3600))
    assert "points age in too many ways" in refused(HEAD + LADDER + f"scores: {{s: {{rules: [{rules}]}}}}\n")


@pytest.mark.breadth
def test_points_by_many_values_and_conditions_run() -> None:
    """Each is a column of its own, not a condition within a condition within a condition."""
    values = ", ".join(f"v{number}: {number}" for number in range(400))
    options = ", ".join(f"{{when: {{fact: n, is: {number}}}, points: {number}}}" for number in range(400))
    rules = [f"{{fact: t, values: {{{values}}}}}" for _ in range(5)] + [f"{{first: [{options}]}}" for _ in range(5)]
    read = policy(HEAD + LADDER + f"scores: {{s: {{rules: [{', '.join(rules)}]}}}}\n")
    as_of = date(2026, 11, 21)
    facts: list[dict[str, Any]] = [{"n": 7, "t": "V9"}, {}, {"n": -1, "t": "other"}]
    batch = batch_of(read, [ANYBODY.model_copy(update={"facts": known}) for known in facts], as_of)
    decision = decide(compile_policy(read, mapped_facts=frozenset(read.facts)), batch, as_of)
    assert decision["score.s.low"].to_list() == [5 * 7_000 + 5 * 9_000, 0, 0]
    assert decision["score.s.high"].to_list() == [5 * 7_000 + 5 * 9_000, 10 * 399_000, 0]


def test_only_the_first_mistakes_are_told() -> None:
    told = refused(criteria([f"c{number}: {{fact: x{number}, is: 1}}" for number in range(900)]))
    assert told.count("is no fact of this policy") == 50
    assert "… and" in told.splitlines()[-1]


def test_one_file_in_very_many_lists_is_refused() -> None:
    lists = ", ".join(f"l{number}: {{file: l.txt}}" for number in range(50))
    text = criteria(["c: {fact: t, in: l1}"]).replace("criteria:", f"lists: {{{lists}}}\ncriteria:")
    with pytest.raises(ConfigurationError, match=r"policy\.yaml:3:1: all `lists` together have more than 2,000,000"):
        policy_from(read_document(text, "policy.yaml"), {}, {"l.txt": "v\n" * 50_000})
