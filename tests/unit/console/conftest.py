"""The files that are changed, somebody signed in who changes them, and the CRM that they are held against."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crmsync.console.pages import mapping as mapping_page
from crmsync.operations.check.connections import ConnectionCheck
from unit.console.editing import EXAMPLES, MAPPING, POLICY, Browser, offer
from unit.console.signing_in import let_in


@pytest.fixture
def here(tmp_path: Path) -> Path:
    texts = {
        "crmsync.yaml": "format: 1\nconnections:\n  c: {connector: salesforce, mapping: mapping.yaml, writes: on}\n",
        "mapping.yaml": MAPPING,
        "policy.yaml": POLICY,
        "roster.yaml": "format: 1\npeople:\n  - {user: ann, role: ae}\n",
        "tests/small.yaml": EXAMPLES,
    }
    (tmp_path / "tests").mkdir()
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    let_in(tmp_path / "crmsync.yaml")
    return tmp_path / "crmsync.yaml"


@pytest.fixture
def ada(here: Path) -> Browser:
    return Browser(here, "ada")


@pytest.fixture
def crm(monkeypatch: pytest.MonkeyPatch) -> Iterator[ConnectionCheck]:
    """A CRM that answers as this says, and is reached by the page's own buttons alone."""
    checked = ConnectionCheck("c")
    monkeypatch.setattr(mapping_page, "offer_of", offer)
    monkeypatch.setattr(mapping_page, "mapping_checked", lambda *_: checked)
    yield checked
