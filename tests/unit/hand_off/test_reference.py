"""The reference of policy and mapping names every key of the hand-off, and its examples are valid."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from crmsync.configuration import read_document
from crmsync.connection.registry import starter_mapping
from crmsync.mapping import CrmMapping, mapping_from
from crmsync.mapping.hand_off import BodyField, DueField, HandOffMapping, HandOffResponse, HandOffTask
from crmsync.qualify.language.clocks import NamedClock
from crmsync.qualify.language.hand_overs import HandOver
from crmsync.qualify.language.ladder import FirstTouch, HandOff, Returned, Task
from crmsync.qualify.language.reading import policy_from
from crmsync.settings import presets

REFERENCE = Path(__file__).parents[3] / "docs" / "reference"


def chapter(page: str, title: str) -> str:
    """A chapter of a page, up to the next one."""
    text = (REFERENCE / page).read_text(encoding="utf-8")
    start = text.index(f"## {title}")
    return text[start:].partition("\n## ")[0]


POLICY = chapter("policy.md", "11. The hand-off as a process")
MAPPING = chapter("mapping.md", "The hand-off")


def rows(text: str) -> dict[str, list[str]]:
    """Key → the cells beside it."""
    found: dict[str, list[str]] = {}
    for line in re.findall(r"^\| (`.*) \|$", text, re.M):
        keys, *cells = line.split(" | ")
        found |= dict.fromkeys(re.findall(r"`(\w+)`", keys), cells)
    return found


@pytest.mark.parametrize(
    ("model", "key"), [(Task, "task"), (FirstTouch, "first_touch"), (Returned, "returned"), (NamedClock, "clocks")]
)
def test_every_key_of_the_policy_is_described_with_its_default(model: type[BaseModel], key: str) -> None:
    table = POLICY[POLICY.index(f"| `{key}` | meaning | default |") :].partition("\n\n")[0]
    for name, field in model.model_fields.items():
        meaning, default = rows(table)[name]
        assert meaning
        if field.is_required():
            assert default == "required"
        elif field.default:
            words = field.default if isinstance(field.default, tuple) else (field.default,)
            assert default.replace("`", "") == ", ".join(map(str, words)), name
        else:
            assert default in {"never", "none", "`within_hours`; without that, at once"}, name


def test_the_parts_of_the_hand_off_are_described() -> None:
    for name in HandOff.model_fields:
        assert f"| `{name}` | meaning | default |" in POLICY or f"`{name}` alone" in POLICY, name


@pytest.mark.parametrize("model", [HandOffMapping, HandOffResponse, HandOffTask, BodyField, DueField])
def test_every_key_of_the_mapping_is_described(model: type[BaseModel]) -> None:
    short = model in (BodyField, DueField)  # told where they are used
    for name in model.model_fields:
        assert "{field, type: " in MAPPING if short else rows(MAPPING)[name], name


def test_the_example_of_the_policy_is_valid() -> None:
    example, _ = re.findall(r"```yaml\n(.*?)```", POLICY, re.S)
    policy = policy_from(read_document(f"format: 1\nname: Test\nextends: saas\n{example}", "policy"), presets())
    assert policy.hand_off is not None
    assert all(getattr(policy.hand_off, name) for name in HandOff.model_fields)


def test_the_example_of_several_hand_overs_is_valid_and_has_every_key() -> None:
    _, example = re.findall(r"```yaml\n(.*?)```", POLICY, re.S)
    own = "criteria: {about_to_sign: {known: interest}}\n"
    policy = policy_from(read_document(f"format: 1\nname: Test\nextends: saas\n{own}{example}", "policy"), presets())
    assert policy.hand_off is None
    for name in HandOver.model_fields:
        assert any(getattr(each, name) for each in policy.hand_overs), name
        assert f"`{name.removesuffix('_')}`" in POLICY, name


def test_the_examples_of_the_mapping_are_valid() -> None:
    *examples, several = re.findall(r"```yaml\n(.*?)```", MAPPING, re.S)
    starter = starter_mapping("salesforce").partition("\n# Optional: the hand-off")[0]
    mapping = mapping_from(read_document(f"{starter}\n{examples[0]}\n{several}", "salesforce"))
    own = mapping.of_hand_over("to_account_manager")
    assert mapping.hand_off is not None
    assert (own.bdr, own.task) == ("AE__c", mapping.hand_off.task)
    found: list[CrmMapping] = [
        mapping_from(
            read_document(starter_mapping(crm).partition("\n# Optional: the hand-off")[0] + "\n" + text, crm)
        )
        for crm, text in zip(("salesforce", "hubspot"), examples, strict=True)
    ]
    assert all(mapping.hand_off and mapping.hand_off.task and mapping.hand_off.response for mapping in found)
