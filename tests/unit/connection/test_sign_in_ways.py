"""What a connector says of signing in can be followed: its settings exist, its words name what there is."""

from __future__ import annotations

import pytest

from crmsync.connection import registry
from crmsync.connection.installed import installed
from crmsync.contract import SignInWay
from crmsync_hubspot.setting_up import SCOPES

WAYS = [(name, way) for name in installed() for way in registry.load(name).sign_in_ways]


@pytest.mark.parametrize(("name", "way"), WAYS, ids=lambda it: it if isinstance(it, str) else it.name)
def test_each_way_names_settings_of_its_connector(name: str, way: SignInWay) -> None:
    fields = registry.load(name).settings.model_fields
    assert set(way.settings) <= set(fields)
    assert way.settings and way.steps
    assert all(step.endswith((".", ")")) and len(step) < 500 for step in way.steps)


def test_each_way_opens_with_its_settings_alone() -> None:
    values = {"url": "http://127.0.0.1:1", "private_key_file": "key.pem"}
    for name, way in WAYS:
        plugin = registry.load(name)
        plugin.open(plugin.settings(url=values["url"], **{each: values.get(each, "x") for each in way.settings}))


def test_hubspots_scopes_are_told_whole() -> None:
    steps = [" ".join(way.steps) for name, way in WAYS if name == "hubspot"]
    assert [scope for text in steps for scope in SCOPES if scope not in text] == []
