"""`.env` is a small text file, or words for why not: it is read by every command."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from crmsync.configuration import read_document
from crmsync.connection import registry
from crmsync.errors import ConfigurationError
from crmsync.operations.init.other_texts import dotenv_text
from crmsync.settings import connector_settings, read_dotenv
from crmsync.settings.environment import environment


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (Path.mkdir, "is a directory"),
        (os.mkfifo, "is not a file but a pipe or a device\n  → name a regular file"),
        (lambda path: path.symlink_to("/dev/zero"), "is not a file but a pipe or a device"),
        (lambda path: path.symlink_to(path), "too many levels of symbolic links"),
        (lambda path: path.write_bytes(b"A=\xff\xfe"), "is not UTF-8 text\n  → save it as UTF-8"),
        (lambda path: path.write_bytes(b"# " + b"x" * 1_000_000), "is larger than 1,000,000 bytes"),
    ],
    ids=["directory", "pipe", "device", "loop", "utf-16", "large"],
)
def test_what_is_no_such_file_is_told_and_not_waited_for(
    tmp_path: Path, make: Callable[[Path], object], words: str
) -> None:
    make(tmp_path / ".env")
    with pytest.raises(ConfigurationError) as caught:
        environment(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path / '.env'}: {words}")


@pytest.mark.parametrize("secret", ["pa${ss}word", "$x${HOME:-y}", "a'b\\c#d"])
def test_a_secret_stays_as_it_is_on_its_way_through_the_file(tmp_path: Path, secret: str) -> None:
    (tmp_path / ".env").write_text(dotenv_text("", {"CRMSYNC_SF_PASSWORD": secret}))
    assert read_dotenv(tmp_path).values == {"CRMSYNC_SF_PASSWORD": secret}


def test_no_file_is_no_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CRMSYNC_LOG_LEVEL", raising=False)
    assert environment(tmp_path).log_level == "info"


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CRMSYNC_LOG_LEVEL", raising=False)
    (tmp_path / ".env").write_bytes(b"\xef\xbb\xbfCRMSYNC_LOG_LEVEL=debug\n")
    assert environment(tmp_path).log_level == "debug"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("\n# mine\n\nCRMSYNC_A_B=top-secret\nthis is top-secret\n", ":5:1: this line is no `NAME=value`\n  → write"),
        ("CRMSYNC_A_B='top-secret\nX=1\n", ":1:1: this line is no `NAME=value`"),
        ("=top-secret", ":1:1: this line is no `NAME=value`"),
        ("export CRMSYNC_A_B\n", ":1:1: `CRMSYNC_A_B` has no value"),
        ('CRMSYNC_A_B="top-secret\nX=1\nCRMSYNC_A_C="\n', ":1:1: `CRMSYNC_A_B` goes on over several lines\n"),
    ],
)  # fmt: skip
def test_lines_that_say_nothing_are_told_by_their_place(
    tmp_path: Path, text: str, told: str, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".env").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        environment(tmp_path)
    words = str(caught.value)
    assert f".env{told}" in words
    assert "top-secret" not in words and "dotenv" not in words
    assert capfd.readouterr() == ("", "")


def test_a_variable_that_stands_twice_is_told(tmp_path: Path) -> None:
    text = "CRMSYNC_A_B=top-secret\nX=1\nX=2\n\ncrmsync_a_b=other\n"
    (tmp_path / ".env").write_text(text, encoding="utf-8")
    [doubt] = read_dotenv(tmp_path).doubts
    assert (doubt.line, doubt.message) == (5, "`CRMSYNC_A_B` stands here and in line 1; this one counts")
    assert read_dotenv(tmp_path).values["CRMSYNC_A_B"] == "other"


@pytest.mark.parametrize(
    "text",
    [
        "X=1\nX=2\nALONE\n",
        'CRMSYNC_A_KEY="-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----"\n',
        "CRMSYNC_A_B=\n",
        "export CRMSYNC_A_B = 'x' # why\n",
        "\n\n",
    ],
)
def test_other_programs_variables_and_keys_are_no_mistake(tmp_path: Path, text: str) -> None:
    (tmp_path / ".env").write_text(text, encoding="utf-8")
    environment(tmp_path)
    assert read_dotenv(tmp_path).doubts == ()


@pytest.mark.parametrize(
    ("connector", "variable", "meant"),
    [
        ("hubspot", "CRMSYNC_HUBSPOT_ACESS_TOKEN", "CRMSYNC_HUBSPOT_ACCESS_TOKEN"),
        ("hubspot", "HUBSPOT_ACCESS_TOKEN", "CRMSYNC_HUBSPOT_ACCESS_TOKEN"),
        ("salesforce", "CRMSYNC_SALESFORCE_CLIENT_SECERT", "CRMSYNC_SALESFORCE_CLIENT_SECRET"),
        ("salesforce", "CRMSYNC_SALESFORC_CLIENT_ID", "CRMSYNC_SALESFORCE_CLIENT_ID"),
    ],
)
def test_a_misspelt_variable_is_named_where_the_right_one_is_missing(
    tmp_path: Path, connector: str, variable: str, meant: str
) -> None:
    document = read_document("connections: {hubspot: {}, salesforce: {}}", "crmsync.yaml")
    (tmp_path / ".env").write_text(f"# mine\n{variable}=top-secret\n", encoding="utf-8")
    options = {"url": "https://acme.my.salesforce.com"} if connector == "salesforce" else {}
    with pytest.raises(ConfigurationError) as caught:
        connector_settings(registry.load(connector), connector, options, document, tmp_path)
    assert f"{variable} in `.env`, line 2, means nothing: is it meant for {meant}?" in str(caught.value)
    assert "top-secret" not in str(caught.value)


def test_another_connections_variable_is_not_meant(tmp_path: Path) -> None:
    document = read_document("connections: {hubspot-a: {}, hubspot-b: {}}", "crmsync.yaml")
    (tmp_path / ".env").write_text("CRMSYNC_HUBSPOT_B_ACCESS_TOKEN=x\n", encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        connector_settings(registry.load("hubspot"), "hubspot-a", {}, document, tmp_path)
    assert "HUBSPOT_B" not in str(caught.value)
