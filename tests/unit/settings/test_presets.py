"""Shipped policies are read once a process, so nothing that is made of them may change them."""

from __future__ import annotations

from copy import deepcopy

import pytest

from crmsync.configuration import read_document
from crmsync.qualify.language.reading import files_needed, policy_from
from crmsync.settings.shipped_policies import presets

OWN = """format: 1
name: Ours
extends: {preset}
criteria: {{ours: {{activities: {{kind: call}}}}}}
lists: {{bad: [a]}}
segments:
  - name: Large
    when: {{fact: employees, at_least: 500}}
    policy: {{movement: {{cool_down_days: 3}}, criteria: {{ours: {{activities: {{kind: email}}}}}}}}
  - name: Others
    when: {{fact: employees, below: 500}}
    policy: {{movement: {{hands_off_days: 1}}}}
"""


@pytest.mark.parametrize("name", sorted(presets()))
def test_a_preset_is_the_same_after_policies_were_made_of_it(name: str) -> None:
    shipped = presets()
    before = {each: deepcopy(shipped[each]) for each in shipped}
    own = read_document(OWN.format(preset=name), "policy.yaml")
    assert policy_from(own, shipped) == policy_from(own, shipped)
    assert files_needed(own, shipped) == {}
    policy_from(shipped[name], shipped)
    assert {each: shipped[each] for each in shipped} == before
    assert all(shipped[each] is presets()[each] for each in shipped), "read once"


def test_names_are_told_without_reading() -> None:
    assert "saas" in presets()
    assert "sass" not in presets()
    assert len(presets()) == len(list(presets())) >= 5
    with pytest.raises(KeyError):
        presets()["sass"]
