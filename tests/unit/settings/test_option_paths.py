"""Files that options name are found beside the configuration, wherever the command is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from crmsync.configuration import read_document
from crmsync.connection import registry
from crmsync.settings import connector_settings

DOCUMENT = read_document("connections: {salesforce: {}}", "crmsync.yaml")


def key_file(directory: Path, options: dict[str, str]) -> Path:
    """Where a Salesforce connection with these options looks for its key."""
    plugin = registry.load("salesforce")
    given = {"url": "https://acme.my.salesforce.com", "client_id": "x", "username": "crmsync", **options}
    found = connector_settings(plugin, "salesforce", given, DOCUMENT, directory)
    return Path(str(found.model_dump()["private_key_file"]))


def test_a_path_is_relative_to_the_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert key_file(tmp_path, {"private_key_file": "keys/crm.pem"}) == tmp_path / "keys" / "crm.pem"
    assert key_file(tmp_path, {"private_key_file": "/keys/crm.pem"}) == Path("/keys/crm.pem")
    monkeypatch.setenv("CRMSYNC_SALESFORCE_PRIVATE_KEY_FILE", "other.pem")
    assert key_file(tmp_path, {"private_key_file": "keys/crm.pem"}) == tmp_path / "other.pem"


def test_a_path_by_default_is_relative_to_the_configuration_too(tmp_path: Path) -> None:
    for name, more in (("salesforce", {"url": "https://acme.my.salesforce.com", "client_id": "x"}), ("hubspot", {})):
        plugin = registry.load(name)
        (tmp_path / ".env").write_text(
            f"CRMSYNC_{name.upper()}_{'CLIENT_SECRET' if more else 'ACCESS_TOKEN'}=x\n", encoding="utf-8"
        )
        found = connector_settings(plugin, name, more, DOCUMENT, tmp_path)
        assert found.model_dump()["refresh_token_file"] == tmp_path / "refresh-tokens.json"
