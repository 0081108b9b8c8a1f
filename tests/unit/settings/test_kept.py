"""Settings that are kept: the same object as long as no file says anything else, and never older than the files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from crmsync.errors import ConfigurationError
from crmsync.settings import KeptSettings, Settings, kept, load_settings

FILES = {
    "crmsync.yaml": "format: 1\nconnections:\n  c: {connector: salesforce, mapping: mapping.yaml}\n",
    "mapping.yaml": "format: 1\nconnector: salesforce\n"
    "lead: {object: Lead, email: Email, created_at: CreatedDate}\n"
    "owner: {field: OwnerId}\nstage: {field: Status, values: {lead: Open, sql: Hot}}\nfacts: {}\n",
    "policy.yaml": "format: 1\nname: Small\nfacts: {t: {type: text}}\nlists: {names: {file: names.txt}}\n"
    "criteria: {named: {fact: t, in: names}}\nladder: [{stage: lead}, {stage: sql, when: named}]\n",
    "names.txt": "Acme\n",
    "roster.yaml": "format: 1\npeople: [{user: ann, role: ae}]\n",
    ".env": "CRMSYNC_LOG_LEVEL=error\n",
}
CHANGES = {
    "crmsync.yaml": ("salesforce", "hubspot   "),
    "mapping.yaml": ("Status", "Rating"),
    "policy.yaml": ("Small", "Large"),
    "names.txt": ("Acme", "Oaks"),
    "roster.yaml": ("ann", "bea"),
    ".env": ("error", "debug"),
}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration in which every kind of file stands."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / "crmsync.yaml"


def test_what_no_file_says_otherwise_is_the_same(config: Path) -> None:
    settings = KeptSettings(config)
    assert settings() is settings()


@pytest.mark.parametrize("name", FILES)
def test_what_a_file_says_otherwise_counts_at_once(config: Path, name: str) -> None:
    """Though it is of the same size, and has the same time of change."""
    settings, path = KeptSettings(config), config.parent / name
    before, as_it_was = settings(), path.stat()
    path.write_text(FILES[name].replace(*CHANGES[name]), encoding="utf-8")
    os.utime(path, ns=(as_it_was.st_atime_ns, as_it_was.st_mtime_ns))
    assert path.stat().st_size == as_it_was.st_size
    after = settings()
    assert after is not before
    assert told(after) == told(load_settings(config)) != told(before)


def told(settings: Settings) -> tuple[object, ...]:
    """What each of the files decides."""
    return (
        settings.configured,
        settings.broken.keys(),
        {name: each.mapping.stage for name, each in settings.connections.items()},
        settings.policy.name,
        settings.policy.lists,
        settings.roster.people,
        settings.environment,
    )


def test_so_does_a_variable_of_the_machine(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = KeptSettings(config)
    assert settings().environment.log_level == "error"
    monkeypatch.setenv("CRMSYNC_LOG_LEVEL", "debug")
    assert settings().environment.log_level == "debug"


def test_a_file_that_goes_is_missed_and_is_read_again_when_it_is_back(config: Path) -> None:
    settings, roster = KeptSettings(config), config.parent / "roster.yaml"
    settings()
    roster.unlink()
    with pytest.raises(ConfigurationError, match=r"roster\.yaml"):
        settings()
    roster.write_text(FILES["roster.yaml"], encoding="utf-8")
    assert settings() is settings()


def test_what_was_changed_while_it_was_read_is_seen(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read first is the old text, and what stands there since is the new one."""
    settings, policy = KeptSettings(config), config.parent / "policy.yaml"
    names = iter(("Second", "Third"))

    def changed_then(path: Path) -> Settings:
        loaded = load_settings(path)
        if name := next(names, None):
            policy.write_text(FILES["policy.yaml"].replace("Small", name), encoding="utf-8")
        return loaded

    monkeypatch.setattr(kept, "load_settings", changed_then)
    assert settings().policy.name == "Second"
    assert settings().policy.name == "Third"
