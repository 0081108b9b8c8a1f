"""What was compiled of a policy serves while the policy says the same, word by word, and for the same mapping."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_settings import MAPPING, POLICY, held, settings

from crmsync.settings import policy_file


def test_files_that_say_the_same_are_compiled_once(tmp_path: Path) -> None:
    assert held(tmp_path).compiled is held(tmp_path, policy=f"# with a remark\n{POLICY}").compiled


@pytest.mark.parametrize("said", ["at_least: 51", "at_least: 50.0", "at_most: 50"])
def test_another_word_is_another_policy(tmp_path: Path, said: str) -> None:
    """50 and 50.0 are equal, as 1 and true are, and not the same."""
    first = held(tmp_path).compiled
    second = held(tmp_path, policy=POLICY.replace("at_least: 50", said)).compiled
    assert second.policy.ladder[1].when != first.policy.ladder[1].when or said.endswith(".0")
    assert second is not first
    assert second.digest != first.digest


def test_what_a_mapping_provides_counts(tmp_path: Path) -> None:
    """Kinds that a mapping does not give are unknown, for everybody."""
    asked = POLICY.replace("{fact: size, at_least: 50}", "{activities: {kind: webinar}}")
    any_word = held(tmp_path, policy=asked)
    calls = held(tmp_path, policy=asked, mapping=MAPPING.replace("kind: {from: Type}", "kind: call"))
    assert calls.compiled is not any_word.compiled
    assert calls.settings.policy is any_word.settings.policy


def test_only_the_last_policies_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_file, "_policies", {})
    monkeypatch.setattr(policy_file, "_POLICIES_KEPT", 2)
    read = [settings(tmp_path, policy=POLICY.replace("50", str(size))).policy for size in (1, 2, 1, 3, 1, 2)]
    assert read[0] is read[2] is read[4]
    assert read[1] is not read[5], "2 was the one that nobody had asked for since"
