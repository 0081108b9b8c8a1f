"""Connectors are found by entry point, loaded one at a time, and the same after their modules were used."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

import pytest

from crmsync.connection import registry
from crmsync.connection.installed import GROUP
from crmsync.errors import UsageError
from crmsync.operations.rehearse.configuration import mapping_text

PLUGIN = """
from pydantic import BaseModel
from crmsync.sdk import ConnectorPlugin, starter_file
connector = ConnectorPlugin(settings=BaseModel, open=print{starter})
"""
STARTER = ', starter_mapping=starter_file(__name__, "starter.yaml")'

Install = Callable[..., str]


@pytest.fixture
def third_party(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Installs a distribution of somebody else's with a connector `name`."""

    def install(name: str, starter: str = "") -> str:
        package, information = tmp_path / f"their_{name}", tmp_path / f"their_{name}-1.dist-info"
        package.mkdir()
        information.mkdir()
        (package / "__init__.py").write_text(PLUGIN.format(starter=starter), encoding="utf-8")
        (package / "starter.yaml").write_text(f"format: 1\nconnector: {name}\nfacts: {{}}\n", encoding="utf-8")
        (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: their-{name}\nVersion: 1\n")
        (information / "entry_points.txt").write_text(f"[{GROUP}]\n{name} = their_{name}:connector\n")
        monkeypatch.syspath_prepend(str(tmp_path))
        return name

    return install


def test_both_connectors_are_installed() -> None:
    assert {"hubspot", "salesforce"} <= set(registry.installed())


@pytest.mark.parametrize("name", ["hubspot", "salesforce"])
def test_a_plugin_survives_the_use_of_its_package(name: str) -> None:
    first = registry.load(name)
    importlib.import_module(f"crmsync_{name}.connection")
    assert registry.load(name) is first
    assert registry.starter_mapping(name).count("connector: " + name) == 1


def test_an_unknown_connector_says_what_is_installed() -> None:
    with pytest.raises(UsageError, match=r"no connector `pipedrive` is installed .*hubspot, salesforce"):
        registry.load("pipedrive")


def test_nobody_is_told_to_install_a_package_that_anybody_may_have_made() -> None:
    with pytest.raises(UsageError) as told:
        registry.load("pipedrive")
    assert "pip install" not in (told.value.hint or "")


def test_a_third_partys_starter_mapping_is_found(third_party: Install) -> None:
    name = third_party("drawer", STARTER)
    assert name in registry.installed()
    assert registry.starter_mapping(name) == "format: 1\nconnector: drawer\nfacts: {}\n"
    assert "budget: {field: Their_Budget, type: number}" in mapping_text(name, {"budget": ("Their_Budget", "number")})


@pytest.mark.parametrize(
    ("connector", "lead_object", "usual"), [("salesforce", "Contact", "Lead"), ("hubspot", "leads", "contacts")]
)
def test_a_starter_is_for_the_leads_object(connector: str, lead_object: str, usual: str) -> None:
    assert f"\n  object: {lead_object}\n" in registry.starter_mapping(connector, lead_object)
    assert registry.starter_mapping(connector, usual) == registry.starter_mapping(connector)
    assert f"\n  object: {usual}\n" in registry.starter_mapping(connector)
    with pytest.raises(UsageError, match="brings no starter mapping for Invoice") as refused:
        registry.starter_mapping(connector, "Invoice")
    assert f"one for each of: {usual}, {lead_object};" in str(refused.value.hint)


def test_a_connector_without_a_starter_mapping_says_so(third_party: Install) -> None:
    with pytest.raises(UsageError, match="connector `attic` brings no starter mapping"):
        registry.starter_mapping(third_party("attic"))
