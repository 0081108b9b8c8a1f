"""A fault that nobody foresaw ends one connection in words, whatever the command; no data comes along."""

from __future__ import annotations

from typing import NoReturn

import pytest
from rehearsal import Rehearsal
from spoiling import check_words


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """HubSpot's owners cannot be read, for a reason that nobody foresaw."""

    def read_users(*_: object) -> NoReturn:
        raise KeyError("xenia@buyer.example")

    monkeypatch.setattr("crmsync_hubspot.connection.read_users", read_users)


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize("command", [("check",), ("run", "--dry-run")], ids=lambda command: command[0])
def test_the_other_connection_is_looked_at(here: Rehearsal, command: tuple[str, ...]) -> None:
    done = here.crmsync(*command)
    assert done.returncode == 1
    said = " ".join((done.stdout + done.stderr).split())
    assert "KeyError, which crmsync did not foresee" in said
    assert "xenia" not in said
    assert "Open - Not Contacted" in said or "salesforce" in done.stdout
    check_words(done, here)


@pytest.mark.usefixtures("broken")
def test_the_service_tells_it_and_goes_on(here: Rehearsal, capsys: pytest.CaptureFixture[str]) -> None:
    from crmsync.clock import now
    from crmsync.operations.run.serve import ServedConnections
    from crmsync.settings import load_settings

    settings = load_settings(here.file("crmsync.yaml"))
    _, _, job = ServedConnections(settings, ("hubspot",), now, lambda: settings).jobs()["hubspot"]
    job(lambda: False)
    told = capsys.readouterr()
    assert "KeyError, which crmsync did not foresee" in told.out + told.err
    assert "xenia" not in told.out + told.err
