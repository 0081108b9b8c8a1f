"""Policies by themselves, without a CRM and without a store: the configured one, a file, or a shipped preset."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from msgspec import Struct

from crmsync.configuration import did_you_mean, validated
from crmsync.errors import UsageError
from crmsync.languages.known import Language
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.language.reading import policy_from
from crmsync.settings import SettingsFile, document_at, language_of_machine, policy_of, presets


class PresetSummary(Struct, frozen=True):
    """A shipped policy as a list shows it. `ladder`: stage labels from the bottom."""

    name: str
    extends: str | None
    ladder: tuple[str, ...]
    hand_off: str | None
    confirmation: str | None

    def to_json(self) -> dict[str, Any]:
        """All keys, always."""
        return {
            "name": self.name,
            "extends": self.extends,
            "ladder": list(self.ladder),
            "hand_off": self.hand_off,
            "sales_confirmation": self.confirmation,
        }


def chosen_policy(config: Path, wanted: str | None) -> Policy:
    """The policy that `--policy` names (a file, else a preset), else the one of the configuration.

    Only the policy is read: mappings, roster and secrets may be missing. Raises `ConfigurationError`, and
    `UsageError` when neither file nor preset has that name.
    """
    if wanted is None:
        settings = configured(config)
        return policy_in(config.parent / settings.policy)
    path = Path(wanted)
    if path.is_file():
        return policy_in(path)
    return preset(wanted)


def configured(config: Path) -> SettingsFile:
    """What crmsync.yaml says, by itself."""
    return validated(
        SettingsFile, document_at(config, "name it with --config, or a policy with --policy FILE or a preset")
    )


def language_of(config: Path) -> Language:
    """In which pages are written: the machine's language, else that of the configuration, if there is one."""
    return language_of_machine(config.parent) or (configured(config).language if config.is_file() else "en")


def policy_in(path: Path) -> Policy:
    """The policy in a file, with the preset it extends and the list files beside it."""
    return policy_of(document_at(path), path)


def preset(name: str) -> Policy:
    """A shipped policy. Raises `UsageError` when there is none of that name."""
    shipped = presets()
    if name not in shipped:
        hint = did_you_mean(name, shipped)
        raise UsageError(f"`{name}` is neither a file nor a shipped policy", hint=hint)
    return policy_from(shipped[name], shipped)


def preset_summaries() -> list[PresetSummary]:
    """Every shipped policy, by name."""
    shipped = presets()
    return [_summary(name, policy_from(document, shipped)) for name, document in sorted(shipped.items())]


def _summary(name: str, policy: Policy) -> PresetSummary:
    return PresetSummary(
        name=name,
        extends=policy.extends,
        ladder=tuple(policy.label_of(rung.stage) for rung in policy.ladder),
        hand_off=next((policy.label_of(stage) for stage in policy.stages_handed_over), None),
        confirmation=policy.sales_confirmation.mode if policy.sales_confirmation else None,
    )
