"""Signing in with the firm's account in a real browser, to a real console, by a provider on this machine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from rehearsal import Rehearsal, rehearsal
from tests.contract.clients.packages import browser, installed

from suite.provider import LocalProvider
from unit.console.signing_in import let_in

ADA = "ada@acme.example"
WHO = ("VIC@acme.example", "app@acme.example", *(ADA,) * 5, "stranger@acme.example")
REFUSED = "Failed to load resource: the server responded with a status of"


@dataclass
class OneAfterTheOther(LocalProvider):
    """Each time that it is asked who somebody is, it is the next one."""

    emails: Iterator[str] = field(default_factory=lambda: iter(WHO))

    def _id_token(self, nonce: str) -> str:
        self.claims = {"email": next(self.emails), "email_verified": True}
        return super()._id_token(nonce)


def sessions_end(here: Rehearsal) -> None:
    """As if twelve hours had passed."""
    store = str(here.store) if "://" in str(here.store) else f"sqlite:///{here.store}"
    engine = sqlalchemy.create_engine(store)
    with engine.begin() as at:
        assert at.execute(sqlalchemy.text("UPDATE console_sessions SET ends_at = 1")).rowcount == 1
    engine.dispose()


def seen(here: Rehearsal, pictures: Path) -> dict[str, Any]:
    """What the browser saw."""
    program, chromium = installed("browser"), browser()
    with here.start("console", "--port", "0") as running:
        call = ["node", "signing_in.mjs", chromium, running.first_line().strip(), str(pictures)]
        with subprocess.Popen(call, cwd=program, stdin=-1, stdout=-1, stderr=-1, text=True) as node:
            assert node.stdin and node.stdout and node.stderr
            line = node.stdout.readline()
            while line == "over\n":
                sessions_end(here)
                node.stdin.write("they are\n")
                node.stdin.flush()
                line = node.stdout.readline()
            node.stdin.close()
            trouble = node.stderr.read()
        assert node.returncode == 0, trouble
        os.kill(running.pid, signal.SIGTERM)
        assert running.wait() == 0
    told: dict[str, Any] = json.loads(line)
    return told


@pytest.mark.breadth
def test_by_the_firms_account_each_gets_in_by_their_role_and_where_they_wanted(tmp_path: Path) -> None:
    with ExitStack() as open_ones:
        here = open_ones.enter_context(rehearsal(tmp_path / "own", "--leads", "20", "--crm", "salesforce"))
        provider = OneAfterTheOther()
        issuer = open_ones.enter_context(provider.at_work())
        let_in(here.file("crmsync.yaml"), console=f"{{oidc: {{issuer: '{issuer}', client_id: crmsync}}}}")
        with here.file(".env").open("a") as secrets:
            secrets.write("\nCRMSYNC_CONSOLE_OIDC_SECRET=provider-secret\n")
        here.json("run", "--dry-run", code=(0, 3))
        told = seen(here, tmp_path)
    assert told["asked"] == "/sign-in?to=%2Fleads%3Fsought%3Dan"
    viewer, approver, admin = (told[role] for role in ("viewer", "approver", "admin"))
    assert (viewer["at"], viewer["who"]) == ("/leads?sought=an", "vicmay look")
    assert "/log" not in viewer["areas"] + approver["areas"]
    assert (approver["at"], approver["who"]) == ("/log", "appmay approve")
    assert "This is for admins." in approver["told"]
    assert (admin["at"], admin["who"]) == ("/log", "adaadmin")
    assert "/log" in admin["areas"]
    assert (told["out"], told["afterwards"]) == ("/sign-in", "/sign-in?to=%2Fruns")
    assert told["back"] == 1, "going back after signing out shows nothing of before"
    assert (told["endedPage"], told["again"]) == ("/sign-in?to=%2Freports", "/reports")
    assert "nothing was done" in told["endedForm"]
    assert told["formAgain"] == "/plan/salesforce"
    stays = "You are not signed in any more. What you type stays here. Sign in in another tab"
    assert told["endedFilter"] == ["/plan/salesforce", stays, "half a thought"]
    assert told["endedPart"].startswith("/sign-in?to=%2Fleads")
    assert told["partAgain"].startswith("/leads")
    assert "nobody has let you into this console yet" in told["stranger"]
    assert told["strangerAgain"] == "/sign-in"
    assert [each for each in told["said"] if not each.startswith(REFUSED)] == []
    assert [name for name, look in told["looks"].items() if look["findings"] or look["tooWide"]] == []
