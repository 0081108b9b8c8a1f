"""A policy's page as it is read on a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from crmsync.languages.tongues import tongue_of
from crmsync.operations.policy.description import policy_page
from crmsync.operations.policy.named import chosen_policy
from crmsync.showing.documentation.page_text import laid_out
from crmsync.showing.page_markdown import markdown
from crmsync.showing.rendering import rendered


@pytest.mark.parametrize("name", ["saas", "agency-sal-sqo"])
def test_a_policy_laid_out_is_no_wider_than_the_terminal(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    text = markdown(policy_page(chosen_policy(Path("crmsync.yaml"), name), tongue_of("en")))
    assert max(map(len, text.splitlines())) > 80
    shown = rendered(*laid_out(text))
    assert max(map(len, shown.splitlines())) <= 80
    assert "Marketing and sales agree here" in shown
