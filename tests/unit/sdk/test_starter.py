"""Starter mappings are found in a checkout and in a wheel."""

from __future__ import annotations

from pathlib import Path

import pytest

import crmsync
from crmsync.errors import UsageError
from crmsync.sdk import shipped_mapping


def test_a_checkout_gives_the_top_level_file() -> None:
    root = Path(crmsync.__file__).parents[2]
    assert shipped_mapping("salesforce") == (root / "mappings" / "salesforce.yaml").read_text(encoding="utf-8")


def test_an_installed_package_gives_its_own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site-packages" / "crmsync"
    (package / "starter_mappings").mkdir(parents=True)
    (package / "starter_mappings" / "salesforce.yaml").write_text("format: 1\n", encoding="utf-8")
    monkeypatch.setattr("crmsync.sdk.starter.files", lambda _: package)
    assert shipped_mapping("salesforce") == "format: 1\n"


def test_an_unknown_name_is_told() -> None:
    with pytest.raises(UsageError, match="'nocrm'"):
        shipped_mapping("nocrm")
