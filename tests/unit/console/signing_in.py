"""A console behind a sign-in, its people, and browsers that keep their cookies."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from starlette.testclient import TestClient

from crmsync.clock import now
from crmsync.console import Site, access_by, application
from crmsync.console.access import SignedIn
from crmsync.schedule import first_due
from crmsync.settings import KeptSettings, load_settings

HERE = "http://127.0.0.1"
PASSWORD = "correct horse battery"
PEOPLE = {"vic": "viewer", "app": "approver", "ada": "admin"}


@cache
def hashed() -> str:
    """Quickly made: what it takes stands in the hash."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def small_configuration(folder: Path, console: str = "{}") -> Path:
    """One connection that was never read, and people who sign in."""
    texts = {
        "crmsync.yaml": "format: 1\nconnections:\n  c: {connector: salesforce, mapping: mapping.yaml}\n",
        "mapping.yaml": "format: 1\nconnector: salesforce\n"
        "lead: {object: Lead, email: Email, created_at: CreatedDate}\n"
        "owner: {field: OwnerId}\nstage: {field: Status, values: {lead: Open}}\nfacts: {}\n",
        "policy.yaml": "format: 1\nname: Small\nladder:\n  - {stage: lead, label: Beginning}\n",
        "roster.yaml": "format: 1\npeople:\n  - {user: ann, role: ae}\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    let_in(folder / "crmsync.yaml", console=console)
    return folder / "crmsync.yaml"


def let_in(config: Path, people: dict[str, str] | None = None, console: str = "{}") -> None:
    """Write who may sign in, and that people do."""
    lines = [
        f"  - {{name: {name}, role: {role}, email: {name}@acme.example, password: '{hashed()}'}}"
        for name, role in (PEOPLE if people is None else people).items()
    ]
    (config.parent / "console-people.yaml").write_text("format: 1\npeople:\n" + "\n".join(lines) + "\n")
    text = config.read_text()
    if "console:" not in text:
        config.write_text(text + f"console: {console}\n")


def behind_sign_in(config: Path, clock: Callable[[], datetime] = now, base: str = HERE) -> TestClient:
    settings = load_settings(config)
    site = Site(KeptSettings(config), clock, first_due, None, access_by(settings, None, None, clock))
    assert settings.console is not None
    return TestClient(application(site, settings.console.public_url), base_url=base, follow_redirects=False)


def cookie_of(config: Path) -> str:
    """The name under which browsers hold their session."""
    access = access_by(load_settings(config), None, None, now)
    assert isinstance(access, SignedIn)
    return access.cookie


def token_in(page: str) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', page)
    return found.group(1) if found else ""


def sign_in(browser: TestClient, name: str, password: str = PASSWORD, to: str = "") -> int:
    """The status that the form is answered with; 303 = signed in."""
    address = f"/sign-in{to}"
    token = token_in(browser.get(address).text)
    origin = str(browser.base_url).rstrip("/")
    form = {"name": name, "password": password, "csrf": token}
    answer = browser.post(address, data=form, headers={"Origin": origin})
    browser.went_to = answer.headers.get("Location")  # type: ignore[attr-defined]
    return answer.status_code
