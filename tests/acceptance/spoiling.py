"""A right configuration, ways to spoil it, and what must hold of every message about it."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from commands import Done
from rehearsal import CRMS, Rehearsal, personal_data, told_in

SECRETS = ("practice-secret", "pat-na1-practice", "very-invalid-secret", "pat-eu1-invalid-0815", "top-secret-thing")
LEADS = 10
CHANGES = 6
"""What a right run on the small world reads, and what it would change."""


def check_words(done: Done, here: Rehearsal, *words: str) -> None:
    """The message holds these words, and nothing that must not be told."""
    said = " ".join(done.stderr.split())
    for word in words:
        assert word in said, f"{word!r} is not in: {done.stderr}"
    assert "Traceback" not in done.stdout + done.stderr
    assert [secret for secret in SECRETS if secret in done.stdout + done.stderr] == []
    for crm in here.urls:
        assert told_in(done.stderr, personal_data(here.state(crm))) == []


def check_works(here: Rehearsal, *connections: str, right: Rehearsal | None = None) -> None:
    """With the files of `right`, the same store serves a right run."""
    if right is not None:
        for name in ("crmsync.yaml", ".env", "policy.yaml", "roster.yaml", *(f"mappings/{crm}.yaml" for crm in CRMS)):
            here.file(name).write_bytes(right.file(name).read_bytes())
    for plan in here.json("run", *connections, "--dry-run")["plans"]:
        assert (plan["counts"]["leads"], len(plan["changes"])) == (LEADS, CHANGES)


def set_options(here: Rehearsal, **options: Any) -> None:
    """Set options of both connections."""

    def change(data: Any) -> None:
        for connection in data["connections"].values():
            connection["options"] |= options

    here.change("crmsync.yaml", change)


def set_guards(here: Rehearsal, **guards: Any) -> None:
    """These guards, and the defaults for all others, for both connections."""

    def change(data: Any) -> None:
        for connection in data["connections"].values():
            connection["guards"] = deepcopy(guards)

    here.change("crmsync.yaml", change)


def replace(here: Rehearsal, name: str, old: str, new: str, *, times: int = 1) -> None:
    """Other words in a file, in as many places."""
    text = here.file(name).read_text(encoding="utf-8")
    assert text.count(old) == times, f"{old!r} stands {text.count(old)} times in {name}"
    here.file(name).write_text(text.replace(old, new), encoding="utf-8")
