"""A secret with a line break, as copying makes them, is told by its name and never by its text."""

from __future__ import annotations

from pathlib import Path

import pytest

from crmsync.configuration import read_document
from crmsync.connection import registry
from crmsync.errors import ConfigurationError
from crmsync.settings import connector_settings

DOCUMENT = read_document("connections: {hubspot: {}, salesforce: {}}", "crmsync.yaml")
PEM = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n"


@pytest.mark.parametrize(
    "secret", ["pat-na1\nabc", "pat-na1\rabc", "pat-na1\tabc", "pat-na1\x7fabc", "pat-na1\x1babc"]
)
def test_it_is_told_by_its_name_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    monkeypatch.setenv("CRMSYNC_HUBSPOT_ACCESS_TOKEN", secret)
    with pytest.raises(ConfigurationError) as caught:
        connector_settings(registry.load("hubspot"), "hubspot", {}, DOCUMENT, tmp_path)
    assert "CRMSYNC_HUBSPOT_ACCESS_TOKEN holds a line break or another control character" in str(caught.value)
    assert "pat-na1" not in str(caught.value)


@pytest.mark.parametrize("secret", ["pat-na1-abc\n", " pat-na1-abc", "pässwörd with spaces"])
def test_its_ends_and_other_letters_do_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    monkeypatch.setenv("CRMSYNC_HUBSPOT_ACCESS_TOKEN", secret)
    found = connector_settings(registry.load("hubspot"), "hubspot", {}, DOCUMENT, tmp_path)
    assert found.model_dump()["access_token"].get_secret_value() == secret


def test_a_key_has_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRMSYNC_SALESFORCE_PRIVATE_KEY", PEM)
    options = {"url": "https://acme.my.salesforce.com", "client_id": "x", "username": "crmsync"}
    found = connector_settings(registry.load("salesforce"), "salesforce", options, DOCUMENT, tmp_path)
    assert found.model_dump()["private_key"].get_secret_value() == PEM
