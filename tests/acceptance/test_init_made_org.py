"""`crmsync init --yes` on one made org; `scripts/init_on_made_orgs.py` tries all."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_org_world import complaints

ORG = Path(__file__).parents[1] / "data/orgs/later-nl-forms.yaml"


@pytest.mark.breadth
def test_init_works_on_a_dutch_account_and_again_is_no_news(tmp_path: Path) -> None:
    assert complaints(ORG, tmp_path) == []
