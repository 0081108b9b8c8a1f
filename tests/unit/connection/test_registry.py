"""Connectors are found by entry point, loaded one at a time, and the same after their modules were used."""

from __future__ import annotations

import importlib

import pytest

from crmsync.connection import registry
from crmsync.errors import UsageError


def test_both_connectors_are_installed() -> None:
    assert {"hubspot", "salesforce"} <= set(registry.installed())


@pytest.mark.parametrize("name", ["hubspot", "salesforce"])
def test_a_plugin_survives_the_use_of_its_package(name: str) -> None:
    first = registry.load(name)
    importlib.import_module(f"crmsync_{name}.connection")
    assert registry.load(name) is first
    assert first.starter_mapping().count("connector: " + name) == 1


def test_an_unknown_connector_says_what_is_installed() -> None:
    with pytest.raises(UsageError, match=r"no connector `pipedrive` is installed .*hubspot, salesforce"):
        registry.load("pipedrive")
