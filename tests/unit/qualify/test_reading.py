"""Policies from files: mistakes at their place, presets, lists, segments."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from crmsync.configuration import read_document
from crmsync.errors import ConfigurationError, UsageError
from crmsync.qualify.engine.compile import compile_policy
from crmsync.qualify.engine.decide import decide
from crmsync.qualify.examples import Example, batch_of
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.language.reading import files_needed, policy_from

AS_OF = date(2026, 11, 21)
SMALL = """\
name: small
facts:
  employees: {type: integer}
  budget: {type: choice, values: [available, none]}
  close_date: {type: date}
criteria:
  large: {fact: employees, at_least: 50}
scores:
  fit: {rules: [{when: large, points: 10}], bands: {A: 10}}
ladder:
  - {stage: lead}
  - {stage: sql, when: large}
"""


def policy(text: str, presets: dict[str, str] | None = None, files: dict[str, str] | None = None) -> Policy:
    documents = {name: read_document(preset, f"{name}.yaml") for name, preset in (presets or {}).items()}
    return policy_from(read_document(text, "policy.yaml"), documents, files)


def refusal(text: str, presets: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigurationError) as caught:
        policy(text, presets)
    return str(caught.value)


MISTAKES = {
    "a misspelt fact": (
        ("{fact: employees, at_least", "{fact: employes, at_least"),
        ("policy.yaml:7:17", "`employes` is no fact", "did you mean `employees`?"),
    ),
    "a misspelt key": (
        ("at_least: 50", "atleast: 50"),
        ("policy.yaml:7:28", "`atleast` is not known here", "did you mean `at_least`?"),
    ),
    "a misspelt key of a criterion in another": (
        ("{fact: employees, at_least: 50}", "{all: [{fact: employees, atleast: 50}]}"),
        ("policy.yaml:7:35", "`atleast` is not known here", "did you mean `at_least`?"),
    ),
    "a misspelt key of a segment's policy": (
        ("ladder:", "segments: [{name: some, when: large, policy: {laddr: []}}]\nladder:"),
        ("policy.yaml:10:47", "`laddr` is not known here", "did you mean `ladder`?"),
    ),
    "a misspelt kind of criterion": (
        ("large: {fact: employees, at_least: 50}", "large: {fatc: employees}"),
        ("policy.yaml:7:10", "no criterion begins with `fatc`", "did you mean `fact`?"),
    ),
    "a misspelt criterion": (
        ("when: large}\n", "when: larg}\n"),
        ("policy.yaml:12:24", "`larg` is no criterion", "did you mean `large`?"),
    ),
    "a misspelt choice": (
        ("at_least: 50}", "at_least: 50}\n  rich: {fact: budget, is: availible}"),
        ("policy.yaml:8:28", "`availible` is not a choice of `budget`", "did you mean `available`?"),
    ),
    "a fact type that is none": (
        ("type: integer", "type: intger"),
        ("policy.yaml:3:21", "`intger` is not a valid type", "did you mean `integer`?"),
    ),
    "a text where a number belongs": (
        ("at_least: 50}", "at_least: fifty}"),
        ("policy.yaml:7:38", "a number belongs here, not `fifty`"),
    ),
    "a size of a date": (
        ("{fact: employees, at_least: 50}", "{fact: close_date, at_least: 50}"),
        ("policy.yaml:7:", "`close_date` is of type date; it has no size", "`within_days`"),
    ),
    "another fact that is none": (
        ("at_least: 50}", "at_least: {fact: licences}}"),
        ("policy.yaml:7:45", "`licences` is no fact"),
    ),
    "another fact that has no size": (
        ("at_least: 50}", "at_least: {fact: budget}}"),
        ("policy.yaml:7:45", "`budget` is of type choice; it has no size to compare"),
    ),
    "a fact beside itself": (
        ("at_least: 50}", "above: {fact: employees}}"),
        ("policy.yaml:7:42", "`employees` is compared with itself"),
    ),
    "a band that is compared with one number": (
        ("criteria:\n", "derived: {size: {range_of: budget}}\ncriteria:\n  sized: {fact: size, is: 5}\n"),
        ("policy.yaml:8:27", "`size` is a range; ask it `at_least`"),
    ),
    "a score that is none": (
        ("at_least: 50}", "at_least: 50}\n  fits: {score: fitt, at_least: 5}"),
        ("policy.yaml:8:17", "`fitt` is no score", "did you mean `fit`?"),
    ),
    "a stage that is none": (
        ("ladder:", "hand_off: {stage: sqll}\nladder:"),
        ("policy.yaml:10:19", "`sqll` is no stage", "did you mean `sql`?"),
    ),
    "a stage twice": (("{stage: sql,", "{stage: lead,"), ("policy.yaml:11:", "`lead` stands twice")),
    "a condition of the lowest stage": (
        ("{stage: lead}", "{stage: lead, when: large}"),
        ("policy.yaml:11:5", "the lowest stage has no conditions", "put a stage such as `lead` below it"),
    ),
    "a stage without a condition": (
        (", when: large}\n", "}\n"),
        ("policy.yaml:12:5", "the stage `sql` has no `when`"),
    ),
    "a criterion that depends on itself": (
        ("at_least: 50}", "at_least: 50}\n  one: {all: [two, large]}\n  two: {not: one}"),
        ("policy.yaml:9:14", "`one` depends on itself: one → two → one"),
    ),
    "a stage that depends on itself": (
        ("{fact: employees, at_least: 50}", "{meets: sql}"),
        ("policy.yaml:12:24", "depends on itself"),
    ),
    "a score that depends on itself": (
        ("{fact: employees, at_least: 50}", "{score: fit, at_least: 5}"),
        ("policy.yaml:9:", "depends on itself"),
    ),
    "an impossible number of criteria": (
        ("at_least: 50}", "at_least: 50}\n  many: {at_least: 3, of: [large]}"),
        ("policy.yaml:8:9", "`at_least: 3` of 1 can never be met"),
    ),
    "an empty window": (
        ("at_least: 50}", "at_least: 50}\n  never: {activities: {within_days: 3, older_than_days: 3}}"),
        ("policy.yaml:8:", "no activity is at most 3 and more than 3 days old"),
    ),
    "a pattern with look-around": (
        ("type: integer}", "type: integer}\n  title: {type: text}"),
        (),
    ),
    "no ladder": (
        ("ladder:\n  - {stage: lead}\n  - {stage: sql, when: large}\n", ""),
        ("the policy has no `ladder`", "`extends`"),
    ),
    "a built-in fact declared": (
        ("type: integer}", "type: integer}\n  email: {type: text}"),
        ("policy.yaml:4:10", "`email` is built in"),
    ),
    "a list of texts for a number": (
        ("at_least: 50}", "in: sizes}\nlists: {sizes: [5, '50']}"),
        ("policy.yaml:7:32", "`50` of the list `sizes` cannot be a value of `employees`", "without quotation marks"),
    ),
    "a list of numbers for a choice": (
        ("{fact: employees, at_least: 50}", "{fact: budget, not_in: sizes}\nlists: {sizes: [none, 5]}"),
        ("policy.yaml:7:33", "`5` of the list `sizes` cannot be a value of `budget`", "between quotation marks"),
    ),
    "a text that is asked for nothing": (
        ("{fact: employees, at_least: 50}", "{fact: budget, contains_any: }"),
        ("policy.yaml:7:10", "`contains_any` has no value", "write one, or take `contains_any:` out"),
    ),
    "activities of no kind": (
        ("{fact: employees, at_least: 50}", "{activities: {kind: , within_days: 30}}"),
        ("policy.yaml:7:23", "`kind` has no value", "write one, or take `kind:` out"),
    ),
    "points for activities of no kind": (
        ("rules: [{when: large,", "rules: [{activities: {kind: },"),
        ("policy.yaml:9:30", "`kind` has no value"),
    ),
    "a limit that is none": (
        ("at_least: 50}", "at_least: 50, at_most: }"),
        ("policy.yaml:7:10", "`at_most` has no value"),
    ),
    "a way back that leads nowhere": (
        ("ladder:", "disqualified: {when: large, recycle: {after_days: 1, to: disqualified}}\nladder:"),
        ("policy.yaml:10:58", "`disqualified` stands beside the ladder", "lead or sql"),
    ),
    "the word of sales for a stage beside the ladder": (
        (
            "ladder:",
            "disqualified: {when: large}\n"
            "sales_confirmation: {stage: disqualified, mode: required, evidence: large}\nladder:",
        ),
        ("policy.yaml:11:29", "`disqualified` stands beside the ladder"),
    ),
    "the word of sales for the lowest stage": (
        ("ladder:", "sales_confirmation: {stage: lead, mode: required, evidence: large}\nladder:"),
        ("policy.yaml:10:29", "`lead` is the lowest stage, and every lead stands at least there"),
    ),
    "a stage that needs nothing any more": (
        (", when: large}\n", "}\nsales_confirmation: {stage: sql, mode: waived}\n"),
        ("policy.yaml:12:5", "the stage `sql` has no `when`"),
    ),
    "a reason that is called as none is": (
        ("ladder:", "disqualified: {when: large, reasons: [{name: other, when: large}]}\nladder:"),
        ("policy.yaml:10:", "`other` is the reason of leads for which `when` alone is met"),
    ),
    "an unknown preset": (("name: small", "extends: sass"), ("policy.yaml:1:10", "there is no preset `sass`")),
    "a choice without values": (
        ("type: integer}", "type: choice}"),
        ("policy.yaml:3:14", "a `choice` needs its `values`"),
    ),
}
del MISTAKES["a pattern with look-around"]


@pytest.mark.parametrize(("change", "told"), MISTAKES.values(), ids=list(MISTAKES))
def test_mistakes_are_told_at_their_place(change: tuple[str, str], told: tuple[str, ...]) -> None:
    old, new = change
    assert old in SMALL
    message = refusal(SMALL.replace(old, new))
    assert [part for part in told if part not in message] == [], message


def test_the_unspoilt_policy_is_right() -> None:
    assert policy(SMALL).stages == ("lead", "sql")


def test_all_mistakes_are_told_at_once() -> None:
    message = refusal(SMALL.replace("employees, at_least", "employes, at_least").replace("points: 10", "points: x"))
    assert "points" in message
    message = refusal(SMALL.replace("{fact: employees", "{fact: employes").replace("when: large}\n", "when: lrge}\n"))
    assert "employes" in message
    assert "lrge" in message


@pytest.mark.parametrize("pattern", ["(?=x)y", r"(a)\1", "(", "a{1000}{1000}{1000}"])
def test_patterns_that_cannot_run_are_refused(pattern: str) -> None:
    text = SMALL.replace("type: integer}", "type: integer}\n  title: {type: text}")
    text = text.replace("at_least: 50}", f"at_least: 50}}\n  odd: {{fact: title, matches: '{pattern}'}}")
    assert "policy.yaml:9:" in refusal(text)


PARENT = SMALL + "movement: {hands_off_days: 5, backward: allowed}\nnext_action: {lead: wait, sql: call}\n"


def test_extending_merges_by_name() -> None:
    own = """\
