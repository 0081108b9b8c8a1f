"""Words of policy, mapping and roster are compared with what gives them: some are wrong, others worth a look."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_settings import MAPPING, POLICY, ROSTER, USERS, held, told

from crmsync.connection.prepared import Prepared
from crmsync.connection.word_doubts import word_doubts
from crmsync.contract import Choice, CrmUser, NativeField
from crmsync.errors import ConfigurationError

CLOSED = MAPPING.replace(
    "kind: {from: Type}",
    "by: OwnerId, kind: {from: Type, values: {C: call, D: demo}}, outcome: {from: Way, values: {A: connected}}",
)


def asking(activities: str) -> str:
    return POLICY.replace("ladder:", f"criteria: {{talked: {{activities: {activities}}}}}\nladder:")


def doubts(ready: Prepared, *types: str) -> list[str]:
    kinds = NativeField("Type", "Type", "picklist", writable=True, choices=tuple(Choice(t, t) for t in types))
    folder = ready.settings.directory
    return [str(each).replace(f"{folder}/", "") for each in word_doubts(ready, {"Task": {"Type": kinds}})]


def test_what_fits_gives_no_doubt(tmp_path: Path) -> None:
    ready = held(
        tmp_path, mapping=CLOSED, policy=asking("{kind: [call, demo], outcome: connected, by_role: [ae, bdr]}")
    )
    assert doubts(ready) == []


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ("values: {Ja: avaliable}", "mapping.yaml:7:55: the policy knows no `avaliable` of `size`"),
        ("values: [none, yess]", "mapping.yaml:7:57: the policy knows no `yess` of `size`"),
        ("values: {Ja: available, '-': null}", None),
    ],
)
def test_a_translation_is_a_word_that_the_policy_knows(tmp_path: Path, choice: str, message: str | None) -> None:
    mapping = MAPPING.replace("type: integer}", f"type: choice, {choice}}}")
    policy = POLICY.replace("{type: integer}", "{type: choice, values: [available, none]}")
    policy = policy.replace("at_least: 50", "is: available")
    if message is None:
        held(tmp_path, mapping=mapping, policy=policy)
    else:
        assert [line.startswith(message) for line in told(tmp_path, mapping=mapping, policy=policy)] == [True]


def test_a_choice_without_translation_is_one_of_the_policys(tmp_path: Path) -> None:
    policy = POLICY.replace("{type: integer}", "{type: choice, values: [available, none]}")
    policy = policy.replace("at_least: 50", "is: available")
    ready = held(tmp_path, mapping=MAPPING.replace("integer}", "choice}"), policy=policy)
    assert ready.mapping.mapped_facts["size"].values == {"available": "available", "none": "none"}


@pytest.mark.parametrize(
    ("activities", "message"),
    [
        ("{kind: demoo}", "the policy asks for activities of kind `demoo`, which nothing here gives"),
        ("{outcome: conected}", "the policy asks for the outcome `conected`, which nothing here gives"),
        ("{by_role: bdrr}", "the policy asks for activities by the role `bdrr`, which nothing here gives"),
    ],
)
def test_a_misspelt_word_that_nothing_can_give_stops_every_run(tmp_path: Path, activities: str, message: str) -> None:
    [line] = told(tmp_path, mapping=CLOSED, policy=asking(activities))
    assert line.startswith("policy.yaml:5:")
    assert line.endswith(message)


def test_words_that_nothing_gives_are_worth_a_look(tmp_path: Path) -> None:
    ready = held(tmp_path, mapping=CLOSED, policy=asking("{kind: [call, webinar], outcome: no_show, by_role: sdr}"))
    assert [line.partition("\n")[0] for line in doubts(ready)] == [
        "policy.yaml:5:47: the policy asks for activities of kind `webinar`, which nothing here gives",
        "policy.yaml:5:66: the policy asks for the outcome `no_show`, which nothing here gives",
        "policy.yaml:5:84: the policy asks for activities by the role `sdr`, which nothing here gives",
    ]


NEVER = "which the mapping tells of no `Task`: it stays unknown"
ONCE = "scores: {work: {rules: [{activities: {kind: call}, points: 1, once_per: %s}]}}\nladder:"


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        (asking("{kind: call, about: Guide}"), "5:53: the policy asks what an activity is about (`about`)"),
        (asking("{kind: call}, distinct: things"), "5:57: the policy asks what an activity is about (`things`)"),
        (asking("{direction: inbound}"), "5:45: the policy asks the direction of an activity (`direction`)"),
        (POLICY.replace("ladder:", ONCE % "thing"), "5:73: the policy asks what an activity is about (`thing`)"),
        (POLICY.replace("ladder:", ONCE % "person"), None),
        (asking("{kind: fax, about: Guide}"), None),
    ],
)
def test_what_the_mapping_never_tells_is_worth_a_look(tmp_path: Path, policy: str, message: str | None) -> None:
    told = [line for line in doubts(held(tmp_path, mapping=CLOSED, policy=policy)) if "stays unknown" in line]
    assert [line.partition("\n")[0] for line in told] == ([f"policy.yaml:{message}, {NEVER}"] if message else [])
    silent = CLOSED.replace("by: OwnerId, ", "about: Subject, direction: [{is: inbound}], ")
    told = [line for line in doubts(held(tmp_path, mapping=silent, policy=policy)) if "stays unknown" in line]
    assert bool(told) == ("person" in policy)


def test_of_open_words_those_are_doubted_that_are_nearly_a_known_one(tmp_path: Path) -> None:
    ready = held(tmp_path, policy=asking("{kind: [webinar, fax, demo_requst, Calll]}"))
    first, second = doubts(ready)
    assert "kind `demo_requst`, which nothing here gives\n  → did you mean `demo_request`?" in first
    assert "kind `Calll`, which nothing here gives\n  → did you mean `call`?" in second
    closed = doubts(ready, "Calll", "demo_requst")
    assert [each.partition("kind ")[2].partition(",")[0] for each in closed] == ["`webinar`", "`fax`"], "by its list"


def test_words_of_the_mapping_that_are_nearly_asked_for_are_doubted(tmp_path: Path) -> None:
    mapping = CLOSED.replace("D: demo}", "D: demmo, E: special}")
    [doubt] = doubts(held(tmp_path, mapping=mapping, policy=asking("{kind: [call]}")))
    assert doubt.startswith("mapping.yaml:9:")
    assert "the policy asks for no kind `demmo`: nothing is decided by it\n  → did you mean `demo`?" in doubt


def test_pools_and_people_name_what_is_there(tmp_path: Path) -> None:
    roster = ROSTER + (
        "  - {user: cyd, role: ae, territories: [de, frr]}\n"
        "pools: {field: {role: [ae, aee]}}\n"
        "facts: {territory: land}\n"
        "rules: {hand_off: [{pool: field, strategy: territory}]}\n"
    )
    mapping = MAPPING.replace("facts:\n", "facts:\n  land: {field: Status, type: choice, values: {S1: de, M: fr}}\n")
    users = (*USERS, CrmUser("cyd", "Cyd"))
    ready = held(tmp_path, users, mapping=mapping, roster=roster)
    assert doubts(ready) == [
        "roster.yaml:6:23: nobody in the roster has the role `aee`\n  → did you mean `ae`?",
        "roster.yaml:5:45: no lead's `land` is ever `frr`\n  → did you mean `fr`?",
    ]


def test_a_direction_is_one_of_two(tmp_path: Path) -> None:
    assert "`outbond` is no direction" in told(tmp_path, policy=asking("{direction: outbond}"))[0]
    mapping = MAPPING.replace("kind: {from: Type}", "kind: {from: Type}, direction: {from: Way, values: {I: in}}")
    assert "`in` is no direction" in told(tmp_path, mapping=mapping)[0]


@pytest.mark.parametrize(
    ("role", "hint"),
    [
        ("AE", "write `ae` instead of `AE`"),
        ("rep", "people with the role `ae` receive; the people here have the roles"),
    ],
)
def test_roles_are_named_when_nobody_receives(tmp_path: Path, role: str, hint: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        held(tmp_path, roster=ROSTER.replace("role: ae", f"role: {role}"))
    assert hint in str(raised.value)
