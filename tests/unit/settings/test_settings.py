"""Settings: which source wins, and what is told when something is missing or in the wrong place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field, SecretStr

from crmsync.configuration import Document, read_document, validated
from crmsync.contract import Connector, ConnectorPlugin
from crmsync.errors import ConfigurationError
from crmsync.plan import Limit
from crmsync.settings import Environment, GuardSettings, SettingsFile, connector_settings
from crmsync.settings.environment import environment
from crmsync.settings.file import EverydayFile
from crmsync.settings.load import settings_in, store_url


class Demo(BaseModel):
    url: str = Field(description="where")
    token: SecretStr = Field(description="secret")
    attempts: int = Field(3, description="how often")


def _never(_: Demo) -> Connector:
    raise AssertionError("not opened here")


PLUGIN = ConnectorPlugin(Demo, _never)


@pytest.fixture
def document() -> Document:
    text = "connections:\n  crm-eu:\n    connector: demo\n    options: {url: http://file, attempts: 5, token: t}\n"
    return read_document(text, "crmsync.yaml")


def test_environment_goes_before_dotenv_and_dotenv_before_the_file(
    document: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {"url": "http://file", "attempts": 5}
    (tmp_path / ".env").write_text("CRMSYNC_CRM_EU_TOKEN=t\nCRMSYNC_CRM_EU_ATTEMPTS=7\nCRMSYNC_OTHER_THING=x\n")
    settings = connector_settings(PLUGIN, "crm-eu", options, document, tmp_path)
    assert settings.model_dump() == {"url": "http://file", "token": SecretStr("t"), "attempts": 7}
    monkeypatch.setenv("CRMSYNC_CRM_EU_ATTEMPTS", "9")
    assert connector_settings(PLUGIN, "crm-eu", options, document, tmp_path).model_dump()["attempts"] == 9


def test_settings_of_the_machine_come_the_same_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("CRMSYNC_STORE=file.db\nCRMSYNC_LOG_LEVEL=error\nCRMSYNC_LOG_FORMAT=\n")
    monkeypatch.setenv("crmsync_store", "there.db")
    monkeypatch.setenv("CRMSYNC_LOG_LEVEL", "")
    assert environment(tmp_path) == Environment(store="there.db", log_format="text", log_level="error")


def test_a_wrong_setting_of_the_machine_is_told_by_its_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRMSYNC_LOG_FORMAT", "xml")
    with pytest.raises(ConfigurationError, match="CRMSYNC_LOG_FORMAT: Input should be 'text' or 'json'"):
        environment(tmp_path)


@pytest.mark.parametrize(
    ("options", "dotenv", "told"),
    [
        (
            {"url": "x", "token": "t"},
            "",
            "crmsync.yaml:4:46: `token` is a secret\n  → put it into `.env` as CRMSYNC_CRM_EU_TOKEN",
        ),
        ({"url": "x", "attemps": 1}, "", "`attemps` is no option of this connector\n  → did you mean `attempts`?"),
        ({"url": "x"}, "", "crmsync.yaml:2:3: CRMSYNC_CRM_EU_TOKEN is missing\n  → set it in `.env`"),
        (
            {"url": "x", "attempts": "many"},
            "CRMSYNC_CRM_EU_TOKEN=t",
            "crmsync.yaml:4:43: `attempts`: Input should be",
        ),
        (
            {"url": "x"},
            "CRMSYNC_CRM_EU_TOKEN=t\nCRMSYNC_CRM_EU_ATTEMPTS=many",
            "CRMSYNC_CRM_EU_ATTEMPTS: Input should",
        ),
    ],
)
def test_mistakes_are_told_where_they_are(
    document: Document, tmp_path: Path, options: dict[str, object], dotenv: str, told: str
) -> None:
    (tmp_path / ".env").write_text(dotenv)
    with pytest.raises(ConfigurationError) as caught:
        connector_settings(PLUGIN, "crm-eu", options, document, tmp_path)
    assert told in str(caught.value)
    assert "many" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("schedule: {every_minutes: 5, cron: '* * * * *'}", "give either `every_minutes` or `cron`"),
        ("schedule: {cron: '* * *'}", "is not a crontab line of five fields"),
        ("schedule: {cron: '99 * * * *'}", "is not a crontab line"),
        ("schedule: {cron: '0 6 * * *', time_zone: Europe/Berln}", "`Europe/Berln` is not a time zone"),
        ("schedule: {every_minutes: 0}", "greater than or equal to 0.02"),
        ("writes: maybe", "`maybe` is neither `on` nor `off`\n  → write `writes: on`, or leave it out"),
        ("writes: 1", "`1` is neither `on` nor `off`"),
        ("writes: null", "is neither `on` nor `off`"),
        ("guards: {changed_share: 2}", "less than or equal to 1"),
        ("guards: {backward: {share: 10 %}}", "`10 %` is a percentage, and a share belongs here\n  → write `0.1`"),
        ("guards: {owner_changes: 20}", "`20` does not say what it limits"),
        ("guards: {owner_changes: 20}", "→ write `{number: 20}`"),
        ("guards: {owner_changes: 0.2}", "→ write `{share: 0.2}`"),
        ("guards: {owner_changes: 20 %}", "`20 %` is a percentage"),
        ("guards: {backward: {share: 2}}", "less than or equal to 1"),
        ("guards: {backward: {numbr: 2}}", "did you mean `number`?"),
        ("guards: {bakward: {number: 2}}", "did you mean `backward`?"),
        ("guard: {}", "`guard` is not known here\n  → did you mean `guards`?"),
    ],
)
def test_a_wrong_connection_is_told(text: str, told: str) -> None:
    whole = f"connections:\n  sf:\n    connector: salesforce\n    {text}\n"
    with pytest.raises(ConfigurationError) as caught:
        validated(SettingsFile, read_document(whole, "crmsync.yaml"))
    assert told in str(caught.value)
    assert "crmsync.yaml:4:" in str(caught.value)


@pytest.mark.parametrize(("one", "other"), [("crm-eu", "crm_eu"), ("sf", "SF")])
def test_two_connections_never_read_the_same_variables(one: str, other: str) -> None:
    whole = f"connections:\n  {one}: {{connector: salesforce}}\n  {other}: {{connector: salesforce}}\n"
    with pytest.raises(ConfigurationError, match=f"`{one}` and `{other}` would read their secrets from the same"):
        validated(SettingsFile, read_document(whole, "crmsync.yaml"))


@pytest.mark.parametrize(
    ("line", "writes"),
    [("", "off"), ("writes: off", "off"), ("writes: on", "on"), ("writes: true", "on"), ("writes: false", "off")],
)
def test_a_connection_writes_when_it_is_said(line: str, writes: str) -> None:
    whole = f"connections:\n  sf:\n    connector: salesforce\n    {line}\n"
    file = validated(SettingsFile, read_document(whole, "crmsync.yaml"))
    assert file.connections["sf"].writes == writes


@pytest.mark.parametrize(
    ("guards", "guard", "limit"),
    [
        ({}, "backward", Limit(share=0.1)),
        ({}, "per_receiver", Limit(number=200)),
        ({"floor": 5}, "backward", Limit(share=0.1)),  # a small world may lower it for what it sets
        ({"floor": 500}, "backward", Limit(share=0.1, floor=500)),
        ({"floor": 5, "backward": {"share": 0.5}}, "backward", Limit(share=0.5, floor=5)),
        ({"backward": {"number": 7}}, "backward", Limit(number=7)),
        ({"changed_share": 0.99}, "backward", Limit(share=0.1)),
        ({"changed_share": 1.0}, "backward", Limit()),  # everything may change
        ({"changed_share": 1.0, "backward": {"share": 0.2}}, "backward", Limit(share=0.2)),
        ({"changed_share": 1.0, "backward": {"share": 0.2}}, "disqualified", Limit()),
    ],
)
def test_the_limit_of_a_guard(guards: dict[str, Any], guard: str, limit: Limit) -> None:
    assert GuardSettings.model_validate(guards).limit_of(guard) == limit


def test_a_store_is_a_file_beside_the_configuration_or_an_address(tmp_path: Path) -> None:
    assert store_url("x.db", tmp_path) == f"sqlite:///{tmp_path.resolve()}/x.db"
    assert store_url("postgresql://host/db", tmp_path) == "postgresql://host/db"


def test_what_only_the_service_reads_is_built_where_it_is_written() -> None:
    plain = "connections: {crm: {connector: salesforce}}\n"
    assert type(settings_in(read_document(plain, "crmsync.yaml"))) is EverydayFile
    for section in ("alerts: {}", "watch: null", "hooks: null", "console: null"):
        assert type(settings_in(read_document(f"{plain}{section}\n", "crmsync.yaml"))) is SettingsFile
    assert list(EverydayFile.model_fields) == list(SettingsFile.model_fields)


def test_a_mistake_is_told_as_the_whole_file_tells_it() -> None:
    wrong = read_document("connections: {crm: {connector: salesforce, wrtes: on}}\nalrts: {}\n", "crmsync.yaml")
    with pytest.raises(ConfigurationError) as told:
        settings_in(wrong)
    with pytest.raises(ConfigurationError) as of_the_whole:
        validated(SettingsFile, wrong)
    assert told.value.findings == of_the_whole.value.findings
    assert len(told.value.findings) == 2