extends: parent
name: own
criteria: {large: {fact: employees, at_least: 500}, small: {not: large}}
scores: {fit: {cap: 5}}
movement: {hands_off_days: 30}
next_action: {lead: null}
"""
    merged = policy(own, {"parent": PARENT})
    assert merged.name == "own"
    assert set(merged.criteria) == {"large", "small"}
    assert merged.criteria["large"].at_least == 500  # type: ignore[union-attr]
    assert merged.scores["fit"].cap == 5
    assert len(merged.scores["fit"].rules) == 1
    assert (merged.movement.hands_off_days, merged.movement.backward) == (30, "allowed")
    assert merged.next_action == {"sql": "call"}


@pytest.mark.parametrize("own", ["{tug_of_war: null}", "{tug_of_war: null, hands_off_days: 3}"])
def test_a_null_that_says_something_is_not_taken_away(own: str) -> None:
    """Else crmsync would give in after three times all the same. Everything else in `movement` may be taken away."""
    parent = {"parent": PARENT.replace("{hands_off_days", "{tug_of_war: 2, hands_off_days")}
    child = {**parent, "child": f"extends: parent\nname: child\nmovement: {own}\n"}
    for presets, base in ((parent, "parent"), (child, "child")):
        assert policy(f"extends: {base}\nmovement: {own}\n", presets).movement.tug_of_war is None
    assert policy("extends: child\n", child).movement.tug_of_war is None
    assert policy("extends: child\nmovement: {tug_of_war: 4, backward: null}\n", child).movement.tug_of_war == 4
    taken = "extends: parent\ncriteria: {tug_of_war: null}\nmovement: {backward: null}\n"
    assert policy(taken, parent).movement.backward == "never"


def test_a_mistake_in_an_override_is_told_in_the_own_file() -> None:
    own = "extends: parent\nname: own\ncriteria:\n  large: {fact: employes, at_least: 5}\n"
    assert "policy.yaml:4:17" in refusal(own, {"parent": PARENT})


def test_what_an_override_breaks_is_told_in_the_own_file() -> None:
    message = refusal("name: own\nextends: parent\nfacts: {employees: null}\n", {"parent": PARENT})
    assert message.startswith("policy.yaml:2:10")


def test_presets_that_extend_each_other_are_refused() -> None:
    presets = {"one": "extends: two\nname: one\n", "two": "extends: one\nname: two\n"}
    assert "in a circle" in refusal("extends: one\n", presets)


def test_lists_from_files() -> None:
    text = SMALL.replace("criteria:", "lists: {sizes: {file: sizes.txt}, names: {file: names.txt}}\ncriteria:")
    text = text.replace("type: integer}", "type: integer}\n  company_name: {type: text}")
    text = text.replace("at_least: 50}", "at_least: 50}\n  named: {fact: company_name, in: names}")
    assert files_needed(read_document(text, "policy.yaml"), {}) == {
        "sizes.txt": ("lists", "sizes", "file"),
        "names.txt": ("lists", "names", "file"),
    }
    read = policy(text, files={"sizes.txt": "", "names.txt": "Acme  # our own\n\n# nobody\nAlder GmbH\n"})
    assert read.lists["names"] == ("Acme", "Alder GmbH")
    with pytest.raises(ConfigurationError, match=r"policy.yaml:\d+:\d+: the file `sizes.txt` was not found"):
        policy(text, files={"names.txt": "Acme"})


def test_compiling_without_list_files_is_refused() -> None:
    text = SMALL.replace("criteria:", "lists: {names: {file: names.txt}}\ncriteria:")
    unread = Policy.model_validate(read_document(text, "policy.yaml").data)
    with pytest.raises(UsageError, match="was not read"):
        compile_policy(unread, mapped_facts=frozenset())


SEGMENTED = (
    SMALL
    + """\
