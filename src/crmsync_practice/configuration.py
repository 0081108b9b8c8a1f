"""Writes a crmsync configuration that works against a running practice CRM as it stands.

The texts are made by FILES, one builder per file; a file name may hold `{connection}`, which then makes
one file per served CRM. Nothing is written when any of them is already there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crmsync_practice.records import Crm

MESSAGE_KEY = "practice-outbound-key"
WEBHOOK_SECRET = "practice-client-secret"  # noqa: S105 - of a rehearsal, on loopback


def hook_of(crm: Crm, base: str) -> dict[str, str]:
    """The switches by which a CRM tells changes to the service that is configured beside it."""
    if crm == "salesforce":
        return {"outbound_url": f"{base}/hooks/salesforce?key={MESSAGE_KEY}"}
    return {"webhook_url": f"{base}/hooks/hubspot", "webhook_secret": WEBHOOK_SECRET}


class ConfigurationRefused(Exception):
    """A configuration is already there, or has no place; it says what was written."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What the builders know: base URLs by CRM, the org's zone, the users in the import shape, and for each CRM
    import attribute → (native field of the lead, type), all native fields of a lead, the object that holds
    the leads, and user id → native id.
    `activity_words`: `kind` and `outcome` → what the activities say. `hooks`: where changes are told. `event_bus`:
    address of Salesforce's.
    """

    urls: Mapping[Crm, str]
    timezone: str
    users: Sequence[Mapping[str, Any]]
    attribute_fields: Mapping[Crm, Mapping[str, tuple[str, str]]]
    lead_fields: Mapping[Crm, Set[str]]
    lead_objects: Mapping[Crm, str]
    native_users: Mapping[Crm, Mapping[str, str]]
    activity_words: Mapping[str, Set[str]]
    hooks: str | None = None
    event_bus: str | None = None


Builder = Callable[[Setting, Crm | None], str]
"""Makes one file's text; the second argument is the connection of a per-connection file, else None."""


def _environment(setting: Setting, _: Crm | None) -> str:
    """`.env`: the secrets. Any credential signs in to a practice CRM unless it says `invalid` or
    `expired`.
    """
    lines = ["# Secrets of the practice CRMs: made up, and good for nothing else."]
    if "salesforce" in setting.urls:
        lines += [
            "CRMSYNC_SALESFORCE_CLIENT_ID=practice-client",
            "CRMSYNC_SALESFORCE_CLIENT_SECRET=practice-secret",
        ]
    if "hubspot" in setting.urls:
        lines += ["CRMSYNC_HUBSPOT_ACCESS_TOKEN=pat-na1-practice"]
    if setting.hooks is not None:
        secrets = {"salesforce": f"OUTBOUND_MESSAGE_KEY={MESSAGE_KEY}", "hubspot": f"WEBHOOK_SECRET={WEBHOOK_SECRET}"}
        lines += [f"CRMSYNC_{crm.upper()}_{secrets[crm]}" for crm in setting.urls]
        lines += ["CRMSYNC_HOOKS_SECRET=practice-touch-secret"]
    return "\n".join(lines) + "\n"


FILES: dict[str, Builder] = {".env": _environment}
"""File name to builder."""

STORE = "crmsync.db"
"""The store that the configuration names; an existing one belongs to another rehearsal."""


def refuse_existing(directory: Path, crms: Sequence[Crm]) -> None:
    """Raises ConfigurationRefused when a file that would be written, or the store, exists."""
    for name in (*_targets(crms), STORE):
        if (directory / name).exists():
            raise ConfigurationRefused(f"{directory / name} is already there; nothing was written")


def write_configuration(directory: Path, setting: Setting) -> None:
    """Writes all files; raises ConfigurationRefused (nothing written) when one is already there."""
    crms = list(setting.urls)
    refuse_existing(directory, crms)
    texts = {name: builder(setting, crm) for name, (builder, crm) in _targets(crms).items()}
    try:
        for name, text in texts.items():
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            if name == ".env":
                path.chmod(0o600)
    except OSError as error:
        raise ConfigurationRefused(f"{path} cannot be written: {error.strerror}") from None


def _targets(crms: Sequence[Crm]) -> dict[str, tuple[Builder, Crm | None]]:
    targets: dict[str, tuple[Builder, Crm | None]] = {}
    for name, builder in FILES.items():
        if "{connection}" in name:
            targets.update({name.format(connection=crm): (builder, crm) for crm in crms})
        else:
            targets[name] = (builder, None)
    return targets