segments:
  - name: rich
    when: {fact: budget, is: available}
    policy:
      criteria: {large: {fact: employees, at_least: 10}}
  - name: poor
    when: {fact: budget, is: none}
    policy:
      ladder: [{stage: lead}, {stage: sql, when: {not: large}}]
"""
)


def decided(text: str, *facts: dict[str, Any]) -> list[tuple[str, str]]:
    read = policy(text)
    compiled = compile_policy(read, mapped_facts=frozenset(read.all_facts))
    examples = [Example(name="x", facts=one, expect={}) for one in facts]  # type: ignore[arg-type]
    decisions = decide(compiled, batch_of(read, examples, AS_OF), AS_OF)
    return list(decisions.select("policy", "stage").iter_rows())


def test_the_first_segment_that_is_met_decides() -> None:
    rich, poor = {"budget": "available", "employees": 20}, {"budget": "none", "employees": 20}
    assert decided(SEGMENTED, rich, poor) == [("rich", "sql"), ("poor", "sql")]


def test_an_unknown_segment_never_promotes() -> None:
    """With 20 employees both segments give sql and the main policy lead; with 60 the second gives lead."""
    assert decided(SEGMENTED, {"employees": 20}, {"employees": 60}) == [("small", "lead"), ("poor", "lead")]


def test_columns_do_not_depend_on_the_batch() -> None:
    read = policy(SEGMENTED)
    compiled = compile_policy(read, mapped_facts=frozenset(read.all_facts))
    one = decide(compiled, batch_of(read, [], AS_OF), AS_OF)
    example = Example(name="x", facts={"budget": "none"}, expect={})  # type: ignore[arg-type]
    assert one.schema == decide(compiled, batch_of(read, [example], AS_OF), AS_OF).schema


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            ("ladder: [{stage: lead}, {stage: sql", "ladder: [{stage: lead}, {stage: odd"),
            "uses stages of the main ladder",
        ),
        (("name: poor", "name: rich"), "stands twice"),
        (("name: poor", "name: small"), "stands twice"),
        (("{not: large}", "{not: larg}"), "policy.yaml:21:56: `larg` is no criterion"),
        (("policy:\n      criteria", "policy:\n      criterias"), "`criterias` is not known here"),
    ],
)
def test_mistakes_in_segments(change: tuple[str, str], told: str) -> None:
    assert change[0] in SEGMENTED
    assert told in refusal(SEGMENTED.replace(*change))


def test_json_schema_accepts_the_presets_and_refuses_mistakes() -> None:
    validator = Draft202012Validator(Policy.model_json_schema())
    Draft202012Validator.check_schema(Policy.model_json_schema())
    data = read_document(SMALL, "policy.yaml").data
    assert not list(validator.iter_errors(data))
    data["criteria"]["large"]["atleast"] = 3
    assert list(validator.iter_errors(data))


def test_the_digest_tells_policies_apart() -> None:
    one, same, other = policy(SMALL), policy(SMALL), policy(SMALL.replace("50", "51"))
    assert one.digest == same.digest != other.digest


def test_what_a_policy_needs_of_a_mapping() -> None:
    text = SMALL.replace("at_least: 50}", "at_least: 50}\n  called: {activities: {kind: [call, meeting]}}")
    compiled = compile_policy(policy(text), mapped_facts=frozenset({"employees"}))
    assert compiled.needs_facts == {"employees"}
    assert compiled.conditions == ("large", "called", "ladder.sql")
    assert compiled.lowest_stage == "lead"
